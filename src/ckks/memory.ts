import { PlanError } from '../base/errors.ts';
import { expiringRegisters } from './slots/execute.ts';
import {
  type EvaluationKeySpec,
  evaluationKeyLength,
  galoisElementsOf,
  type RingSize,
} from './slots/keys.ts';
import type { SlotProgram } from './slots/program.ts';

/*
 * Bytes of SEAL's linear memory, predicted before anything is allocated: SEAL never returns from an allocation that
 * fails. Read from SEAL 4.1.2's sources and checked against node-seal by tests (predicted >= measured, within a factor of 2):
 * - a context has, for each level of k primes, tables of 32 N bytes a prime and as many and one more for a base that
 *   CKKS never uses;
 * - polynomials come from pools, one a size, which hand back nothing: a pool that holds n objects has room for the least
 *   1 + 2 + ... + m >= n;
 * - the linear memory grows by at least a fifth, at most 96 MiB, at a time, and never shrinks.
 */
const MiB = 2 ** 20;
/** Code, static data and stack. */
const BASE_BYTES = 6 * MiB;
const INITIAL_BYTES = 16 * MiB;
const GROWTH = 1.2;
const LARGEST_GROWTH_BYTES = 96 * MiB;

/** What a worker may take: WebAssembly ends at 4 GiB. */
export const DEFAULT_MEMORY_LIMIT: number = 3 * 2 ** 30;

/** Peak bytes, by what they are for. `total` includes the room that the memory takes ahead. */
export type MemoryPrediction = {
  readonly context: number;
  readonly keys: number;
  /** Encoded operands. */
  readonly plaintexts: number;
  /** Ciphertexts alive at once. */
  readonly registers: number;
  /** Temporary polynomials, and bytes on their way in or out. */
  readonly scratch: number;
  readonly total: number;
};

/** Peak memory of a worker that evaluates a program on node-seal: one context, its keys, its operands, its registers. */
export function sealEvaluatorMemory(
  ring: RingSize,
  program: SlotProgram,
  spec: EvaluationKeySpec,
): MemoryPrediction {
  const polynomial = (level: number) => 8 * ring.degree * (level + 1);
  const bytes = evaluationKeyLength(ring, spec, 'seeded');
  const pools = new Pools();
  const expiring = expiringRegisters(program);
  const alive = new Map<number, number>();
  for (const [index, { level, components }] of program.instructions.entries()) {
    alive.set(index, components * polynomial(level));
    pools.take(components * polynomial(level));
    for (const register of expiring[index]!) pools.release(alive.get(register)!);
  }
  const levels = new Set(program.instructions.map(({ level }) => level));
  const top = ring.dataPrimes - 1;
  // A vector is encoded at the top level, then cut.
  levels.add(top);
  // Key switching at a level: digits, products over one prime more, in 128 bits where sums are lazy; rescaling: a copy.
  const scratch = [...levels].reduce((sum, level) => sum + 12 * polynomial(level), 0);
  const inFlight = Math.max(bytes.relinearisation, bytes.galois, 3 * polynomial(top));
  return predicted({
    context: contextBytes(ring),
    keys: pooled(switchingKeys(ring, spec), 16 * ring.degree * (ring.dataPrimes + 1)),
    plaintexts: program.plaintexts.reduce((sum, { level }) => sum + polynomial(level), 0),
    registers: pools.peak,
    scratch: scratch + inFlight,
  });
}

/** Peak memory of a worker that holds a secret key and makes evaluation keys. */
export function keyHolderMemory(
  ring: RingSize,
  spec: EvaluationKeySpec,
  form: 'seeded' | 'full',
): MemoryPrediction {
  const keyPolynomial = 8 * ring.degree * (ring.dataPrimes + 1);
  // Made one after the other, from one pool.
  const made = spec.relinearise || galoisElementsOf(spec, ring.degree).length > 0;
  const one = { relinearise: false, rotations: made ? [1] : [], conjugate: false };
  return predicted({
    context: contextBytes(ring),
    // Secret and public key, in the holder, its encryptor, its decryptor and a generator.
    keys: pooled(made ? ring.dataPrimes : 0, 2 * keyPolynomial) + 16 * keyPolynomial,
    plaintexts: 2 * keyPolynomial,
    registers: 2 * keyPolynomial,
    scratch: 3 * evaluationKeyLength(ring, one, form).total + 8 * keyPolynomial,
  });
}

/**
 * Refuses what would not fit.
 * @throws PlanError saying how much is needed, for what, and what would fit.
 */
export function checkMemory(
  prediction: MemoryPrediction,
  limit: number = DEFAULT_MEMORY_LIMIT,
  what = 'this program',
): void {
  if (prediction.total <= limit) return;
  const { total, context, keys, plaintexts, registers } = prediction;
  const parts = Object.entries({ context, keys, plaintexts, registers }).sort(([, a], [, b]) => b - a);
  const [largest] = parts[0]!;
  throw new PlanError(
    `${what} needs ${inMiB(total)} of memory, more than the limit of ${inMiB(limit)} ` +
      `(${parts.map(([name, size]) => `${name} ${inMiB(size)}`).join(', ')}): ${ADVICE[largest]}`,
    { needed: total, limit, context, keys, plaintexts, registers },
  );
}

const ADVICE: Readonly<Record<string, string>> = {
  context: 'use fewer levels or a smaller degree',
  keys: 'rotate by fewer distinct steps, or split the circuit',
  plaintexts: 'split the circuit, so that fewer public vectors are held at once',
  registers: 'split the circuit into parts that hold fewer intermediate results',
};

const inMiB = (bytes: number): string => `${Math.ceil(bytes / MiB)} MiB`;

/** Digit ciphertexts of all key-switching keys. */
function switchingKeys(ring: RingSize, spec: EvaluationKeySpec): number {
  return (Number(spec.relinearise) + galoisElementsOf(spec, ring.degree).length) * ring.dataPrimes;
}

function contextBytes({ degree, dataPrimes }: RingSize): number {
  const primes = dataPrimes + 1;
  return BASE_BYTES + 32 * degree * primes * (primes + 2);
}

function predicted(parts: Omit<MemoryPrediction, 'total'>): MemoryPrediction {
  const used = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
  const total = Math.max(INITIAL_BYTES, Math.min(GROWTH * used, used + LARGEST_GROWTH_BYTES));
  return { ...parts, total };
}

/** Bytes of a pool that holds `count` objects of `size` bytes. */
function pooled(count: number, size: number): number {
  let room = 0;
  for (let block = 1; room < count; block++) room += block;
  return room * size;
}

/** Objects taken from pools of their sizes and given back; the pools keep what they once had. */
class Pools {
  readonly #alive = new Map<number, number>();
  readonly #most = new Map<number, number>();

  take(size: number): void {
    const count = (this.#alive.get(size) ?? 0) + 1;
    this.#alive.set(size, count);
    this.#most.set(size, Math.max(count, this.#most.get(size) ?? 0));
  }

  release(size: number): void {
    this.#alive.set(size, this.#alive.get(size)! - 1);
  }

  get peak(): number {
    let sum = 0;
    for (const [size, count] of this.#most) sum += pooled(count, size);
    return sum;
  }
}
