import { goldenMinimum } from '../../numeric/golden-section.ts';

/** Total variance by log-moneyness k = ln(K/F) with what the density needs of it, a column each. */
export type VarianceSmile = {
  /** w(k) = vol^2 t. */
  readonly totalVariance: Float64Array;
  /** dw/dk. */
  readonly slope: Float64Array;
  /** d2w/dk2. */
  readonly curvature: Float64Array;
  /** Durrleman's function: the density of ln S_T is g(k) phi(d2) / sqrt(w), so that g < 0 is butterfly arbitrage. */
  readonly durrleman: Float64Array;
};

/** Room for a smile of `count` strikes. */
export function allocateSmile(count: number): VarianceSmile {
  const column = (): Float64Array => new Float64Array(count);
  return { totalVariance: column(), slope: column(), curvature: column(), durrleman: column() };
}

/** Log-moneynesses between which the implied density is negative. */
export type NegativeDensity = {
  readonly from: number;
  /** Infinity, like -Infinity in `from`, where the wing itself is arbitrageable. */
  readonly to: number;
  /** Where g is least among the points looked at in between, and its value. */
  readonly at: number;
  readonly durrleman: number;
};

/** What a smile contains of static arbitrage. */
export type ButterflyReport = {
  /** Neither negative total variance nor a negative density. */
  readonly free: boolean;
  /** The least total variance. */
  readonly minimumTotalVariance: number;
  /**
   * Where the density is negative; empty where total variance is negative somewhere and there is no density to speak
   * of.
   */
  readonly negativeDensity: readonly NegativeDensity[];
};

/**
 * g(k) = (1 - k w' / (2 w))^2 - w'^2 / 4 (1/w + 1/4) + w'' / 2 (F88); NaN where w = 0.
 *
 * V. Durrleman, "From implied to spot volatilities", PhD thesis, Princeton (2003); J. Gatheral and A. Jacquier,
 * "Arbitrage-free SVI volatility surfaces", Quantitative Finance 14 (2014), 59-71, equation 2.1.
 */
export function durrlemanG(k: number, variance: number, slope: number, curvature: number): number {
  if (variance === 0) return Number.NaN;
  const head = 1 - (0.5 * k * slope) / variance;
  return head * head - 0.25 * slope * (slope / variance) - slope * slope * 0.0625 + 0.5 * curvature;
}

const SAMPLES = 512;

/**
 * The intervals of [from, to] in which a smooth g is negative, by sampling: 513 points, every local minimum among them
 * refined by golden section and every change of sign by bisection. What dips below zero between two samples and has no
 * local minimum there is missed.
 */
export function searchNegativeDensity(g: (k: number) => number, from: number, to: number): NegativeDensity[] {
  const step = (to - from) / SAMPLES;
  const points: { readonly k: number; readonly g: number }[] = [];
  const point = (k: number): { readonly k: number; readonly g: number } => ({ k, g: g(k) });
  for (let i = 0; i <= SAMPLES; i++) points.push(point(i === SAMPLES ? to : from + i * step));
  for (let i = 1; i < SAMPLES; i++) {
    const [left, middle, right] = [points[i - 1]!, points[i]!, points[i + 1]!];
    // Already negative: found in any case. Positive: the minimum in between may not be.
    if (middle.g >= 0 && middle.g <= left.g && middle.g <= right.g) {
      const least = point(goldenMinimum(g, left.k, right.k));
      if (least.g < middle.g) points.push(least);
    }
  }
  points.sort((one, other) => one.k - other.k);
  const found: NegativeDensity[] = [];
  for (let i = 0; i < points.length; i++) {
    if (!(points[i]!.g < 0)) continue;
    let last = i;
    while (points[last + 1] !== undefined && points[last + 1]!.g < 0) last++;
    let least = points[i]!;
    for (let j = i; j <= last; j++) if (points[j]!.g < least.g) least = points[j]!;
    found.push({
      from: i === 0 ? from : signChangeBetween(g, points[i]!.k, points[i - 1]!.k),
      to: last === points.length - 1 ? to : signChangeBetween(g, points[last]!.k, points[last + 1]!.k),
      at: least.k,
      durrleman: least.g,
    });
    i = last;
  }
  return found;
}

/** Between a point with g < 0 and one without. */
function signChangeBetween(g: (k: number) => number, negative: number, other: number): number {
  let [inside, outside] = [negative, other];
  for (let i = 0; i < 60 && inside !== outside; i++) {
    const middle = 0.5 * (inside + outside);
    if (middle === inside || middle === outside) break;
    if (g(middle) < 0) inside = middle;
    else outside = middle;
  }
  return inside;
}
