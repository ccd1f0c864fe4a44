import { RangeError } from '../../base/errors.ts';
import { blackScholesGreeks, checkOutput } from '../black-scholes.ts';
import { lengthOf } from '../column-checks.ts';
import type { ModelColumn, PricingModel } from '../model.ts';
import { expectedVariance, type NormalisedOptions, normalisedOptions } from './heston-expiry.ts';
import type { HestonExpiry } from './heston-exponent.ts';
import { checkHestonInputs, groupByExpiry, type HestonInputs } from './heston-inputs.ts';

export type { HestonInputs } from './heston-inputs.ts';

/** Price and Greeks of a batch, a column each. Units: see {@link hestonGreeks}. */
export type HestonGreeks = {
  readonly price: Float64Array;
  readonly delta: Float64Array;
  readonly gamma: Float64Array;
  readonly theta: Float64Array;
  readonly rho: Float64Array;
  /** dV/dv0. */
  readonly varianceVega: Float64Array;
};

/** With less variance than this to come the price is Black-Scholes' to 1e-17 of the forward whatever the vol of vol. */
const NO_VARIANCE = 1e-34;
/** Below this, vol of vol moves no price by a double's last digit. */
const NO_VOL_OF_VOL = 1e-20;

/**
 * Prices of European options under Heston's stochastic volatility model (F80):
 *
 *     dS = (r - q) S dt + sqrt(v) S dW1,   dv = kappa (theta - v) dt + sigma sqrt(v) dW2,   dW1 dW2 = rho dt.
 *
 * S. L. Heston, "A closed-form solution for options with stochastic volatility with applications to bond and currency
 * options", Review of Financial Studies 6 (1993), 327-343. The Feller condition need not hold. Options of one expiry
 * and one set of parameters share their values of the characteristic function (F84), wherever they stand in the batch;
 * far strikes and small groups are integrated each on a contour of its own (F83).
 *
 * Units: quote currency for one unit of the underlying. Without variance the price is the discounted intrinsic value.
 * Accuracy: 1e-15 of spot and strike, and 1e-9 of an out-of-the-money option's own value down to 1e-300; see F83 for
 * extreme parameters.
 * Cost: about 60 us an expiry and 1 us a strike in groups of strikes, 20 us a strike alone or far from the money.
 * @param out room for the prices; allocated when absent.
 * @throws ShapeError @throws RangeError as {@link checkHestonInputs}.
 */
export function hestonPrices(
  inputs: HestonInputs,
  out: Float64Array = new Float64Array(lengthOf('sign', inputs.sign)),
): Float64Array {
  checkOutput(out, inputs.sign.length, 'out');
  forEachOption(inputs, false, (option) => {
    out[option.index] = option.price;
  });
  return out;
}

/**
 * Prices and Greeks of European options under Heston's model (F80, F85): delta dV/dS and gamma d2V/dS2 at fixed v0;
 * theta dV/d(calendar time) a year at fixed v0; rho dV/dr a unit of rate; varianceVega dV/dv0 a unit of variance
 * (1.00).
 *
 * Source, grouping and errors: as {@link hestonPrices}. All are integrals of their own, not differences. Without
 * variance they are those of the discounted intrinsic value; at its kink, where they do not exist, delta, gamma, theta,
 * rho and varianceVega are NaN.
 * Accuracy: 1e-14 of the size that each takes at the money; 1e-12 for extreme parameters. Cost: about 1.5 times {@link
 * hestonPrices}.
 * @throws ShapeError @throws RangeError as {@link hestonPrices}.
 */
export function hestonGreeks(
  inputs: HestonInputs,
  out: HestonGreeks = allocateHestonGreeks(lengthOf('sign', inputs.sign)),
): HestonGreeks {
  for (const [name, column] of Object.entries(out)) checkOutput(column, inputs.sign.length, name);
  forEachOption(inputs, true, (option) => {
    const { index } = option;
    out.price[index] = option.price;
    out.delta[index] = option.delta;
    out.gamma[index] = option.gamma;
    out.theta[index] = option.theta;
    out.rho[index] = option.rho;
    out.varianceVega[index] = option.varianceVega;
  });
  return out;
}

/** Room for the Greeks of `count` options. */
export function allocateHestonGreeks(count: number): HestonGreeks {
  const column = (): Float64Array => new Float64Array(count);
  return {
    price: column(),
    delta: column(),
    gamma: column(),
    theta: column(),
    rho: column(),
    varianceVega: column(),
  };
}

type ValuedOption = {
  index: number;
  price: number;
  delta: number;
  gamma: number;
  theta: number;
  rho: number;
  varianceVega: number;
};

