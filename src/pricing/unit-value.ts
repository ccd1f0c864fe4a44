import { RangeError, ShapeError } from '../base/errors.ts';
import type { Instrument, VanillaOption } from '../domain/instrument.ts';
import type { Market, Underlying } from '../domain/market.ts';
import { blackScholesGreeks, blackScholesPrices } from './black-scholes.ts';
import { blackScholesAllGreeks } from './black-scholes-all-greeks.ts';
import type { BlackScholesInputs } from './black-scholes-inputs.ts';
import { contractBatches } from './instruments/contract-batches.ts';
import { type DifferenceGreeks, differenceGreeks } from './instruments/difference-greeks.ts';
import { isLinear, linearTerms } from './instruments/linear.ts';
import { expiryOf, isVanilla, type ModelledInstrument, surfaceLevelOf } from './instruments/modelled.ts';
import { checkMarket } from './market-checks.ts';
import { impliedVol } from './surface.ts';

/** Value and Greeks of one unit of each instrument, a column each. Units as in `blackScholesGreeks`. */
export type UnitGreeks = {
  readonly value: Float64Array;
  readonly delta: Float64Array;
  readonly gamma: Float64Array;
  readonly vega: Float64Array;
  readonly theta: Float64Array;
  readonly rho: Float64Array;
};

/** With the second derivatives in vol: everything of second order in spot and vol. Zero for forwards and spot. */
export type UnitSecondOrderGreeks = UnitGreeks & {
  readonly vanna: Float64Array;
  readonly volga: Float64Array;
};

/** The underlyings of a market by name. @throws ShapeError @throws RangeError as {@link checkMarket}. */
export function underlyingsByName(market: Market): ReadonlyMap<string, Underlying> {
  checkMarket(market);
  return new Map(market.underlyings.map((underlying) => [underlying.name, underlying]));
}

/** @throws ShapeError if the market lacks the underlying of the instrument. */
export function underlyingOf(
  byName: ReadonlyMap<string, Underlying>,
  instrument: Instrument,
  index: number,
): Underlying {
  const underlying = byName.get(instrument.underlying);
  if (underlying === undefined) {
    throw new ShapeError(
      `instrument ${index}: the market has no underlying ${instrument.underlying}; it has ${[...byName.keys()].join(', ')}`,
      { index, underlying: instrument.underlying },
    );
  }
  return underlying;
}

/**
 * The volatility at which a contract is valued: its own mark, else the underlying's surface at k = ln(K/F) and its
 * expiry (F10). A contract without a strike is read at its barrier, or at the money.
 * @throws RangeError where there is neither.
 */
export function volOf(contract: VanillaOption | ModelledInstrument, underlying: Underlying): number {
  if (contract.vol !== undefined) return contract.vol;
  const { spot, rate, dividendYield, surface } = underlying;
  const level = surfaceLevelOf(contract, spot);
  if (surface === undefined) {
    throw new RangeError(
      `the ${contract.kind} on ${underlying.name} with strike ${level} has no vol and ${underlying.name} has no surface: give one of the two`,
      { underlying: underlying.name, strike: level },
    );
  }
  const t = expiryOf(contract);
  return impliedVol(surface, Math.log(level / spot) - (rate - dividendYield) * t, t);
}

/** The plain European options among `instruments` as a batch; element i of the batch is instrument `positions[i]`. */
export function optionBatch(
  instruments: readonly Instrument[],
  market: Market,
): { readonly inputs: BlackScholesInputs; readonly positions: Int32Array } {
  const byName = underlyingsByName(market);
  const positions = new Int32Array(instruments.length);
  let count = 0;
  instruments.forEach((instrument, index) => {
    underlyingOf(byName, instrument, index);
    if (isVanilla(instrument)) positions[count++] = index;
  });
  const column = (): Float64Array => new Float64Array(count);
  const inputs: BlackScholesInputs = {
    sign: column(),
    spot: column(),
    strike: column(),
    expiryYears: column(),
    rate: column(),
    dividendYield: column(),
    vol: column(),
  };
  for (let i = 0; i < count; i++) {
    const option = instruments[positions[i]!] as VanillaOption;
    const underlying = byName.get(option.underlying)!;
    inputs.sign[i] = option.type === 'call' ? 1 : -1;
    inputs.spot[i] = underlying.spot;
    inputs.strike[i] = option.strike;
    inputs.expiryYears[i] = option.expiryYears;
    inputs.rate[i] = underlying.rate;
    inputs.dividendYield[i] = underlying.dividendYield;
    inputs.vol[i] = volOf(option, underlying);
  }
  return { inputs, positions: positions.slice(0, count) };
}

