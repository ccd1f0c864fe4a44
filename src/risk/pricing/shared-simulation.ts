import type { Ordered } from '../../algebra/arithmetic.ts';
import type { Circuit, InputSpec } from '../../algebra/circuit.ts';
import { positivePart } from '../../algebra/derived.ts';
import { recordOrdered } from '../../algebra/record.ts';
import { seriesFor } from '../../algebra/series/library.ts';
import { RangeError, ShapeError } from '../../base/errors.ts';
import { matrixOf, selectionMatrix } from '../../numeric/matrix.ts';
import { largestOf as largestOfAll } from '../programs/order-statistics.ts';
import { growthMatrix, growthPowers, spotGrowth } from './public-growth.ts';
import { brownianPaths, type PublicSampling } from './public-paths.ts';
import { secretEstimate } from './secret-estimate.ts';

/** Public shape of an option whose parameters are secret. `upAndOut` dies where an observed spot reaches the barrier. */
export type SimulatedPayoff = {
  readonly kind: 'european' | 'asian' | 'basket' | 'upAndOut';
  readonly type: 'call' | 'put';
};

/** The box in which all secret parameters lie: public, it sizes the shares. */
export type SimulationDomain = {
  /** |ln(spot / unit)| at most; for a basket of spot x weight, which the parties make sure of. */
  readonly logSpot: number;
  readonly vol: number;
  /** |rate - dividend yield| at most. */
  readonly carry: number;
  readonly rate: number;
  readonly expiryYears: number;
  /** Strike / unit at most. */
  readonly strike: number;
};

/** Secrets of the market's owner, an element an underlying, but for the rate. */
export type SimulationMarketInputs = {
  readonly spots: Float64Array;
  readonly vols: Float64Array;
  readonly dividendYields: Float64Array;
  readonly rate: number;
};

/** Secrets of the contract's owner. */
export type SimulationTermsInputs = {
  readonly strike: number;
  readonly expiryYears: number;
  /** For `upAndOut`. */
  readonly barrier?: number;
  /** For `basket`: positive weights. */
  readonly weights?: Float64Array;
};

export const SIMULATION_MARKET = ['logSpot', 'vol', 'carry', 'rate'] as const;
export type SimulationInput =
  | (typeof SIMULATION_MARKET)[number]
  | 'expiry'
  | 'rootExpiry'
  | 'strike'
  | 'logBarrier'
  | 'logWeight';

export type SimulationTerms = {
  readonly payoff: SimulatedPayoff;
  readonly sampling: PublicSampling;
  readonly domain: SimulationDomain;
};

/**
 * Monte Carlo with secret parameters on public paths (F194): with W the public Brownian motions at fractions f of the expiry T,
 * ln S = ln S_0 + (carry T - s^2/2) f + s W, s = vol sqrt(T). The factor exp(ln S_0 + (carry T - s^2/2) f) is a secret a date; exp(s W) is a
 * public matrix times powers of s (F197), so that spots and their sums take no product a path. The payoff takes a comparison and a product a
 * path, `upAndOut` a comparison an observation more. What opens is price and variance of the estimate, in units of `unit` and its square: its
 * root, the standard error, is taken after opening.
 *
 * Cost: some dozens of products of single numbers, and degree + 1 of them a date; then what the payoff takes. The matrices hold
 * degree + 1 (about a dozen) doubles a path, date and underlying.
 * @param seriesError absolute, of spots, in units.
 * @throws RangeError, ShapeError for terms that do not fit. @throws PlanError where the box is too wide for the series.
 */
