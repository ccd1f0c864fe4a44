import type { Ordered } from '../../algebra/arithmetic.ts';
import type { Circuit, InputSpec } from '../../algebra/circuit.ts';
import { recordOrdered } from '../../algebra/record.ts';
import { seriesFor } from '../../algebra/series/library.ts';
import { RangeError } from '../../base/errors.ts';
import { matrixOf, selectionMatrix } from '../../numeric/matrix.ts';
import { exerciseRegression } from './exercise-regression.ts';
import { growthMatrix, growthPowers, spotGrowth } from './public-growth.ts';
import { brownianPaths, type PublicSampling } from './public-paths.ts';
import { secretEstimate } from './secret-estimate.ts';
import {
  checkTerms,
  type SimulationDomain,
  type SimulationInput,
  simulationSpecs,
} from './shared-simulation.ts';

/** Public terms of an American option whose parameters are secret. */
export type AmericanSimulation = {
  readonly type: 'call' | 'put';
  /** `fractions` are the dates of exercise; today is one more. */
  readonly sampling: PublicSampling;
  /** Other paths, from which the rule of exercise is learnt, so that the price is biased low only. Default: the same paths, as in the paper. */
  readonly training?: Pick<PublicSampling, 'seed' | 'paths'>;
  readonly domain: SimulationDomain;
  /** Functions of the regression, 1 to 3: polynomials of the log spot. Default 3, as in the paper's examples. */
  readonly functions?: number;
};

export type AmericanInput = Exclude<SimulationInput, 'logBarrier' | 'logWeight'>;

/** With a fourth, inverses that are summed take up bits that values of holding need: 25 fraction bits are left at 2000 paths, against 30. */
const MOST_FUNCTIONS = 3;
/** Coefficients may exceed what they can be in exact arithmetic by this factor. */
const ROOM = 2;

/**
 * American options by Longstaff and Schwartz with secret parameters on public paths (F. A. Longstaff, E. S. Schwartz, "Valuing American options by simulation: a simple least-squares
 * approach", Rev. Financial Studies 14 (2001); F196). Backwards over the dates: the value of holding is regressed, over the paths in the money, on polynomials of the log
 * spot, and a path is exercised where its payoff is more. Everything is discounted to today, which changes no decision. Where rule and price come from the same paths, as in the
 * paper, the price is biased low by the dates and the regression and high by foresight, together about half a standard error for some hundred paths and more; with paths to
 * learn from, it is biased low only, for twice the cost.
 *
 * What opens is the price and the variance of the estimate (0 where it is best to exercise now), in units of `unit` and its square; never which path is in the money or exercised, nor how many,
 * nor a coefficient. Since the order of spots is public, nothing is solved in secret: see `exerciseRegression`. Values of holding only decide, so that their errors do not reach the price.
 *
 * The parties rely on a positive vol (`within`): where spots differ by less than their error, coefficients are not bounded. Against parties that deviate they are clamped.
 *
 * Cost: two comparisons and four products a path and date, some dozens a date; some 20 rounds a date, 90 where parties may deviate.
 * @param seriesError absolute, of spots, in units.
 * @throws RangeError, ShapeError for terms that do not fit. @throws PlanError where the box is too wide for the series.
 */
