import { PlanError } from '../../base/errors.ts';
import { degreeOf } from '../../numeric/chebyshev/expansion.ts';
import {
  costOfSteps,
  NODE_SEAL_WEIGHTS,
  type OperationWeights,
  type PolynomialSchedule,
  type ScheduleInput,
  type ScheduleRequest,
  type ScheduleStep,
} from './schedule.ts';
import { ChebyshevRegisters, type DraftNode, type DraftStep, powersOf } from './schedule-draft.ts';
import { type SplitRequest, split } from './split.ts';

/** Below it all T_k are at hand; beyond, its doublings. */
const BASES: readonly number[] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 18, 20, 24, 28, 32];

/**
 * Least levels of p(u), or of w p(u): the degree in the inputs, a public constant counted as one, is degree + 1, or degree + 2
 * (degree + 1 where somebody supplies C w), and each level doubles what can be reached.
 */
export function depthOfDegree(degree: number, weighted = false, lead = false): number {
  const constants = weighted && !lead ? 2 : 1;
  return Math.max(1, Math.ceil(Math.log2(degree + constants)));
}

export type ScheduleOptions = Omit<ScheduleRequest, 'series'> & {
  /** Further outputs of the same argument: T_k are made once. */
  readonly sharedWith?: readonly ScheduleRequest[];
  readonly weights?: OperationWeights;
};

/**
 * A depth-optimal schedule of a series, of least cost among the baby and giant steps tried. The first output is the series, further
 * ones follow in the order of `sharedWith`. Coefficients that are exactly zero cost nothing; cut negligible ones before.
 * Cost: below a millisecond a base, 19 bases.
 * @throws PlanError for a polynomial that is constant: it needs no argument.
 * @example scheduleOf(phi, { weighted: true }).cost.relinearisations
 */
export function scheduleOf(
  series: ScheduleRequest['series'],
  { sharedWith = [], weights, weighted, lead }: ScheduleOptions = {},
): PolynomialSchedule {
  const first: ScheduleRequest = {
    series,
    ...(weighted === undefined ? {} : { weighted }),
    ...(lead === undefined ? {} : { lead }),
  };
  return schedulePolynomials([first, ...sharedWith], weights);
}

/** As {@link scheduleOf}, for any number of polynomials of one argument. @throws PlanError for none, or a constant one. */
export function schedulePolynomials(
  requests: readonly ScheduleRequest[],
  weights: OperationWeights = NODE_SEAL_WEIGHTS,
): PolynomialSchedule {
  if (requests.length === 0) throw new PlanError('expected at least one polynomial to schedule, found none');
  const degrees = requests.map(({ series }, output) => {
    const degree = degreeOf(series);
    if (degree > 0) return degree;
    throw new PlanError(`polynomial ${output} is constant: use a constant (or scale the weight) instead`, {
      output,
    });
  });
  const largest = Math.max(...degrees);
  let best: PolynomialSchedule | undefined;
  for (const base of BASES) {
    if (base > Math.max(2, largest + 1)) continue;
    const schedule = scheduleWith(base, requests, degrees, weights);
    if (schedule === undefined) continue;
    if (best === undefined || schedule.cost.weighted < best.cost.weighted * (1 - 1e-12)) best = schedule;
  }
  // Base 2 has every power of two, and with these each depth can be reached.
  return best!;
}

function scheduleWith(
  base: number,
  requests: readonly ScheduleRequest[],
  degrees: readonly number[],
  weights: OperationWeights,
): PolynomialSchedule | undefined {
  const oddBabies = requests.some(
    ({ series, weighted }) =>
      !weighted && series.coefficients.some((c, k) => k > 2 && k % 2 === 1 && c !== 0),
  );
  const powers = powersOf(base, Math.max(...degrees), oddBabies);
  const registers = new ChebyshevRegisters(powers);
  const outputs: DraftStep[] = [];
  const depths = new Map<DraftNode, number>();
  for (const [output, { series, weighted = false, lead = false }] of requests.entries()) {
    const degree = degrees[output]!;
    const full = weighted && lead && depthOfDegree(degree, true, true) < depthOfDegree(degree, true);
    const depth = depthOfDegree(degree, weighted, full);
    const request: SplitRequest = { registers, powers, output, weighted, lead: full };
    const node = split(series.coefficients.slice(0, degree + 1), depth, request);
    if (node === undefined) return undefined;
    outputs.push(node);
    depths.set(node, depth);
  }
  return numbered(outputs, depths, registers, weights);
}

/** Orders the steps, and delays each as far as its readers allow. */
function numbered(
  outputs: readonly DraftStep[],
  depths: Map<DraftNode, number>,
  registers: ChebyshevRegisters,
  weights: OperationWeights,
): PolynomialSchedule {
  const order: DraftStep[] = [];
  const inputs: DraftNode[] = [registers.argument];
  const seen = new Set<DraftNode>(inputs);
  const visit = (node: DraftNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'input') {
      inputs.push(node);
      return;
    }
    for (const read of readsOf(node)) visit(read);
    order.push(node);
  };
  for (const output of outputs) visit(output);
  for (const node of order.toReversed())
    for (const read of readsOf(node))
      depths.set(read, Math.min(depths.get(read) ?? Infinity, depths.get(node)! - 1));
  const steps = order.toSorted((a, b) => depths.get(a)! - depths.get(b)!);
  const numbers = new Map<DraftNode, number>([...inputs, ...steps].map((node, index) => [node, index]));
  const numberOf = (node: DraftNode): number => numbers.get(node)!;
  const numberedSteps = steps.map(
    (node): ScheduleStep => ({
      role: node.role,
      products: node.products.map(([a, b]) => [numberOf(a), numberOf(b)] as const),
      factor: node.factor,
      terms: node.terms.map(({ node: read, coefficient }) => ({ register: numberOf(read), coefficient })),
      constant: node.constant,
      depth: depths.get(node)!,
      label: node.label,
    }),
  );
  return {
    inputs: inputs.map((node): ScheduleInput => (node as Extract<DraftNode, { kind: 'input' }>).input),
    steps: numberedSteps,
    outputs: outputs.map(numberOf),
    cost: costOfSteps(inputs.length, numberedSteps, weights),
  };
}

function readsOf({ products, terms }: DraftStep): DraftNode[] {
  return [...products.flat(), ...terms.map(({ node }) => node)];
}
