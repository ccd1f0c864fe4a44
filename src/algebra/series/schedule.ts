import type { ChebyshevSeries } from '../arithmetic.ts';

/** A register of a schedule: an input, or the result of a step. Inputs come first. */
export type ScheduleRegister = number;

/** What a schedule reads. */
export type ScheduleInput =
  /** u in [-1, 1]: the argument, mapped from the domain of the series. */
  | { readonly kind: 'argument' }
  /** The secret factor w of output `output`. */
  | { readonly kind: 'weight'; readonly output: number }
  /** `factor` w of output `output`, made by whoever holds w in the clear: what saves the last level of a full degree. */
  | { readonly kind: 'lead'; readonly output: number; readonly factor: number };

/**
 * factor (sum of products of two secrets) + sum coefficient register + constant: one level, at most one relinearisation. All
 * products and terms are added before either.
 */
export type ScheduleStep = {
  /** T_k or w T_k, read by several and taken as they come; or a part of a polynomial, read once and at whatever scale its reader wants. */
  readonly role: 'power' | 'part';
  readonly products: readonly (readonly [ScheduleRegister, ScheduleRegister])[];
  readonly factor: 1 | 2;
  readonly terms: readonly { readonly register: ScheduleRegister; readonly coefficient: number }[];
  readonly constant: number;
  /** Levels spent when the result is there: as late as its readers allow, since work is cheaper on fewer primes. */
  readonly depth: number;
  /** For reading: T8, w T3, output 0. */
  readonly label: string;
};

export type ScheduleCost = {
  /** Levels from the inputs to the deepest output, public products counted. */
  readonly depth: number;
  /** Longest chain of products of two secrets: rounds on shares. */
  readonly secretDepth: number;
  /** Products of two secrets, squares included. */
  readonly products: number;
  readonly relinearisations: number;
  readonly rescales: number;
  /** Products of a secret by a public constant. */
  readonly plainProducts: number;
  /** All of these weighted by the primes in use; in units of {@link OperationWeights}. */
  readonly weighted: number;
};

/** How to evaluate polynomials of one argument, whatever the scheme: steps in an order in which they can run. */
export type PolynomialSchedule = {
  readonly inputs: readonly ScheduleInput[];
  readonly steps: readonly ScheduleStep[];
  /** Register of every output. */
  readonly outputs: readonly ScheduleRegister[];
  readonly cost: ScheduleCost;
};

/** A polynomial to evaluate; `weighted` asks for w p(x) with a secret w instead of p(x). */
export type ScheduleRequest = {
  readonly series: Pick<ChebyshevSeries, 'coefficients'>;
  readonly weighted?: boolean;
  /** Allows an input C w where it saves a level: a weighted polynomial of degree 2^k - 1. */
  readonly lead?: boolean;
};

/** Cost of an operation on k primes. */
export type OperationWeights = {
  readonly product: (primes: number) => number;
  readonly relinearisation: (primes: number) => number;
  readonly rescale: (primes: number) => number;
  readonly plainProduct: (primes: number) => number;
};

/** Milliseconds of node-seal at N = 16384 (docs/parameters.md): key switching is quadratic in the primes, the rest linear. */
export const NODE_SEAL_WEIGHTS: OperationWeights = {
  product: (primes) => 0.67 * primes,
  relinearisation: (primes) => 0.62 * primes * (primes + 1),
  rescale: (primes) => 0.88 * primes,
  plainProduct: (primes) => 0.34 * primes,
};

/** Counts a schedule's work; the last output is taken to end on one prime. */
export function costOfSteps(
  inputs: number,
  steps: readonly ScheduleStep[],
  weights: OperationWeights = NODE_SEAL_WEIGHTS,
): ScheduleCost {
  const depth = steps.reduce((most, step) => Math.max(most, step.depth), 0);
  const rounds = new Array<number>(inputs).fill(0);
  let products = 0;
  let relinearisations = 0;
  let plainProducts = 0;
  let weighted = 0;
  for (const step of steps) {
    const primes = depth - step.depth + 2;
    const read = [...step.products.flat(), ...step.terms.map(({ register }) => register)];
    const before = read.reduce((most, register) => Math.max(most, rounds[register]!), 0);
    rounds.push(before + (step.products.length > 0 ? 1 : 0));
    products += step.products.length;
    plainProducts += step.terms.length;
    weighted += step.products.length * weights.product(primes) + weights.rescale(primes);
    weighted += step.terms.length * weights.plainProduct(primes);
    if (step.products.length > 0) {
      relinearisations++;
      weighted += weights.relinearisation(primes);
    }
  }
  return {
    depth,
    secretDepth: Math.max(0, ...rounds),
    products,
    relinearisations,
    rescales: steps.length,
    plainProducts,
    weighted,
  };
}