export function sharedSimulation(
  { payoff, sampling, domain }: SimulationTerms,
  seriesError = 3e-9,
): Circuit<SimulationInput, 'price' | 'variance', 'ordered'> {
  const paths = brownianPaths(sampling);
  checkTerms(payoff.kind, domain, paths.length);
  const { paths: count, fractions } = sampling;
  const assets = paths.length;
  /** Dates whose spots are paid for. */
  const paid = payoff.kind === 'asian' ? fractions.map((_, d) => d) : [fractions.length - 1];
  const at = (asset: number, d: number): Float64Array =>
    paths[asset]!.data.subarray(d * count, (d + 1) * count);
  const mostDeviation = domain.vol * Math.sqrt(domain.expiryYears);
  const mostMean = domain.logSpot + domain.carry * domain.expiryYears;
  const farthest = Math.max(...paths.flatMap((_, asset) => paid.map((d) => largestOf(at(asset, d)))));
  const { growth, factor } = spotGrowth(
    [-(mostMean + mostDeviation ** 2 / 2), mostMean],
    mostDeviation,
    farthest,
    seriesError,
  );
  const weight = 1 / paid.length;
  const growths = paths.map((_, asset) => paid.map((d) => growthMatrix(growth, at(asset, d), weight)));
  const discounting = seriesFor('exp', [-domain.rate * domain.expiryYears * (1 + 1e-9) - 1e-9, 0], 1e-11);
  const program = <V>(
    alg: Ordered<V>,
    x: Readonly<Record<SimulationInput, V>>,
  ): Record<'price' | 'variance', V> => {
    const pick = (vector: V, length: number, index: number): V =>
      length === 1 ? vector : alg.matVecPlain(selectionMatrix([index], length), vector);
    const expiry = assets === 1 ? x.expiry : alg.replicate(x.expiry, assets);
    const root = assets === 1 ? x.rootExpiry : alg.replicate(x.rootExpiry, assets);
    const deviation = alg.mul(x.vol, root);
    const drift = alg.sub(alg.mul(x.carry, expiry), alg.scale(alg.mul(deviation, deviation), 0.5));
    const start =
      payoff.kind === 'basket'
        ? alg.within(alg.add(x.logSpot, x.logWeight), -domain.logSpot, domain.logSpot)
        : x.logSpot;
    const settled = growths
      .flatMap((of, asset) => {
        const powers = growthPowers(alg, growth, pick(deviation, assets, asset));
        const passed = Float64Array.from(paid, (d) => fractions[d]!);
        const logMeans = alg.add(
          alg.replicate(pick(start, assets, asset), paid.length),
          alg.mulPlain(alg.replicate(pick(drift, assets, asset), paid.length), passed),
        );
        const factors = alg.poly(factor, logMeans);
        return of.map((matrix, i) => {
          const mean = alg.replicate(pick(factors, paid.length, i), growth.degree + 1);
          return alg.matVecPlain(matrix, alg.mul(mean, powers));
        });
      })
      .reduce((total, spot) => alg.add(total, spot));
    const moneyness = alg.sub(settled, alg.replicate(x.strike, count));
    let gain = positivePart(alg, payoff.type === 'call' ? moneyness : alg.scale(moneyness, -1), count);
    if (payoff.kind === 'upAndOut') {
      const logs = fractions.map((fraction, d) => {
        const mean = alg.add(start, alg.scale(drift, fraction));
        const column = matrixOf(count, 1, at(0, d).slice());
        return alg.add(alg.replicate(mean, count), alg.matVecPlain(column, deviation));
      });
      const alive = alg.lessThan(largestOfAll(alg, logs), alg.replicate(x.logBarrier, count));
      gain = alg.mul(alive, gain);
    }
    const discount = alg.poly(discounting, alg.scale(alg.mul(x.rate, x.expiry), -1));
    const { mean, variance } = secretEstimate(alg, gain, count);
    return {
      price: alg.mul(discount, mean),
      variance: alg.mul(alg.mul(discount, discount), variance),
    };
  };
  return recordOrdered<SimulationInput, 'price' | 'variance'>(
    program,
    simulationSpecs(payoff.kind, domain, assets) as Record<SimulationInput, InputSpec>,
  );
}

