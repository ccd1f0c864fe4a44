import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { record } from '../../src/algebra/record.ts';
import type { PartyId } from '../../src/base/brand.ts';
import { ckksEvaluator } from '../../src/ckks/evaluator.ts';
import { CkksKeyHolder } from '../../src/ckks/key-holder.ts';
import { planCkks } from '../../src/ckks/plan.ts';
import type { SlotOutputs } from '../../src/ckks/slots/execute.ts';
import type { SlotPlan } from '../../src/ckks/slots/plan.ts';
import { CIPHERTEXT_HEADER_BYTES, PLAINTEXT_HEADER_BYTES } from '../../src/ckks/wire.ts';
import { sealPrimes } from '../../src/numeric/ntt-primes.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { AuditLog } from '../../src/trust/audit.ts';
import { ReleaseGuard } from '../../src/trust/release.ts';
import { inverseOf, type Negacyclic, negacyclic } from '../support/negacyclic.ts';

// The attack of li-micciancio.test.ts on slots. A result shows the real parts of all slots, hence m + m~ for the polynomial m = c0 + c1 s and
// m~ = m(1 / X): modulo the prime, at every root w of X^N + 1, one equation in s(w) and s(1 / w). Two results under one key give both.

const DEGREE = 2048;
const QUERIES = 4;
const random = new SeededRandom(7);
const spec = { length: DEGREE / 2, bound: 1 };
// Every slot is a result, and nothing is multiplied: one prime.
const circuit = record((alg, { x, z }) => ({ sum: alg.add(x, z), difference: alg.sub(x, z) }), {
  x: spec,
  z: spec,
});
type Output = 'sum' | 'difference';
type Plan = SlotPlan<'x' | 'z', Output>;
const OUTPUTS: readonly Output[] = ['sum', 'difference'];

/** cos(pi k / N). */
const COSINES = Float64Array.from({ length: 2 * DEGREE }, (_, k) => Math.cos((Math.PI * k) / DEGREE));

/** Coefficients of m + m~ from the real parts of m at the roots exp(i pi 3^j / N), which are SEAL's slots. */
function symmetricOf(slots: Float64Array, scale: number): bigint[] {
  const exponents: number[] = [];
  for (let j = 0, e = 1; j < slots.length; j++, e = (3 * e) % (2 * DEGREE)) exponents.push(e);
  return Array.from({ length: DEGREE }, (_, k) => {
    let sum = 0;
    slots.forEach((value, j) => {
      sum += value * COSINES[(k * exponents[j]!) % (2 * DEGREE)]!;
    });
    return BigInt(Math.round((4 / DEGREE) * scale * sum));
  });
}

/** For the root at every index of a transform, the index of its inverse. */
function inverseRoots(ring: Negacyclic): number[] {
  const roots = ring.forward(Array.from({ length: DEGREE }, (_, k) => (k === 1 ? 1n : 0n)));
  const indices = new Map(roots.map((root, index) => [root, index]));
  return roots.map((root) => indices.get(inverseOf(root, ring.prime))!);
}

/** Both components, in NTT form. */
function componentsOf(bytes: Uint8Array): readonly [bigint[], bigint[]] {
  const words = Array.from(new BigUint64Array(bytes.slice(CIPHERTEXT_HEADER_BYTES).buffer));
  return [words.slice(0, DEGREE), words.slice(DEGREE)];
}

/** The secret key in NTT form, from two results that may or may not be the raw decryptions. */
function solve(
  ring: Negacyclic,
  opposite: readonly number[],
  { program }: Plan,
  ciphertexts: SlotOutputs,
  results: Readonly<Record<Output, Float64Array>>,
): bigint[] {
  const { prime } = ring;
  const equations = OUTPUTS.map((name) => {
    const [c0, c1] = componentsOf(ciphertexts[name]![0]!);
    const [register] = program.outputs.find((output) => output.name === name)!.registers;
    const { scale } = program.instructions[register!]!;
    const shown = ring.forward(symmetricOf(results[name], scale));
    return { c1, right: shown.map((m, i) => m - c0[i]! - c0[opposite[i]!]!) };
  });
  const [a, b] = equations as [(typeof equations)[0], (typeof equations)[0]];
  return opposite.map((o, i) => {
    const determinant = a.c1[i]! * b.c1[o]! - a.c1[o]! * b.c1[i]!;
    const numerator = a.right[i]! * b.c1[o]! - a.c1[o]! * b.right[i]!;
    const value = (numerator * inverseOf(((determinant % prime) + prime) % prime, prime)) % prime;
    return (value + prime) % prime;
  });
}

/** Coefficients of a key that could be ternary. */
function ternary(ring: Negacyclic, key: readonly bigint[]): number {
  return ring.inverse(key).filter((c) => c === 0n || c === 1n || c === ring.prime - 1n).length;
}

describe('the attack of Li and Micciancio, on slots', () => {
  let plan: Plan;
  let holder: CkksKeyHolder;
  let guard: ReleaseGuard<Plan>;
  let result: SlotOutputs;
  let ring: Negacyclic;
  let opposite: readonly number[];
  let secret: readonly bigint[];

  beforeAll(async () => {
    // A statistical security far below the default, so that release happens at the parameters whose raw decryption is exact.
    plan = planCkks(circuit, {
      packing: 'slots',
      precision: 0.1,
      release: { queries: QUERIES, statisticalBits: 10 },
    });
    expect([plan.parameters.degree, plan.parameters.dataPrimeBits.length]).toEqual([DEGREE, 1]);
    holder = await CkksKeyHolder.create(plan.parameters);
    using evaluator = await ckksEvaluator(plan, { keys: await holder.evaluationKeys(plan) });
    const vector = () => Float64Array.from({ length: spec.length }, () => random.between(-1, 1));
    ({ outputs: result } = await evaluator.evaluate(
      await holder.encrypt(plan, { x: vector(), z: vector() }),
    ));
    guard = new ReleaseGuard(holder, plan, 'owner' as PartyId, new AuditLog('test'));
    ring = negacyclic(DEGREE, BigInt(sealPrimes(DEGREE, plan.parameters.dataPrimeBits)[0]!));
    opposite = inverseRoots(ring);
    const key = await holder.exportKey();
    secret = Array.from(new BigUint64Array(key.slice(PLAINTEXT_HEADER_BYTES).buffer));
  });
  afterAll(() => holder[Symbol.dispose]());

  it('recovers the whole key from two raw decryptions', async () => {
    const found = solve(ring, opposite, plan, result, await guard.readAsOwner(result));
    expect(found).toEqual(secret);
    expect(ternary(ring, found)).toBe(DEGREE);
  });

  it('learns nothing from what is released', async () => {
    const request = { to: 'desk' as PartyId, outputs: OUTPUTS, purpose: 'test' };
    for (let query = 0; query < QUERIES; query++) {
      const found = solve(ring, opposite, plan, result, await guard.releaseTo(request, result));
      expect(found.filter((value, i) => value === secret[i]).length).toBeLessThan(5);
      // Uniform numbers modulo a prime of some forty bits are hardly ever -1, 0 or 1.
      expect(ternary(ring, found)).toBe(0);
    }
  });
});
