import type { Ordered } from '../../algebra/arithmetic.ts';
import type { Circuit, InputSpec } from '../../algebra/circuit.ts';
import { positivePart } from '../../algebra/derived.ts';
import { recordOrdered } from '../../algebra/record.ts';
import { seriesFor } from '../../algebra/series/library.ts';
import { RangeError, ShapeError } from '../../base/errors.ts';
import { matrixOf } from '../../numeric/matrix.ts';
import { largestOf } from '../programs/order-statistics.ts';
import { brownianPaths, type PublicSampling } from './public-paths.ts';

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
 * ln S = ln S_0 + (carry T - s^2/2) f + s W, s = vol sqrt(T), is linear in three secret numbers; exp is a certified series; the payoff takes a comparison a path. What opens
 * is price and variance of the estimate, in units of `unit` and its square: its root, the standard error, is taken after opening.
 *
 * Cost: two secret products for the exponent whatever the number of paths, then about 2 sqrt(degree) + 2 products and a comparison a path and observation.
 * @param seriesError absolute, of exp, in units.
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
  const mostDeviation = domain.vol * Math.sqrt(domain.expiryYears);
  const mostDrift = domain.carry * domain.expiryYears;
  /** On what the exponents of an observation may be: early ones vary little, and take short series. A little wider than the recorded bounds, which round. */
  const expAt = (d: number) => {
    const furthest = paths.reduce(
      (most, { data }) =>
        data.subarray(d * count, (d + 1) * count).reduce((m, w) => Math.max(m, Math.abs(w)), most),
      0,
    );
    const upwards = domain.logSpot + mostDrift * fractions[d]! + mostDeviation * furthest;
    const downwards = upwards + (mostDeviation ** 2 / 2) * fractions[d]!;
    return seriesFor('exp', [-downwards * (1 + 1e-9), upwards * (1 + 1e-9)], seriesError);
  };
  const discounting = seriesFor('exp', [-domain.rate * domain.expiryYears * (1 + 1e-9) - 1e-9, 0], 1e-11);
  const observed =
    payoff.kind === 'asian' || payoff.kind === 'upAndOut'
      ? fractions.map((_, d) => d)
      : [fractions.length - 1];
  const program = <V>(
    alg: Ordered<V>,
    x: Readonly<Record<SimulationInput, V>>,
  ): Record<'price' | 'variance', V> => {
    const pick = (vector: V, asset: number): V =>
      assets === 1 ? vector : alg.matVecPlain(matrixOf(1, assets, unitVector(assets, asset)), vector);
    const expiry = assets === 1 ? x.expiry : alg.replicate(x.expiry, assets);
    const root = assets === 1 ? x.rootExpiry : alg.replicate(x.rootExpiry, assets);
    const deviation = alg.mul(x.vol, root);
    const drift = alg.sub(alg.mul(x.carry, expiry), alg.scale(alg.mul(deviation, deviation), 0.5));
    const start =
      payoff.kind === 'basket'
        ? alg.within(alg.add(x.logSpot, x.logWeight), -domain.logSpot, domain.logSpot)
        : x.logSpot;
    const logs = paths.map((brownian, asset) =>
      observed.map((d) => {
        const mean = alg.add(pick(start, asset), alg.scale(pick(drift, asset), fractions[d]!));
        const column = matrixOf(count, 1, brownian.data.slice(d * count, (d + 1) * count));
        return alg.add(alg.replicate(mean, count), alg.matVecPlain(column, pick(deviation, asset)));
      }),
    );
    const settling = payoff.kind === 'upAndOut' ? [observed.length - 1] : observed.map((_, at) => at);
    const spots = settling.flatMap((at) => {
      const exp = expAt(observed[at]!);
      return logs.map((of) => alg.poly(exp, of[at]!));
    });
    const summed = spots.reduce((total, spot) => alg.add(total, spot));
    const settled = payoff.kind === 'asian' ? alg.scale(summed, 1 / fractions.length) : summed;
    const moneyness = alg.sub(settled, alg.replicate(x.strike, count));
    let gain = positivePart(alg, payoff.type === 'call' ? moneyness : alg.scale(moneyness, -1), count);
    if (payoff.kind === 'upAndOut') {
      const alive = alg.lessThan(largestOf(alg, logs[0]!), alg.replicate(x.logBarrier, count));
      gain = alg.mul(alive, gain);
    }
    const discount = alg.poly(discounting, alg.scale(alg.mul(x.rate, x.expiry), -1));
    const mean = alg.scale(alg.sum(gain), 1 / count);
    const square = alg.scale(alg.dot(gain, gain), 1 / count);
    const spread = alg.scale(alg.sub(square, alg.mul(mean, mean)), 1 / (count - 1));
    return {
      price: alg.mul(discount, mean),
      variance: alg.mul(alg.mul(discount, discount), spread),
    };
  };
  return recordOrdered<SimulationInput, 'price' | 'variance'>(
    program,
    simulationSpecs(payoff.kind, domain, assets) as Record<SimulationInput, InputSpec>,
  );
}

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

function unitVector(length: number, index: number): Float64Array {
  const out = new Float64Array(length);
  out[index] = 1;
  return out;
}
