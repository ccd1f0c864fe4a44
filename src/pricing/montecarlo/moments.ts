/**
 * First and second moments of the outputs and controls of a block: all that leaves a worker. Deviations are taken
 * from the block's own means and merged pairwise, so that nothing cancels.
 */
export type BlockSums = {
  readonly block: number;
  readonly count: number;
  /** Means of the outputs, then of the controls. */
  readonly means: Float64Array;
  /**
   * Sums of products of deviations: outputs squared (outputs), outputs with controls (outputs x controls), controls
   * with controls (controls x controls).
   */
  readonly products: Float64Array;
};

/** Sums over the first `count` elements of every column. */
export function blockSums(
  block: number,
  outputs: readonly Float64Array[],
  controls: readonly Float64Array[],
  count: number,
): BlockSums {
  const columns = [...outputs, ...controls];
  const means = Float64Array.from(columns, (column) => meanOf(column, count));
  const o = outputs.length;
  const c = controls.length;
  const products = new Float64Array(o + o * c + c * c);
  const product = (i: number, j: number): number =>
    productOf(columns[i]!, means[i]!, columns[j]!, means[j]!, count);
  for (let i = 0; i < o; i++) {
    products[i] = product(i, i);
    for (let j = 0; j < c; j++) products[o + i * c + j] = product(i, o + j);
  }
  for (let i = 0; i < c; i++) {
    for (let j = 0; j <= i; j++) {
      const value = product(o + i, o + j);
      products[o + o * c + i * c + j] = value;
      products[o + o * c + j * c + i] = value;
    }
  }
  return { block, count, means, products };
}

function meanOf(column: Float64Array, count: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < count; i += 4) {
    s0 += column[i]!;
    s1 += column[i + 1]!;
    s2 += column[i + 2]!;
    s3 += column[i + 3]!;
  }
  for (; i < count; i++) s0 += column[i]!;
  return (s0 + s1 + (s2 + s3)) / count;
}

function productOf(x: Float64Array, meanX: number, y: Float64Array, meanY: number, count: number): number {
  let s0 = 0;
  let s1 = 0;
  let i = 0;
  for (; i + 1 < count; i += 2) {
    s0 += (x[i]! - meanX) * (y[i]! - meanY);
    s1 += (x[i + 1]! - meanX) * (y[i + 1]! - meanY);
  }
  if (i < count) s0 += (x[i]! - meanX) * (y[i]! - meanY);
  return s0 + s1;
}

/** Moments of several blocks, of which `outputs` columns are outputs. */
export type MergedMoments = { count: number; readonly means: Float64Array; readonly products: Float64Array };

/**
 * Adds a block to moments collected so far: T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms for computing
 * the sample variance", Amer. Statist. 37 (1983), 242-247, equation 2.1, for products of any two columns.
 */
export function mergeMoments(into: MergedMoments, from: Omit<BlockSums, 'block'>, outputs: number): void {
  const total = into.count + from.count;
  if (total === 0) return;
  const columns = into.means.length;
  const c = columns - outputs;
  const weight = (into.count * from.count) / total;
  const step = Float64Array.from(into.means, (mean, i) => from.means[i]! - mean);
  const add = (at: number, i: number, j: number): void => {
    into.products[at]! += from.products[at]! + weight * step[i]! * step[j]!;
  };
  for (let i = 0; i < outputs; i++) {
    add(i, i, i);
    for (let j = 0; j < c; j++) add(outputs + i * c + j, i, outputs + j);
  }
  for (let i = 0; i < c; i++) {
    for (let j = 0; j < c; j++) add(outputs + outputs * c + i * c + j, outputs + i, outputs + j);
  }
  for (let i = 0; i < columns; i++) into.means[i]! += (step[i]! * from.count) / total;
  into.count = total;
}

/** No samples yet. */
export function emptyMoments(outputs: number, controls: number): MergedMoments {
  return {
    count: 0,
    means: new Float64Array(outputs + controls),
    products: new Float64Array(outputs + outputs * controls + controls * controls),
  };
}
