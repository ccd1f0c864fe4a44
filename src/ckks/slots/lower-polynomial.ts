import type { ChebyshevSeries } from '../../algebra/arithmetic.ts';
import type { PolynomialSchedule, ScheduleStep } from '../../algebra/series/schedule.ts';
import { schedulePolynomials } from '../../algebra/series/schedule-of.ts';
import { PlanError } from '../../base/errors.ts';
import type { SlotProgramBuilder } from './builder.ts';
import type { SlotRegister } from './draft.ts';
import { absOf, mulIntervals, within } from './interval.ts';
import { seriesRange, seriesSchedule, seriesSlope, seriesSlopeBySquare } from './series-facts.ts';

/** A polynomial to evaluate in every slot: p(x), or w p(x) at no further level. */
export type PolynomialTarget = {
  readonly series: ChebyshevSeries;
  readonly weight?: SlotRegister;
  /** The result is carried as value / unit at the canonical scale; default 1. */
  readonly unit?: number;
};

/** By how many bits the scale of the largest power may drift from canonical before a level is spent on the argument's. */
const LARGEST_DRIFT_BITS = 2;

/**
 * Writes the evaluation of polynomials of one argument: T_k made once, weights at the leaves, one relinearisation and one rescale a
 * step, exact scales throughout.
 *
 * Scales are never adjusted, they are chosen: powers take the scale that their factors give; a part of a polynomial is told by its
 * reader which scale makes the reader's sum exact, and passes that on to its own parts; constants, encoded as numbers, carry what is missing.
 * In T_(i+j) = 2 T_i T_j - T_(i-j) the subtrahend is lifted by a product with -1 at the missing scale, before the rescale.
 * The result is pending: relinearised and rescaled by whoever reads it, so that sums of several polynomials share both.
 *
 * Levels: ceil(log2(degree + 1)), with a weight ceil(log2(degree + 2)), from the lower of argument and weights; one more where the scale
 * of the argument is far from canonical scale / half-width of the domain ({@link unitsOf} asks for that one).
 * Coefficients that round to nothing at the chain's scale are left out before the split is planned.
 * @param x settled or not; its declared bound should imply the domain, which all series must share.
 * @throws PlanError for series that differ in domain or are constant, or where levels or modulus do not suffice.
 */
export function lowerPolynomials(
  builder: SlotProgramBuilder,
  x: SlotRegister,
  targets: readonly PolynomialTarget[],
): SlotRegister[] {
  const domain = commonDomain(targets);
  // Coefficients below a quarter of what the scale can tell from zero are inaudible.
  const least = 2 ** -(builder.chain.scaleBits + 2);
  const schedule =
    targets.length === 1
      ? seriesSchedule(targets[0]!.series, least, targets[0]!.weight !== undefined)
      : schedulePolynomials(
          targets.map(({ series, weight }) => ({
            series: { coefficients: series.coefficients.map((c) => (Math.abs(c) < least ? 0 : c)) },
            weighted: weight !== undefined,
          })),
        );
  const argument = normalised(builder, builder.settle(x), domain, schedule.cost.depth);
  const weights = targets.map(({ weight }) => (weight === undefined ? undefined : builder.settle(weight)));
  const writer = new PolynomialWriter(builder, schedule, argument, weights);
  return targets.map((target, output) => {
    const result = writer.output(output, target.unit ?? 1);
    const size = target.weight === undefined ? 1 : absOf(builder.boundOf(target.weight));
    builder.declareOmission(result, size * omitted(target.series, least));
    describe(builder, result, x, target);
    describeWithin(builder, result, target, argument, weights[output], writer.square());
    return result;
  });
}

class PolynomialWriter {
  readonly #builder: SlotProgramBuilder;
  readonly #schedule: PolynomialSchedule;
  /** Inputs, and powers when they are first read. */
  readonly #registers: (SlotRegister | undefined)[];
  /** Level at which nothing is spent yet. */
  readonly #top: number;

