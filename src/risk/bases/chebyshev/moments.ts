import type { Located } from './locate.ts';
import { cardinalMatrix, coordinatesOf, type Panel } from './panel.ts';

/** Options that are projected together: their Chebyshev polynomials stay in the first-level cache. */
export const BATCH = 256;

/**
 * Chebyshev moments of the positions in one panel:  M_ijk = sum w T_i(moneyness) T_j(expiry) T_k(mark), summed option by option and turned into
 * the weights of the panel's nodes once, at the end. Cost: n_m n_e n_k multiply-adds an option, in a product of two thin matrices.
 */
export class PanelMoments {
  readonly #panel: Panel;
  readonly #moments: Float64Array;
  readonly #left: Float64Array;
  readonly #right: Float64Array;
  #used = 0;
  readonly #z = {
    moneyness: new Float64Array(BATCH),
    expiry: new Float64Array(BATCH),
    mark: new Float64Array(BATCH),
    weight: new Float64Array(BATCH),
  };

  constructor(panel: Panel) {
    this.#panel = panel;
    const { moneyness, expiry, mark } = panel.nodes;
    this.#moments = new Float64Array(coordinatesOf(panel));
    this.#left = new Float64Array(moneyness * BATCH);
    this.#right = new Float64Array(expiry * mark * BATCH);
  }

  /** Adds option i of `located`, `weight` units of it. */
  add(located: Located, i: number, weight: number): void {
    const at = this.#used++;
    this.#z.moneyness[at] = located.moneyness[i]!;
    this.#z.expiry[at] = located.expiry[i]!;
    this.#z.mark[at] = located.mark[i]!;
    this.#z.weight[at] = weight;
    if (this.#used === BATCH) this.#flush();
  }

  /** Adds the weights of the panel's nodes to the panel's coordinates of x. */
  finish(x: Float64Array): void {
    this.#flush();
    const { moneyness, expiry, mark } = this.#panel.nodes;
    const along = (values: Float64Array, outer: number, n: number, inner: number): Float64Array => {
      const matrix = cardinalMatrix(n);
      const out = new Float64Array(values.length);
      for (let o = 0; o < outer; o++) {
        for (let p = 0; p < n; p++) {
          for (let i = 0; i < n; i++) {
            const factor = matrix[p]![i]!;
            const from = (o * n + i) * inner;
            const to = (o * n + p) * inner;
            for (let r = 0; r < inner; r++) out[to + r]! += factor * values[from + r]!;
          }
        }
      }
      return out;
    };
    const byMark = along(this.#moments, moneyness * expiry, mark, 1);
    const byExpiry = along(byMark, moneyness, expiry, mark);
    const weights = along(byExpiry, 1, moneyness, expiry * mark);
    for (let c = 0; c < weights.length; c++) x[this.#panel.offset + c]! += weights[c]!;
  }

  #flush(): void {
    const count = this.#used;
    if (count === 0) return;
    const { moneyness, expiry, mark } = this.#panel.nodes;
    fillPolynomials(this.#z.moneyness, undefined, count, moneyness, this.#left, 1);
    fillPolynomials(this.#z.expiry, this.#z.weight, count, expiry, this.#right, mark);
    for (let j = 0; j < expiry && mark > 1; j++) {
      spreadMarks(this.#right.subarray(j * mark * BATCH, (j + 1) * mark * BATCH), this.#z.mark, count, mark);
    }
    addProducts(this.#left, moneyness, this.#right, expiry * mark, count, this.#moments);
    this.#used = 0;
  }
}

/** Row i stride of `out` becomes weight T_i(z). */
function fillPolynomials(
  z: Float64Array,
  weight: Float64Array | undefined,
  count: number,
  n: number,
  out: Float64Array,
  stride: number,
): void {
  for (let b = 0; b < count; b++) {
    const w = weight === undefined ? 1 : weight[b]!;
    const x = z[b]!;
    let before = w;
    let here = w * x;
    out[b] = before;
    for (let i = 1; i < n; i++) {
      out[i * stride * BATCH + b] = here;
      const next = 2 * x * here - before;
      before = here;
      here = next;
    }
  }
}

/** Row k becomes row 0 times T_k(mark). */
function spreadMarks(rows: Float64Array, z: Float64Array, count: number, n: number): void {
  for (let b = 0; b < count; b++) {
    const x = z[b]!;
    let before = rows[b]!;
    let here = before * x;
    for (let k = 1; k < n; k++) {
      rows[k * BATCH + b] = here;
      const next = 2 * x * here - before;
      before = here;
      here = next;
    }
  }
}

/** sums[i * cols + j] += sum_b left[i][b] right[j][b], four by two entries at a time: eight sums stay in registers. */
function addProducts(
  left: Float64Array,
  rows: number,
  right: Float64Array,
  cols: number,
  count: number,
  sums: Float64Array,
): void {
  for (let i = 0; i < rows; i += 2) {
    const pair = i + 1 < rows;
    const l0 = i * BATCH;
    const l1 = pair ? l0 + BATCH : l0;
    for (let j = 0; j < cols; j += 4) {
      const wide = Math.min(4, cols - j);
      const r0 = j * BATCH;
      const r1 = wide > 1 ? r0 + BATCH : r0;
      const r2 = wide > 2 ? r0 + 2 * BATCH : r0;
      const r3 = wide > 3 ? r0 + 3 * BATCH : r0;
      let [s00, s01, s02, s03, s10, s11, s12, s13] = [0, 0, 0, 0, 0, 0, 0, 0];
      for (let b = 0; b < count; b++) {
        const a0 = left[l0 + b]!;
        const a1 = left[l1 + b]!;
        const b0 = right[r0 + b]!;
        const b1 = right[r1 + b]!;
        const b2 = right[r2 + b]!;
        const b3 = right[r3 + b]!;
        s00 += a0 * b0;
        s01 += a0 * b1;
        s02 += a0 * b2;
        s03 += a0 * b3;
        s10 += a1 * b0;
        s11 += a1 * b1;
        s12 += a1 * b2;
        s13 += a1 * b3;
      }
      const at = i * cols + j;
      sums[at]! += s00;
      if (wide > 1) sums[at + 1]! += s01;
      if (wide > 2) sums[at + 2]! += s02;
      if (wide > 3) sums[at + 3]! += s03;
      if (!pair) continue;
      sums[at + cols]! += s10;
      if (wide > 1) sums[at + cols + 1]! += s11;
      if (wide > 2) sums[at + cols + 2]! += s12;
      if (wide > 3) sums[at + cols + 3]! += s13;
    }
  }
}
