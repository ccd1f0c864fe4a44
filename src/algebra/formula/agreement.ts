import { magnitudeOf } from '../bounds.ts';
import type { Circuit, InputSpec, Power } from '../circuit.ts';
import { executePlain } from '../execute.ts';

const POINTS = 8;
/** Rounding of either circuit, relative to the largest number that can meet in the first. */
const SLACK = 1e-11;
/** Fractional parts of multiples of the golden ratio are spread evenly: the same points for everybody. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

type Any = Circuit<string, string, Power>;

/**
 * Whether two circuits of the same inputs and outputs give the same values at points spread over the declared ranges, up
 * to rounding and the series' errors. Two different polynomials agree at none of them but by accident, so this catches a
 * rewriting rule that does not hold.
 */
export function agree(a: Any, b: Any): boolean {
  const largest = Math.max(
    ...a.nodes.map((node) => magnitudeOf(node.bound)),
    ...b.nodes.map((node) => magnitudeOf(node.bound)),
  );
  const slack = SLACK * largest + seriesErrors(a) + seriesErrors(b);
  let step = 0;
  for (let point = 0; point < POINTS; point++) {
    const inputs = Object.fromEntries(
      Object.entries<InputSpec>(a.inputs).map(([name, spec]) => [
        name,
        within(spec, () => (++step * GOLDEN) % 1),
      ]),
    );
    const [left, right] = [executePlain(a, inputs), executePlain(b, inputs)];
    for (const [name, values] of Object.entries(left)) {
      const others = right[name];
      if (others?.length !== values.length) return false;
      if (!values.every((value, i) => Math.abs(value - others[i]!) <= slack)) return false;
    }
  }
  return true;
}

/** A point within the declaration: drawn in the range, then drawn towards 0 as far as the 1-norm asks. */
function within(spec: InputSpec, unit: () => number): Float64Array {
  const { length, bound, l1 = Infinity, range: [low, high] = [-bound, bound] } = spec;
  const nearest = Math.min(high, Math.max(low, 0));
  const steps = Float64Array.from({ length }, () => low + (high - low) * unit() - nearest);
  const spread = steps.reduce((sum, step) => sum + Math.abs(step), 0);
  const share = Math.min(1, Math.max(0, l1 - length * Math.abs(nearest)) / spread);
  return steps.map((step) => nearest + share * step);
}

/** How far series may take two writings apart, generously: every error through the largest value, for every node. */
function seriesErrors({ nodes }: Any): number {
  const errors = nodes.reduce((sum, node) => sum + (node.op === 'poly' ? node.series.error : 0), 0);
  return errors * nodes.length * Math.max(1, ...nodes.map((node) => magnitudeOf(node.bound)));
}
