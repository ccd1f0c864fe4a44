import type { SlotInstruction, SlotProgram } from './program.ts';

/** One number-theoretic transform of node-seal at N = 16384, in milliseconds. */
const TRANSFORM_MS = 0.34;
const MEASURED_DEGREE = 16384;

/** A machine this much slower than the one measured still finishes in time. */
const SLOWEST = 30;
/** Garbage collection, paging, a suspended laptop. */
const SPARE_MS = 30_000;

/** How long a run of a program may take, in milliseconds, before its worker is taken to hang. Not a prediction. */
export function patienceMs(program: SlotProgram, degree: number): number {
  const transforms = program.instructions.reduce((sum, instruction) => sum + transformsOf(instruction), 0);
  const scale = (degree * Math.log2(degree)) / (MEASURED_DEGREE * Math.log2(MEASURED_DEGREE));
  return SPARE_MS + SLOWEST * TRANSFORM_MS * scale * transforms;
}

/** Work of an instruction in transforms of one polynomial modulo one prime, roughly. */
function transformsOf({ op, args, level, components }: SlotInstruction): number {
  const primes = level + 1;
  switch (op) {
    case 'relinearise':
    case 'rotate':
      // Every digit to every prime, and the quotient by the special one.
      return primes * (primes + 1) + 5 * primes;
    case 'rescale':
      return components * (primes + 2);
    case 'multiply':
    case 'square':
      return 2 * primes;
    case 'innerProduct':
    case 'innerProductPlain':
      return 2 * primes * args.length;
    default:
      return primes;
  }
}
