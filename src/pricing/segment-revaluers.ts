import { VOL_FLOOR } from '../domain/scenarios.ts';
import type { RevaluationKernel } from '../kernels/revaluation.ts';
import { newRevaluationKernel } from './black-scholes-kernel.ts';
import { type OptionSegment, revalueSegmentTwin, type SegmentMove } from './revalue-segment.ts';

/** A segment where it is computed. */
export type SegmentRevaluer = {
  readonly underlying: number;
  /** Column of the result, an option. */
  readonly column: Int32Array;
  /** Value change of each option in the scenario that was revalued last (F11). */
  readonly changes: Float64Array;
  revalue(move: SegmentMove): void;
};

/**
 * Moves segments into the memory of one WASM kernel, where all their scenarios are computed; where there is none, the twin
 * computes them, with the same bits. Cost: a copy of the columns, 72 bytes an option.
 * @throws RangeError for more options than 4 GiB hold.
 */
export function segmentRevaluers(segments: readonly OptionSegment[]): SegmentRevaluer[] {
  const room = segments.map(({ column }) => evenUp(column.length));
  const kernel = newRevaluationKernel(room.reduce((sum, count) => sum + count, 0));
  if (kernel === undefined) return twinRevaluers(segments);
  let from = 0;
  return segments.map((segment, i) => {
    const revaluer = kernelRevaluer(kernel, segment, from);
    from += room[i]!;
    return revaluer;
  });
}

/** The kernel takes options in pairs. */
const evenUp = (count: number): number => count + (count & 1);

function kernelRevaluer(kernel: RevaluationKernel, segment: OptionSegment, from: number): SegmentRevaluer {
  const { underlying, column, sign, logForward, rootT, vol, volByTerm, spotPv, strikePv, base } = segment;
  [sign, logForward, rootT, vol, volByTerm, spotPv, strikePv, base].forEach((values, c) => {
    kernel.inputs[c]!.set(values, from);
  });
  const count = column.length;
  return {
    underlying,
    column,
    changes: kernel.changes.subarray(from, from + count),
    revalue({ growth, logGrowth, shift, relativeShift }) {
      kernel.revalue(from, count, growth, logGrowth, shift, relativeShift, VOL_FLOOR);
    },
  };
}

/** {@link segmentRevaluers} in JavaScript. */
export function twinRevaluers(segments: readonly OptionSegment[]): SegmentRevaluer[] {
  return segments.map((segment): SegmentRevaluer => {
    const { underlying, column } = segment;
    const changes = new Float64Array(column.length);
    return { underlying, column, changes, revalue: (move) => revalueSegmentTwin(segment, move, changes) };
  });
}