  constructor(
    builder: SlotProgramBuilder,
    schedule: PolynomialSchedule,
    argument: SlotRegister,
    weights: readonly (SlotRegister | undefined)[],
  ) {
    this.#builder = builder;
    this.#schedule = schedule;
    this.#registers = schedule.inputs.map((input) =>
      input.kind === 'argument' ? argument : weights[input.output],
    );
    this.#top = Math.min(...this.#registers.map((register) => register!.level));
  }

  output(output: number, unit: number): SlotRegister {
    const step = this.#stepOf(this.#schedule.outputs[output]!);
    return this.#part(step, this.#builder.pendingScaleAt(this.#levelOf(step)) / unit);
  }

  /**
   * The register of T_2, where the schedule computes e(T_2) + u o(T_2): where nothing but T_2 itself is a product of two odd powers.
   */
  square(): SlotRegister | undefined {
    const { inputs, steps } = this.#schedule;
    const odd = inputs.map(({ kind }) => kind === 'argument');
    let square: number | undefined;
    for (const { products, terms } of steps) {
      const first = products[0] ?? [];
      const own = products.length === 1 && first.every((register) => inputs[register]?.kind === 'argument');
      if (own) square = odd.length;
      else if (products.some(([a, b]) => odd[a] && odd[b])) return undefined;
      const parts = [
        ...products.map(([a, b]) => odd[a] !== odd[b]),
        ...terms.map(({ register }) => odd[register]!),
      ];
      // A part that mixes both parities counts as odd: it may not be multiplied by another.
      odd.push(!own && parts.some((part) => part));
    }
    return square === undefined ? undefined : this.#registers[square];
  }

  /** Level at which a step's products are taken; its result is one below. */
  #levelOf(step: ScheduleStep): number {
    return this.#top - step.depth + 1;
  }

  #stepOf(register: number): ScheduleStep {
    return this.#schedule.steps[register - this.#schedule.inputs.length]!;
  }

  /** An input or a power, down at a level. */
  #power(register: number, level: number): SlotRegister {
    this.#registers[register] ??= this.#makePower(this.#stepOf(register));
    return this.#builder.dropTo(this.#registers[register]!, level);
  }

  /** max |w| of a power that carries a weight, 1 of any other. */
  #sizeOf(register: number): number {
    const input = this.#schedule.inputs[register];
    if (input !== undefined)
      return input.kind === 'argument' ? 1 : absOf(this.#builder.boundOf(this.#registers[register]!));
    const [[a, b]] = this.#stepOf(register).products as [readonly [number, number]];
    return this.#sizeOf(a) * this.#sizeOf(b);
  }

  #makePower(step: ScheduleStep): SlotRegister {
    const builder = this.#builder;
    const level = this.#levelOf(step);
    const [[a, b]] = step.products as [readonly [number, number]];
    const [x, y] = [this.#power(a, level), this.#power(b, level)];
    let sum = builder.multiply(x, y);
    if (step.factor === 2) sum = builder.add(sum, sum);
    for (const { register, coefficient } of step.terms) {
      const term = this.#power(register, level);
      sum = builder.add(sum, builder.mulPlain(term, coefficient, sum.scale / term.scale));
    }
    if (step.constant !== 0) sum = builder.addPlain(sum, step.constant);
    // |T_k| <= 1, however small the argument; for w T_k, |w|.
    builder.declareBound(sum, within(this.#sizeOf(a) * this.#sizeOf(b)));
    return builder.rescale(builder.relinearise(sum));
  }

  /** The sum of a step at exactly this scale, before its relinearisation and rescale. */
  #part(step: ScheduleStep, scale: number): SlotRegister {
    const builder = this.#builder;
    const level = this.#levelOf(step);
    const pairs = step.products.map(([power, part]) => {
      const x = this.#power(power, level);
      const above = this.#part(this.#stepOf(part), (scale / x.scale) * builder.chain.primes[level + 1]!);
      return [x, builder.rescale(builder.relinearise(above))] as const;
    });
    let dropped = 0;
    const terms = step.terms.flatMap(({ register, coefficient }) => {
      const power = this.#power(register, level);
      if (Math.abs(coefficient) * (scale / power.scale) >= 0.5) return [{ a: power, values: coefficient }];
      dropped += Math.abs(coefficient) * this.#sizeOf(register);
      return [];
    });
    const sums: SlotRegister[] = [];
    if (pairs.length === 1) sums.push(builder.multiply(...pairs[0]!));
    else if (pairs.length > 1) sums.push(builder.innerProduct(pairs));
    if (terms.length > 0) sums.push(builder.innerProductPlain(terms, scale));
    if (sums.length === 0) {
      throw new PlanError(
        `the part ${step.label} of a polynomial rounds to zero at 2^${Math.log2(scale).toFixed(0)}; use a larger scale or a series of larger error`,
        { part: step.label },
      );
    }
    const sum = sums.reduce((a, b) => builder.add(a, b));
    builder.declareOmission(sum, dropped);
    return step.constant === 0 ? sum : builder.addPlain(sum, step.constant);
  }
}

