import { NODE_SEAL_TIMES, timeOf } from './operation-times.ts';
import type { SlotProgram } from './program.ts';

/** A machine this much slower than the one measured still finishes in time. */
const SLOWEST = 30;
/** Garbage collection, paging, a suspended laptop. */
const SPARE_MS = 30_000;

/** How long a run of a program may take, in milliseconds, before its worker is taken to hang. Not a prediction. */
export function patienceMs(program: SlotProgram, degree: number): number {
  return SPARE_MS + SLOWEST * timeOf(program, degree, NODE_SEAL_TIMES).total;
}