/**
 * Value of one unit of each instrument: European option (F1), forward, spot, future and perpetual (F9), every other kind by its
 * own model.
 * @returns one number an instrument, in quote currency. Cost: one Black-Scholes price an option.
 * @throws ShapeError for an underlying that the market lacks.
 * @throws RangeError as `blackScholesPrices`, or for an option without a vol.
 */
export function unitValues(instruments: readonly Instrument[], market: Market): Float64Array {
  const { inputs, positions } = optionBatch(instruments, market);
  const values = new Float64Array(instruments.length);
  blackScholesPrices(inputs).forEach((price, i) => {
    values[positions[i]!] = price;
  });
  forEachLinear(instruments, market, (index, linear) => {
    values[index] = linear.value;
  });
  for (const batch of contractBatches(instruments, market, volOf)) {
    batch.value(batch.today).price.forEach((value, i) => {
      values[batch.positions[i]!] = value;
    });
  }
  return values;
}

/**
 * Value and Greeks of one unit of each instrument: closed forms for European options and for what is linear in the spot (F9, gamma and
 * vega 0), {@link differenceGreeks} for every other kind.
 * @throws ShapeError @throws RangeError as {@link unitValues}.
 */
export function unitGreeks(instruments: readonly Instrument[], market: Market): UnitGreeks {
  const { inputs, positions } = optionBatch(instruments, market);
  return spreadGreeks(instruments, market, positions, blackScholesGreeks(inputs));
}

/**
 * {@link unitGreeks} with vanna and volga (F7). Cost: about twice {@link unitGreeks}.
 * @throws ShapeError @throws RangeError as {@link unitValues}.
 */
export function unitSecondOrderGreeks(
  instruments: readonly Instrument[],
  market: Market,
): UnitSecondOrderGreeks {
  const { inputs, positions } = optionBatch(instruments, market);
  const options = blackScholesAllGreeks(inputs);
  const count = instruments.length;
  const out = {
    ...spreadGreeks(instruments, market, positions, options),
    vanna: spread(options.vanna, positions, count),
    volga: spread(options.volga, positions, count),
  };
  addContractGreeks(instruments, market, out, ['vanna', 'volga']);
  return out;
}

/** Puts the Greeks of the options into the columns of their instruments, and fills in the others'. */
function spreadGreeks(
  instruments: readonly Instrument[],
  market: Market,
  positions: Int32Array,
  options: Omit<UnitGreeks, 'value'> & { readonly price: Float64Array },
): UnitGreeks {
  const count = instruments.length;
  const out: UnitGreeks = {
    value: spread(options.price, positions, count),
    delta: spread(options.delta, positions, count),
    gamma: spread(options.gamma, positions, count),
    vega: spread(options.vega, positions, count),
    theta: spread(options.theta, positions, count),
    rho: spread(options.rho, positions, count),
  };
  forEachLinear(instruments, market, (index, linear) => {
    out.value[index] = linear.value;
    out.delta[index] = linear.delta;
    out.theta[index] = linear.theta;
    out.rho[index] = linear.rho;
  });
  addContractGreeks(instruments, market, out, ['value', 'delta', 'gamma', 'vega', 'theta', 'rho']);
  return out;
}

/** Fills in the contracts that have a model of their own. */
function addContractGreeks<Name extends keyof DifferenceGreeks>(
  instruments: readonly Instrument[],
  market: Market,
  out: Readonly<Record<Name, Float64Array>>,
  names: readonly Name[],
): void {
  for (const batch of contractBatches(instruments, market, volOf)) {
    const greeks = differenceGreeks(batch);
    for (const name of names) {
      greeks[name].forEach((value, i) => {
        out[name][batch.positions[i]!] = value;
      });
    }
  }
}

function spread(values: Float64Array, positions: Int32Array, count: number): Float64Array {
  const out = new Float64Array(count);
  for (let i = 0; i < values.length; i++) out[positions[i]!] = values[i]!;
  return out;
}

type LinearGreeks = {
  readonly value: number;
  readonly delta: number;
  readonly theta: number;
  readonly rho: number;
};

/** Visits the contracts that are straight lines in the spot, with their closed forms. */
function forEachLinear(
  instruments: readonly Instrument[],
  market: Market,
  visit: (index: number, linear: LinearGreeks) => void,
): void {
  const byName = underlyingsByName(market);
  instruments.forEach((instrument, index) => {
    if (!isLinear(instrument)) return;
    const underlying = underlyingOf(byName, instrument, index);
    const { slope, level, theta, rho } = linearTerms(instrument, underlying);
    visit(index, { value: slope * underlying.spot + level, delta: slope, theta, rho });
  });
}