/** What coefficients that are left out could add. */
function omitted({ coefficients }: ChebyshevSeries, least: number): number {
  return coefficients.reduce((sum, c) => (Math.abs(c) < least ? sum + Math.abs(c) : sum), 0);
}

function commonDomain(targets: readonly PolynomialTarget[]): readonly [number, number] {
  const [first, ...others] = targets;
  if (first === undefined) throw new PlanError('expected at least one polynomial, found none');
  const { domain } = first.series;
  for (const { series } of others) {
    if (series.domain[0] === domain[0] && series.domain[1] === domain[1]) continue;
    throw new PlanError(`expected series on one domain, found [${domain}] and [${series.domain}]`);
  }
  return domain;
}

/** u = (2x - low - high) / (high - low): the factor changes the reading of the scale, the shift is a sum, neither costs a level. */
function normalised(
  builder: SlotProgramBuilder,
  x: SlotRegister,
  [low, high]: readonly [number, number],
  depth: number,
): SlotRegister {
  const half = 0.5 * (high - low);
  const mid = 0.5 * (low + high);
  const centred = mid === 0 ? x : builder.addPlain(x, -mid);
  const unit = builder.reinterpret(centred, 1 / half);
  builder.declareBound(unit, within(1));
  // T_(2^k) has the 2^k-th power of the argument's ratio to the canonical scale.
  const drift = Math.abs(Math.log2(unit.scale / builder.scaleAt(unit.level))) * 2 ** (depth - 1);
  if (drift <= LARGEST_DRIFT_BITS) return unit;
  return builder.rescale(builder.mulPlain(unit, 1));
}

/** What the instructions do not show: the range of the result, and how it depends on argument and weight. */
function describe(
  builder: SlotProgramBuilder,
  result: SlotRegister,
  x: SlotRegister,
  { series, weight }: PolynomialTarget,
): void {
  const range = seriesRange(series);
  const slope = seriesSlope(series);
  if (weight === undefined) {
    builder.declareBound(result, range);
    builder.declareLinearisation(result, [{ of: x, sensitivity: slope }]);
    return;
  }
  const factor = builder.boundOf(weight);
  builder.declareBound(result, mulIntervals(range, factor));
  builder.declareLinearisation(result, [
    { of: x, sensitivity: slope * absOf(factor) },
    { of: weight, sensitivity: absOf(range) },
  ]);
}

/**
 * The same for noise that comes in on the way: with the argument mapped to u, and with T_2, of which the rest is a polynomial of
 * about half the degree. Chains of 2 T^2 - 1 alone would let the noise of T_2 grow with the square of that.
 */
function describeWithin(
  builder: SlotProgramBuilder,
  result: SlotRegister,
  { series }: PolynomialTarget,
  argument: SlotRegister,
  weight: SlotRegister | undefined,
  square: SlotRegister | undefined,
): void {
  const size = weight === undefined ? 1 : absOf(builder.boundOf(weight));
  const half = 0.5 * (series.domain[1] - series.domain[0]);
  const inputs = [{ of: argument, sensitivity: seriesSlope(series) * half * size }];
  if (weight !== undefined) inputs.push({ of: weight, sensitivity: absOf(seriesRange(series)) });
  builder.declareLinearisation(result, inputs);
  if (square === undefined) return;
  builder.declareLinearisation(result, [{ of: square, sensitivity: seriesSlopeBySquare(series) * size }]);
}