function forEachOption(inputs: HestonInputs, greeks: boolean, visit: (option: ValuedOption) => void): void {
  checkHestonInputs(inputs);
  const { spot, strike, rate, dividendYield } = inputs;
  for (const { model, indices } of groupByExpiry(inputs)) {
    const variance = expectedVariance(model);
    if (model.volOfVol < NO_VOL_OF_VOL || variance.total < NO_VARIANCE) {
      for (const i of indices) visit(certainVariance(inputs, i, variance));
      continue;
    }
    const k = new Float64Array(indices.length);
    for (let n = 0; n < k.length; n++) {
      const i = indices[n]!;
      k[n] = Math.log(strike[i]! / spot[i]!) - (rate[i]! - dividendYield[i]!) * model.t;
    }
    const column = (): Float64Array => new Float64Array(greeks ? k.length : 0);
    const normalised: NormalisedOptions = {
      price: new Float64Array(k.length),
      slope: column(),
      bend: column(),
      byVariance: column(),
      byTime: column(),
    };
    normalisedOptions(model, k, greeks, normalised);
    for (let n = 0; n < k.length; n++) visit(dimensioned(inputs, indices[n]!, model, k[n]!, normalised, n));
  }
}

/** From the normalised out-of-the-money option to the one asked for, by put-call parity. */
function dimensioned(
  inputs: HestonInputs,
  index: number,
  model: HestonExpiry,
  k: number,
  normalised: NormalisedOptions,
  n: number,
): ValuedOption {
  const { sign, spot, strike, rate, dividendYield } = inputs;
  const { t } = model;
  const S = spot[index]!;
  const r = rate[index]!;
  const q = dividendYield[index]!;
  const yieldDiscount = Math.exp(-q * t);
  const spotPv = S * yieldDiscount;
  const strikePv = strike[index]! * Math.exp(-r * t);
  const w = sign[index]!;
  const outOfTheMoney = k >= 0 ? 1 : -1;
  // What the option is worth more than the out-of-the-money one: w (S e^(-qT) - K e^(-rT)) or nothing.
  const parity = w === outOfTheMoney ? 0 : w;
  const c = Math.max(normalised.price[n]!, 0);
  const slope = normalised.slope[n] ?? 0;
  const price = spotPv * c + parity * (spotPv - strikePv);
  if (!Number.isFinite(price)) {
    throw new RangeError(
      `option ${index}: the price could not be integrated at k = ${k}, t = ${t}: use less extreme parameters`,
      { index, k, t },
    );
  }
  return {
    index,
    price: Math.max(price, 0),
    delta: yieldDiscount * (c - slope + parity),
    gamma: (yieldDiscount * (normalised.bend[n] ?? 0)) / S,
    theta:
      spotPv * (q * c - (normalised.byTime[n] ?? 0) + (r - q) * slope) + parity * (q * spotPv - r * strikePv),
    rho: t * (parity * strikePv - spotPv * slope),
    varianceVega: spotPv * (normalised.byVariance[n] ?? 0),
  };
}

/** Variance that is known in advance: Black-Scholes with its mean, and its own time dependence in theta. */
function certainVariance(
  inputs: HestonInputs,
  index: number,
  variance: ReturnType<typeof expectedVariance>,
): ValuedOption {
  const at = (column: Float64Array): Float64Array => column.subarray(index, index + 1);
  const t = inputs.expiryYears[index]!;
  const vol = t > 0 ? Math.sqrt(variance.total / t) : 0;
  const black = blackScholesGreeks({
    sign: at(inputs.sign),
    spot: at(inputs.spot),
    strike: at(inputs.strike),
    expiryYears: at(inputs.expiryYears),
    rate: at(inputs.rate),
    dividendYield: at(inputs.dividendYield),
    vol: Float64Array.of(vol),
  });
  const S = inputs.spot[index]!;
  const halfCashGamma = 0.5 * S * (S * black.gamma[0]!);
  return {
    index,
    price: black.price[0]!,
    delta: black.delta[0]!,
    gamma: black.gamma[0]!,
    theta: black.theta[0]! + halfCashGamma * (vol * vol - variance.forward),
    rho: black.rho[0]!,
    varianceVega: halfCashGamma * variance.byVariance,
  };
}

const number = (name: string, rule: 'positive' | 'nonNegative' | 'finite'): ModelColumn => ({
  name,
  kind: 'number',
  rule,
});

/** {@link hestonPrices} as a table: v0, kappa, theta, sigma, rho as in Heston's paper. */
export const heston: PricingModel = {
  name: 'heston',
  inputs: [
    { name: 'type', kind: 'choice', choices: ['call', 'put'] },
    number('spot', 'positive'),
    number('strike', 'positive'),
    number('t', 'nonNegative'),
    number('r', 'finite'),
    number('q', 'finite'),
    number('v0', 'nonNegative'),
    number('kappa', 'nonNegative'),
    number('theta', 'nonNegative'),
    number('sigma', 'nonNegative'),
    number('rho', 'finite'),
  ],
  results: ['price'],
  price: (table) => ({
    price: hestonPrices({
      sign: Float64Array.from(table.text('type'), (type) => (type === 'call' ? 1 : -1)),
      spot: table.number('spot'),
      strike: table.number('strike'),
      expiryYears: table.number('t'),
      rate: table.number('r'),
      dividendYield: table.number('q'),
      initialVariance: table.number('v0'),
      meanReversion: table.number('kappa'),
      longVariance: table.number('theta'),
      volOfVol: table.number('sigma'),
      correlation: table.number('rho'),
    }),
  }),
};
