import type { SlotProgram } from './program.ts';

/**
 * Milliseconds of an operation on k data primes at N = 16384; other N scale like a transform, N log N. Key switching with one special
 * prime transforms every digit to every prime: quadratic. Everything else is linear.
 */
export type OperationTimes = {
  readonly name: string;
  /** quadratic k^2 + linear k, for relinearisation and for each rotation. */
  readonly keySwitch: { readonly quadratic: number; readonly linear: number };
  readonly rescale: number;
  readonly multiply: number;
  readonly square: number;
  readonly mulPlain: number;
  /** Sums, negation, public summands, copies that drop primes. */
  readonly add: number;
  readonly load: number;
};

/** node-seal 7, Node 24, one core (see docs/parameters.md); fitted to k = 2 ... 8 at N = 16384, within 20 % elsewhere. */
export const NODE_SEAL_TIMES: OperationTimes = {
  name: 'node-seal',
  keySwitch: { quadratic: 0.41, linear: 1.96 },
  rescale: 0.86,
  multiply: 0.69,
  square: 0.5,
  mulPlain: 0.34,
  add: 0.06,
  load: 0.07,
};

/**
 * Our kernels on the same machine, fitted to k = 2 ... 8 at N = 16384; within 20 % at 8192. Sums of public products are fused,
 * and wait for their operands, which come from memory.
 */
export const KERNEL_TIMES: OperationTimes = {
  name: 'kernels',
  keySwitch: { quadratic: 0.11, linear: 0.26 },
  rescale: 0.14,
  multiply: 0.022,
  square: 0.015,
  mulPlain: 0.034,
  add: 0.01,
  load: 0.019,
};

/** Operations of a program and what they cost. */
export type ProgramTime = {
  /** Whose times these are: {@link OperationTimes}. */
  readonly evaluator: string;
  readonly counts: Readonly<Record<string, number>>;
  /** Milliseconds by operation. */
  readonly milliseconds: Readonly<Record<string, number>>;
  readonly total: number;
};

/** Predicted evaluation time of a program on one core, public operands encoded before. */
export function timeOf(program: SlotProgram, degree: number, times: OperationTimes): ProgramTime {
  const counts: Record<string, number> = {};
  const milliseconds: Record<string, number> = {};
  const ring = (degree * Math.log2(degree)) / (16384 * 14);
  let total = 0;
  const charge = (op: string, count: number, each: number): void => {
    counts[op] = (counts[op] ?? 0) + count;
    milliseconds[op] = (milliseconds[op] ?? 0) + count * each * ring;
    total += count * each * ring;
  };
  for (const instruction of program.instructions) {
    const { op, args, components } = instruction;
    // A rescale works on the prime that it drops, too.
    const primes = instruction.level + (op === 'rescale' ? 2 : 1);
    const half = components / 2;
    switch (op) {
      case 'input':
        charge('load', 1, times.load * primes);
        break;
      case 'relinearise':
      case 'rotate':
        charge(op, 1, times.keySwitch.quadratic * primes ** 2 + times.keySwitch.linear * primes);
        break;
      case 'rescale':
        charge(op, 1, times.rescale * primes * half);
        break;
      case 'multiply':
      case 'innerProduct':
        charge('multiply', args.length / 2, times.multiply * primes);
        break;
      case 'square':
        charge(op, 1, times.square * primes);
        break;
      case 'mulPlain':
      case 'innerProductPlain':
        charge('mulPlain', args.length, times.mulPlain * primes * half);
        break;
      default:
        charge('add', 1, times.add * primes * half);
    }
  }
  return { evaluator: times.name, counts, milliseconds, total };
}
