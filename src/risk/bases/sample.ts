import type { Position } from '../../domain/book.ts';

/** Positions of a book that stand for all of them. Secret. */
export type PositionSample = {
  /** Taken as they are: the whole book where it is small, else its largest positions. */
  readonly certain: readonly Position[];
  /** Drawn in proportion to exposure and scaled up by it, in groups that each stand for an equal part of the rest. */
  readonly drawn: readonly (readonly Position[])[];
};

/** Positions that are revalued one by one to measure an approximation. */
export const SAMPLE_SIZE = 4096;
const GROUPS = 8;

/**
 * Systematic sampling with probability proportional to exposure |units| spot: W. G. Cochran, "Sampling Techniques", 3rd ed. (1977),
 * section 9A.5. Positions larger than the sampling step are taken for certain. Estimates of sums are unbiased over the start of
 * the step, for which the middle stands: nothing here depends on randomness.
 * @param exposure of each position. @param take makes position i.
 */
export function samplePositions(
  exposure: Float64Array,
  take: (i: number) => Position,
  size: number = SAMPLE_SIZE,
): PositionSample {
  const count = exposure.length;
  if (count <= size) return { certain: Array.from({ length: count }, (_, i) => take(i)), drawn: [] };
  const threshold = exposure.reduce((sum, value) => sum + value, 0) / size;
  const certain: Position[] = [];
  let remaining = 0;
  for (let i = 0; i < count; i++) {
    if (exposure[i]! > threshold) certain.push(take(i));
    else remaining += exposure[i]!;
  }
  if (remaining === 0) return { certain, drawn: [] };
  const step = remaining / Math.max(size - certain.length, size >> 1);
  const drawn: Position[][] = Array.from({ length: GROUPS }, () => []);
  let walked = 0;
  let hits = 0;
  for (let i = 0; i < count; i++) {
    if (exposure[i]! > threshold || exposure[i] === 0) continue;
    walked += exposure[i]!;
    while (walked > (hits + 0.5) * step) {
      const position = take(i);
      drawn[hits % GROUPS]!.push({ ...position, quantity: (position.quantity * step) / exposure[i]! });
      hits++;
    }
  }
  return { certain, drawn };
}
