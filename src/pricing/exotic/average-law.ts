/** Some values and their probabilities. */
export type Law = { readonly values: Float64Array; readonly weights: Float64Array };

/** Steps of a geometric walk: between the fixings that are left, ln S gains a normal step of this mean and deviation. */
export type Walk = {
  /** How often the fixing after each step counts. */
  readonly counts: Float64Array;
  readonly means: Float64Array;
  readonly deviations: Float64Array;
};

/** Beyond so many deviations a normal density is below 1e-15 of its largest value. */
const REACH = 8.3;
/** How far the law of a logarithmic sum is followed, in deviations of the last logarithm: 1e-14 of the probability is beyond. */
const RANGE = 8;
/** Steps of the trapezoidal rule over sqrt(1/(1/a^2 + 1/b^2)), a and b the deviations around a level. */
const STEP = 0.75;
/** The logarithm of a sum has singularities at +-i pi: wider steps would meet them. */
const WIDEST_STEP = 0.5;
/** Probabilities that are left out. */
const NEGLIGIBLE = 1e-20;

/**
 * The law of e^Y, Y = ln sum over i >= first of counts_i e^(X_first + ... + X_i), X_i the steps of a walk, as a quadrature: sums of
 * weight f(value) are expectations of f (F57).
 *
 * From the last step back, Y_i = X_i + ln(counts_i + e^Y_(i+1)): the density of Y_i is that of Y_(i+1) pushed through the logarithm and
 * convolved with a normal one. A. Carverhill and L. Clewlow, "Flexible convolution", Risk 3 (April 1990), 25-29; E. Benhamou, "Fast
 * Fourier transform for discrete Asian options", J. Computational Finance 6 (2002), for this order. Here both are one trapezoidal
 * sum over the old nodes, which converges exponentially as all integrands are entire but for the logarithm; normal factors come from two exponentials
 * a node (L. Greengard and J.-Y. Lee, "Accelerating the nonuniform fast Fourier transform", SIAM Review 46 (2004), section 3).
 *
 * Accuracy: for f smooth on the scale of the step before `first`, 1e-13 of its size. Cost: 0.1 us times steps times nodes; nodes are some
 * 30 times the deviation of the whole walk over the smallest around a level: 220 for 52 even steps.
 * @param first index of the first step in the sum, at least 1.
 */
export function lawOfSum(walk: Walk, first: number): Law {
  const { counts, means, deviations } = walk;
  const last = counts.length - 1;
  const grids = gridsOf(walk, first);
  let source = new Float64Array(grids.nodes);
  let target = new Float64Array(grids.nodes);
  let from = 0;
  let to = grids.counts[last]!;
  normalNodes(grids, last, means[last]! + Math.log(counts[last]!), deviations[last]!, source);
  for (let level = last - 1; level >= first; level--) {
    target.fill(0, 0, grids.counts[level]!);
    const nodes = { low: grids.lows[level + 1]!, step: grids.steps[level + 1]!, from, to };
    convolve(source, nodes, counts[level]!, means[level]!, deviations[level]!, grids, level, target);
    [source, target] = [target, source];
    from = 0;
    to = grids.counts[level]!;
    while (to > from && source[to - 1]! < NEGLIGIBLE) to--;
    while (from < to && source[from]! < NEGLIGIBLE) from++;
  }
  const low = grids.lows[first]!;
  const step = grids.steps[first]!;
  return {
    values: Float64Array.from({ length: to - from }, (_, i) => Math.exp(low + (from + i) * step)),
    weights: source.slice(from, to),
  };
}

/** Nodes of each level: lows + j steps, j < counts. */
type Grids = {
  readonly lows: Float64Array;
  readonly steps: Float64Array;
  readonly counts: Int32Array;
  /** The largest of the counts. */
  readonly nodes: number;
};

/**
 * Y is a function of the normal steps whose gradient is at most that of their sum: it leaves its mean by c deviations of the sum with
 * probability e^(-c^2/2) at most (C. Borell, Inventiones Math. 30 (1975), 207-216). The mean lies above that of the geometric average and
 * of the first term, and below the logarithm of the mean and that of the largest term.
 */