const largestOf = (values: Float64Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** The inputs of the market's owner, exact in the clear. @throws RangeError, ShapeError naming a field and no value. */
export function simulationMarket(
  { spots, vols, dividendYields, rate }: SimulationMarketInputs,
  unit: number,
): Readonly<Record<(typeof SIMULATION_MARKET)[number], Float64Array>> {
  if (vols.length !== spots.length || dividendYields.length !== spots.length) {
    throw new ShapeError(`expected vols and yields of ${spots.length} underlyings`, { assets: spots.length });
  }
  if (!(spots.every((spot) => spot > 0) && vols.every((vol) => vol > 0))) {
    throw new RangeError('expected positive spots and vols');
  }
  return {
    logSpot: spots.map((spot) => Math.log(spot / unit)),
    vol: vols.slice(),
    carry: dividendYields.map((q) => rate - q),
    rate: Float64Array.of(rate),
  };
}

/** The inputs of the contract's owner, exact in the clear. @throws RangeError naming a field and no value. */
export function simulationTerms(
  { kind }: SimulatedPayoff,
  { strike, expiryYears, barrier, weights }: SimulationTermsInputs,
  unit: number,
): Readonly<Record<string, Float64Array>> {
  if (!(strike > 0 && expiryYears > 0)) throw new RangeError('expected a positive strike and expiry');
  const common = {
    expiry: Float64Array.of(expiryYears),
    rootExpiry: Float64Array.of(Math.sqrt(expiryYears)),
    strike: Float64Array.of(strike / unit),
  };
  if (kind === 'upAndOut') {
    if (!(barrier! > 0)) throw new RangeError('expected a positive barrier');
    return { ...common, logBarrier: Float64Array.of(Math.log(barrier! / unit)) };
  }
  if (kind !== 'basket') return common;
  if (!weights?.every((weight) => weight > 0)) throw new RangeError('expected positive weights of a basket');
  return { ...common, logWeight: weights.map(Math.log) };
}

/** A barrier further away is never reached. */
const MOST_LOG_BARRIER = 8;
/** Weights of a basket from 1/20 to 20. */
const MOST_LOG_WEIGHT = 3;

/** Declarations of all inputs of a payoff. */
export function simulationSpecs(
  kind: SimulatedPayoff['kind'],
  { logSpot, vol, carry, rate, expiryYears, strike }: SimulationDomain,
  assets: number,
): Record<string, InputSpec> {
  const between = (length: number, low: number, high: number): InputSpec => ({
    length,
    bound: Math.max(-low, high),
    range: [low, high],
  });
  const ofSpot = kind === 'basket' ? logSpot + MOST_LOG_WEIGHT : logSpot;
  return {
    logSpot: between(assets, -ofSpot, ofSpot),
    vol: between(assets, 0, vol),
    carry: between(assets, -carry, carry),
    rate: between(1, 0, rate),
    expiry: between(1, 0, expiryYears),
    rootExpiry: between(1, 0, Math.sqrt(expiryYears)),
    strike: between(1, 0, strike),
    ...(kind === 'upAndOut' ? { logBarrier: between(1, -MOST_LOG_BARRIER, MOST_LOG_BARRIER) } : {}),
    ...(kind === 'basket' ? { logWeight: between(assets, -MOST_LOG_WEIGHT, MOST_LOG_WEIGHT) } : {}),
  };
}

/** @throws RangeError, ShapeError */
export function checkTerms(kind: SimulatedPayoff['kind'], domain: SimulationDomain, assets: number): void {
  if (kind !== 'basket' && assets !== 1) {
    throw new ShapeError(`expected one underlying for ${kind}, found ${assets}`, { kind, assets });
  }
  for (const [name, value] of Object.entries(domain)) {
    if (value > 0 && value < Number.POSITIVE_INFINITY) continue;
    throw new RangeError(`simulation domain: expected a positive ${name}, found ${value}`, { name, value });
  }
}
