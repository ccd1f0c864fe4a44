import type { MemoryPrediction } from '../memory.ts';
import { expiringRegisters } from '../slots/execute.ts';
import { type EvaluationKeySpec, galoisElementsOf, type RingSize } from '../slots/keys.ts';
import { isUniform, type SlotInstruction, type SlotProgram } from '../slots/program.ts';
import { pageStride, SCRATCH_BYTES } from './page-pool.ts';

/*
 * Pages that a program takes on kernels. Pages are of one size and go back to one list, so that sums of what is alive at once are
 * exact, and the memory is grown once, to that.
 */

/** Code's own data, and what rounding to whole pages adds. */
export const BASE_BYTES: number = 2 ** 17 + SCRATCH_BYTES;

/** Peak memory of a worker that evaluates a program on kernels: at most a few pages above what it takes. */
export function kernelMemory(
  ring: RingSize,
  program: SlotProgram,
  spec: EvaluationKeySpec,
): MemoryPrediction {
  const stride = pageStride(ring.degree);
  const { tables, keys } = ringPages(ring, spec);
  const { plaintexts, registers, scratch } = programPages(program);
  const parts = {
    context: BASE_BYTES + tables * stride,
    keys: keys * stride,
    plaintexts: plaintexts * stride,
    registers: registers * stride,
    // A key is read through a page a prime, before there are registers.
    scratch: Math.max(scratch, ring.dataPrimes + 2 - registers) * stride,
  };
  return { ...parts, total: Object.values(parts).reduce((sum, bytes) => sum + bytes, 0) };
}

export type RingPages = {
  /** Roots of every prime, staging, roots of the encoder. */
  readonly tables: number;
  /** Two components of every digit modulo every prime, and a table for a rotation. */
  readonly keys: number;
};

export function ringPages({ degree, dataPrimes }: RingSize, spec: EvaluationKeySpec): RingPages {
  const one = 2 * dataPrimes * (dataPrimes + 1);
  return {
    tables: dataPrimes + 3,
    keys: Number(spec.relinearise) * one + galoisElementsOf(spec, degree).length * (one + 1),
  };
}

export type ProgramPages = {
  /** Of encoded operands. */
  readonly plaintexts: number;
  /** Of registers alive at once. */
  readonly registers: number;
  /** Of work within one operation. */
  readonly scratch: number;
};

export function programPages(program: SlotProgram): ProgramPages {
  const { instructions } = program;
  const expiring = expiringRegisters(program);
  const pagesOf = ({ level, components }: SlotInstruction) => components * (level + 1);
  let alive = 0;
  let registers = 0;
  let scratch = 2;
  instructions.forEach((instruction, index) => {
    alive += pagesOf(instruction);
    registers = Math.max(registers, alive);
    for (const register of expiring[index]!) alive -= pagesOf(instructions[register]!);
    const { op, level, args } = instruction;
    const primes = level + 1;
    if (op === 'relinearise') scratch = Math.max(scratch, 4 * primes + 3);
    if (op !== 'rotate') return;
    const next = instructions[index + 1];
    const hoists = next?.op === 'rotate' && next.args[0] === args[0];
    // All digits modulo all primes, and coefficients while they are cut.
    scratch = Math.max(scratch, 4 * primes + 3 + (hoists ? primes * primes : 0));
  });
  const plaintexts = program.plaintexts.reduce(
    (sum, plaintext) => sum + (isUniform(plaintext) ? 0 : plaintext.level + 1),
    0,
  );
  return { plaintexts, registers, scratch };
}
