/**
 * The order in which a Brownian path is built so that the first numbers decide most of it: the end first, then
 * midpoints (F114).
 *
 * B. Moskowitz and R. E. Caflisch, "Smoothness and dimension reduction in quasi-Monte Carlo methods", Math. Comput.
 * Modelling 23 (1996), 37-54; P. Glasserman, "Monte Carlo Methods in Financial Engineering", Springer (2003),
 * section 3.1.1.
 */
export type BrownianBridge = {
  /** Level l of the construction sets the path at this step, counted from 0. */
  readonly step: Int32Array;
  /** The step to the left that is already known; -1 is the start, where the path is zero. */
  readonly left: Int32Array;
  /** The step to the right that is already known; -1 where there is none. */
  readonly right: Int32Array;
  readonly leftWeight: Float64Array;
  readonly rightWeight: Float64Array;
  readonly deviation: Float64Array;
};

/** The construction for ascending times (years, the first at least 0). Cost: linear in their number. */
export function brownianBridge(times: Float64Array): BrownianBridge {
  const n = times.length;
  const bridge: BrownianBridge = {
    step: new Int32Array(n),
    left: new Int32Array(n),
    right: new Int32Array(n),
    leftWeight: new Float64Array(n),
    rightWeight: new Float64Array(n),
    deviation: new Float64Array(n),
  };
  const timeOf = (step: number): number => (step < 0 ? 0 : times[step]!);
  const put = (level: number, step: number, left: number, right: number): void => {
    bridge.step[level] = step;
    bridge.left[level] = left;
    bridge.right[level] = right;
    const before = timeOf(step) - timeOf(left);
    if (right < 0) {
      bridge.leftWeight[level] = 1;
      bridge.deviation[level] = Math.sqrt(before);
      return;
    }
    const whole = timeOf(right) - timeOf(left);
    const after = timeOf(right) - timeOf(step);
    bridge.leftWeight[level] = after / whole;
    bridge.rightWeight[level] = before / whole;
    bridge.deviation[level] = Math.sqrt((before * after) / whole);
  };
  if (n === 0) return bridge;
  put(0, n - 1, -1, -1);
  // Breadth first: coarse midpoints take the better dimensions.
  const gaps: [number, number][] = [[-1, n - 1]];
  let level = 1;
  for (const [left, right] of gaps) {
    if (right - left < 2) continue;
    const middle = (left + right) >> 1;
    put(level++, middle, left, right);
    gaps.push([left, middle], [middle, right]);
  }
  return bridge;
}

/**
 * Brownian paths from normal numbers, `count` paths at a time.
 * @param normals level l of path p is element (l x stride + offset) x count + p.
 * @param out step k of path p becomes element (outFirst + k) x count + p.
 */
export function buildBrownianPaths(
  bridge: BrownianBridge,
  normals: Float64Array,
  layout: { readonly stride: number; readonly offset: number; readonly count: number },
  out: Float64Array,
  outFirst: number,
): void {
  const { stride, offset, count } = layout;
  for (let level = 0; level < bridge.step.length; level++) {
    const from = (level * stride + offset) * count;
    const to = (outFirst + bridge.step[level]!) * count;
    const left = bridge.left[level]!;
    const right = bridge.right[level]!;
    const a = bridge.leftWeight[level]!;
    const b = bridge.rightWeight[level]!;
    const sd = bridge.deviation[level]!;
    const l = (outFirst + left) * count;
    const r = (outFirst + right) * count;
    if (left < 0 && right < 0) {
      for (let p = 0; p < count; p++) out[to + p] = sd * normals[from + p]!;
    } else if (left < 0) {
      for (let p = 0; p < count; p++) out[to + p] = b * out[r + p]! + sd * normals[from + p]!;
    } else {
      for (let p = 0; p < count; p++)
        out[to + p] = a * out[l + p]! + b * out[r + p]! + sd * normals[from + p]!;
    }
  }
}