function gridsOf({ counts, means, deviations }: Walk, first: number): Grids {
  const levels = counts.length;
  const lows = new Float64Array(levels);
  const steps = new Float64Array(levels);
  const sizes = new Int32Array(levels);
  let variance = 0;
  /** Sum of counts; of counts x mean logarithm; of counts x mean; the largest upward drift: as seen from before the level. */
  let total = 0;
  let logSum = 0;
  let meanSum = 0;
  let climb = 0;
  for (let i = levels - 1; i >= first; i--) {
    const mean = means[i]!;
    const own = deviations[i]!;
    variance += own * own;
    total += counts[i]!;
    logSum += total * mean;
    meanSum = (meanSum + counts[i]!) * Math.exp(mean + 0.5 * own * own);
    climb = Math.max(0, climb + mean);
    const deviation = Math.sqrt(variance);
    // Calls are worth most where the density is tilted by e^Y, a variance higher.
    const tilt = Math.min(variance, deviation);
    const above = Math.max(Math.log(total) + logSum / total, Math.log(counts[i]!) + mean);
    const below = Math.min(Math.log(meanSum), Math.log(total) + climb + deviation);
    const before = deviations[i - 1]!;
    const step = Math.min(STEP / Math.sqrt(1 / (own * own) + 1 / (before * before)), WIDEST_STEP);
    lows[i] = above - RANGE * deviation;
    steps[i] = step;
    sizes[i] = Math.ceil((below - above + 2 * RANGE * deviation + tilt) / step) + 1;
  }
  return { lows, steps, counts: sizes, nodes: sizes.reduce((most, size) => Math.max(most, size), 0) };
}

const SQRT_TWO_PI = Math.sqrt(2 * Math.PI);

function normalNodes(grids: Grids, level: number, mean: number, deviation: number, out: Float64Array): void {
  const low = grids.lows[level]!;
  const step = grids.steps[level]!;
  for (let j = 0; j < grids.counts[level]!; j++) {
    const z = (low + j * step - mean) / deviation;
    out[j] = (Math.exp(-0.5 * z * z) * step) / (deviation * SQRT_TWO_PI);
  }
}

/** out = probabilities of X + ln(count + e^Y) at the nodes of a level, X normal, Y of probabilities `source`. */
function convolve(
  source: Float64Array,
  nodes: { readonly low: number; readonly step: number; readonly from: number; readonly to: number },
  count: number,
  mean: number,
  deviation: number,
  grids: Grids,
  level: number,
  out: Float64Array,
): void {
  const low = grids.lows[level]!;
  const step = grids.steps[level]!;
  const last = grids.counts[level]! - 1;
  const band = Math.ceil((REACH * deviation) / step);
  const scale = step / deviation;
  const bell = Float64Array.from(
    { length: band + 1 },
    (_, i) => Math.exp(-0.5 * (i * scale) ** 2) * (scale / SQRT_TWO_PI),
  );
  for (let m = nodes.from; m < nodes.to; m++) {
    const centre = (mean + Math.log(count + Math.exp(nodes.low + m * nodes.step)) - low) / step;
    const nearest = Math.round(centre);
    // What goes beyond the grid is negligible as a whole.
    if (nearest < 0 || nearest > last) continue;
    // exp(-(i - away)^2 scale^2 / 2) = exp(-i^2 scale^2 / 2) exp(-away^2 scale^2 / 2) exp(away scale^2)^i
    const away = centre - nearest;
    const height = source[m]! * Math.exp(-0.5 * (away * scale) ** 2);
    const ratio = Math.exp(away * scale * scale);
    let factor = height;
    for (let i = 0, end = Math.min(band, last - nearest); i <= end; i++) {
      out[nearest + i]! += factor * bell[i]!;
      factor *= ratio;
    }
    factor = height;
    const inverse = 1 / ratio;
    for (let i = 1, end = Math.min(band, nearest); i <= end; i++) {
      factor *= inverse;
      out[nearest - i]! += factor * bell[i]!;
    }
  }
}