export function sharedAmerican(
  { type, sampling, training, domain, functions = 3 }: AmericanSimulation,
  seriesError = 3e-9,
): Circuit<AmericanInput, 'price' | 'variance', 'ordered'> {
  checkTerms('european', domain, sampling.correlation?.length ?? 1);
  if (!(Number.isInteger(functions) && functions >= 1 && functions <= MOST_FUNCTIONS)) {
    throw new RangeError(`expected 1 to ${MOST_FUNCTIONS} functions, found ${functions}`, { functions });
  }
  const { fractions } = sampling;
  const last = fractions.length - 1;
  const own = brownianAt(sampling);
  const learnt = training === undefined ? own : brownianAt({ ...sampling, ...training });
  const regressions = learnt.slice(0, last).map((w) => exerciseRegression(w, type === 'call', functions));
  const { logSpot, vol, carry, rate, expiryYears } = domain;
  const mostDeviation = vol * Math.sqrt(expiryYears);
  const mostMean = logSpot + carry * expiryYears;
  const leastMean = -(logSpot + (carry + rate) * expiryYears + mostDeviation ** 2 / 2);
  const farthest = [...own, ...learnt].reduce(
    (most, w) => w.reduce((far, value) => Math.max(far, Math.abs(value)), most),
    0,
  );
  const { growth, factor } = spotGrowth([leastMean, mostMean], mostDeviation, farthest, seriesError);
  const mostPayoff = type === 'put' ? domain.strike : Math.exp(mostMean + mostDeviation * farthest);
  const rates = seriesFor('exp', [-domain.rate * domain.expiryYears * (1 + 1e-9) - 1e-9, 0], 1e-11);
  const column = (values: Float64Array) => matrixOf(values.length, 1, values);
  const program = <V>(
    alg: Ordered<V>,
    x: Readonly<Record<AmericanInput, V>>,
  ): Record<'price' | 'variance', V> => {
    const owed = alg.mul(x.rate, x.expiry);
    const yielded = alg.mul(alg.sub(x.rate, x.carry), x.expiry);
    const deviation = alg.mul(x.vol, x.rootExpiry);
    const loss = alg.add(yielded, alg.scale(alg.mul(deviation, deviation), 0.5));
    const passed = column(Float64Array.from(fractions, (fraction) => -fraction));
    const discounts = alg.poly(rates, alg.matVecPlain(passed, owed));
    const strikes = alg.mul(discounts, alg.replicate(x.strike, last + 1));
    const logMeans = alg.add(alg.replicate(x.logSpot, last + 1), alg.matVecPlain(passed, loss));
    const factors = alg.poly(factor, logMeans);
    const powers = growthPowers(alg, growth, deviation);
    const pick = (vector: V, date: number, length: number): V =>
      alg.replicate(alg.matVecPlain(selectionMatrix([date], last + 1), vector), length);
    /** Payoffs at a date, discounted, and where they are positive. */
    const payoffAt = (date: number, w: Float64Array): { readonly inside: V; readonly payoff: V } => {
      const mean = pick(factors, date, growth.degree + 1);
      const spot = alg.matVecPlain(growthMatrix(growth, w, 1), alg.mul(mean, powers));
      const strike = pick(strikes, date, w.length);
      const [less, more] = type === 'put' ? [spot, strike] : [strike, spot];
      const inside = alg.lessThan(less, more);
      return { inside, payoff: alg.mul(inside, alg.sub(more, less)) };
    };
    /** What paths are worth, backwards over the dates; `coefficientsAt` gives those of the value of holding. */
    const walk = (
      paths: readonly Float64Array[],
      coefficientsAt: (date: number, inside: V, held: V) => V,
    ): V => {
      let held = payoffAt(last, paths[last]!).payoff;
      for (let date = last - 1; date >= 0; date--) {
        const { inside, payoff } = payoffAt(date, paths[date]!);
        const coefficients = coefficientsAt(date, inside, held);
        const holding = alg.matVecPlain(regressions[date]!.holdingAt(paths[date]!), coefficients);
        const exercised = alg.mul(inside, alg.lessThan(holding, payoff));
        held = alg.select(exercised, payoff, held);
      }
      return held;
    };
    const learn = (date: number, inside: V, held: V): V => {
      const { moments, inverse, mostCoefficient } = regressions[date]!;
      const right = alg.matVecPlain(moments, alg.mul(inside, held));
      const coefficients = alg.matMul(alg.matVecPlain(inverse, inside), right, functions);
      const most = ROOM * mostCoefficient * mostPayoff;
      return alg.within(coefficients, -most, most);
    };
    const found: V[] = [];
    const first = walk(learnt, (date, inside, held) => {
      found[date] = learn(date, inside, held);
      return found[date];
    });
    const valued = training === undefined ? first : walk(own, (date) => found[date]!);
    // Bounds of what is computed do not show it, and squares are summed.
    const held = alg.within(valued, 0, mostPayoff);
    const { mean, variance } = secretEstimate(alg, held, sampling.paths);
    const spot = alg.poly(seriesFor('exp', [-domain.logSpot, domain.logSpot], seriesError), x.logSpot);
    const now = type === 'put' ? alg.sub(x.strike, spot) : alg.sub(spot, x.strike);
    const nothing = alg.constant(Float64Array.of(0));
    return {
      price: alg.max(mean, now),
      variance: alg.select(alg.lessThan(mean, now), nothing, variance),
    };
  };
  return recordOrdered<AmericanInput, 'price' | 'variance'>(
    program,
    simulationSpecs('european', domain, 1) as Record<AmericanInput, InputSpec>,
  );
}

/** Brownian motions of all paths, a vector a fraction. */
function brownianAt(sampling: PublicSampling): readonly Float64Array[] {
  const { data, rows, cols } = brownianPaths(sampling)[0]!;
  return Array.from({ length: rows }, (_, row) => data.slice(row * cols, (row + 1) * cols));
}
