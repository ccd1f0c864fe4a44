/** low <= value <= high, in every slot. */
export type Interval = { readonly low: number; readonly high: number };

export const ZERO: Interval = { low: 0, high: 0 };

/** The interval of magnitude at most `most`. */
export function within(most: number): Interval {
  return { low: -most, high: most };
}

export function absOf({ low, high }: Interval): number {
  return Math.max(Math.abs(low), Math.abs(high));
}

export function addIntervals(a: Interval, b: Interval): Interval {
  return { low: a.low + b.low, high: a.high + b.high };
}

export function negateInterval({ low, high }: Interval): Interval {
  return { low: -high, high: -low };
}

export function mulIntervals(a: Interval, b: Interval): Interval {
  const [w, x, y, z] = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
  return { low: Math.min(w, x, y, z), high: Math.max(w, x, y, z) };
}

/** Sharper than a product of two: a square is never negative. */
export function squareInterval({ low, high }: Interval): Interval {
  const ends = [low * low, high * high];
  return { low: low <= 0 && high >= 0 ? 0 : Math.min(...ends), high: Math.max(...ends) };
}

/** Both hold. Where rounding has made them disjoint, the second, which was told. */
export function intersect(a: Interval, b: Interval): Interval {
  const low = Math.max(a.low, b.low);
  const high = Math.min(a.high, b.high);
  return low <= high ? { low, high } : b;
}

/** Either holds. */
export function hull(a: Interval, b: Interval): Interval {
  return { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) };
}

export function boundOfValues(values: Float64Array): Interval {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}
