import type { Arithmetic, ChebyshevSeries } from '../../algebra/arithmetic.ts';
import type { Circuit, InputSpec } from '../../algebra/circuit.ts';
import { record } from '../../algebra/record.ts';
import { seriesFor } from '../../algebra/series/library.ts';
import { ShapeError } from '../../base/errors.ts';
import {
  BOOK_FEATURES,
  type BookFeature,
  CONTRACT_FEATURES,
  type ContractFeature,
  type Features,
  MARKET_FEATURES,
  type MarketFeature,
} from './features.ts';
import { checkDomain, DEFAULT_PRICING_DOMAIN, type PricingDomain } from './reference.ts';

/** Of Phi and phi. Twice it, times the forward and strike values, is the least error of a price. */
const SERIES_ERROR = 2e-9;

/** What the circuit computes of every option, in units of F' (see {@link inCurrency}). */
export const PRICING_OUTPUTS = ['price', 'cashDelta', 'cashGamma', 'vega'] as const;
export type PricingOutput = (typeof PRICING_OUTPUTS)[number];
/** What is computed of a whole book, in units of its largest exposure |quantity| F'. */
export type BookOutput = 'value';

export type PricingCircuitOptions<O extends PricingOutput> = {
  /** Options of a batch. */
  readonly length: number;
  /** `['price']` if absent. */
  readonly outputs?: readonly O[] | undefined;
  readonly domain?: PricingDomain | undefined;
  /** Error of the series, of the normal distribution function and density. Default 2e-9. */
  readonly seriesError?: number | undefined;
};

/**
 * Black-Scholes with everything encrypted (F252): contracts by one owner, market by another, the option type too, puts and calls mixed.
 *
 *     d1,2 = a u - b v +- s t,     price / F' = w1 (Phi(d1) - 1/2) - w2 (Phi(d2) - 1/2) + th (w1 - w2),   th = +-1/2,
 *     cash delta / F' = w1 (Phi(d1) - 1/2 + th),   cash gamma h / F' = w1 b u phi(d1),   vega sigma' / F' = w1 t phi(d1).
 *
 * Phi - 1/2 is odd and phi even: half of the coefficients are zero. One level for d1 and d2, one series each; the weights enter at the leaves
 * of the series, so that no multiplication follows them. Depth 7 at the default limit and error: N = 16384 with 45-bit primes.
 * @throws RangeError for a domain that holds nothing.
 */
export function encryptedBlackScholes<O extends PricingOutput = 'price'>(
  options: PricingCircuitOptions<O>,
): Circuit<MarketFeature | ContractFeature, O> {
  return pricingCircuit(options, undefined);
}

/**
 * The same where the market is the evaluator's own, as plaintext: half of the ciphertexts and an eighth of the time less, and no second owner of
 * inputs. The contracts stay encrypted, type included. Where the market is the public reference itself (a = 0, b = 1, s = 1/2), d1 and d2 are sums of what
 * the contracts' owner encrypts, and a level less is needed.
 * @throws ShapeError for a market of another length.
 */
export function encryptedContractsOnly<O extends PricingOutput = 'price'>(
  options: PricingCircuitOptions<O>,
  market: Features<MarketFeature>,
): Circuit<ContractFeature, O> {
  return pricingCircuit<ContractFeature, O>(options, market);
}

function pricingCircuit<I extends MarketFeature | ContractFeature, O extends PricingOutput>(
  {
    length,
    outputs = ['price' as O],
    domain = DEFAULT_PRICING_DOMAIN,
    seriesError = SERIES_ERROR,
  }: PricingCircuitOptions<O>,
  publicMarket: Features<MarketFeature> | undefined,
): Circuit<I, O> {
  checkDomain(domain);
  checkPublicMarket(publicMarket, length);
  const series = seriesOf(domain.limit, seriesError);
  const wanted = new Set<PricingOutput>(outputs);
  // Inputs that no output uses are not declared: nobody has to encrypt them.
  const used = (name: string): boolean =>
    (name !== 'forwardValueOverVol' || wanted.has('cashGamma')) &&
    (name !== 'strikeValue' || wanted.has('price')) &&
    (name !== 'halfSign' || wanted.has('price') || wanted.has('cashDelta'));
  const names = [...(publicMarket === undefined ? MARKET_FEATURES : []), ...CONTRACT_FEATURES].filter(used);
  return record<I, O>(
    (alg, inputs) => {
      const x = withPublicMarket<ReturnType<typeof alg.add>, MarketFeature | ContractFeature>(
        alg,
        inputs,
        publicMarket,
      );
      const { d1, d2 } = deviations(alg, x, domain.limit);
      const w1 = x.forwardValue;
      const results: Partial<Record<PricingOutput, ReturnType<typeof alg.add>>> = {};
      if (wanted.has('price') || wanted.has('cashDelta')) {
        const first = alg.mul(w1, alg.poly(series.distribution, d1));
        if (wanted.has('cashDelta')) {
          const delta = alg.add(first, alg.mul(x.halfSign, w1));
          results.cashDelta = alg.within(delta, -domain.forwardValue, domain.forwardValue);
        }
        if (wanted.has('price')) {
          const second = alg.mul(x.strikeValue, alg.poly(series.distribution, d2));
          const parity = alg.mul(x.halfSign, alg.sub(w1, x.strikeValue));
          const price = alg.add(alg.sub(first, second), parity);
          results.price = alg.within(price, -0.5, Math.max(domain.forwardValue, domain.strikeValue));
        }
      }
      if (wanted.has('cashGamma')) {
        const weight = alg.mul(x.forwardValueOverVol, x.inverseRootTime);
        results.cashGamma = alg.mul(weight, alg.poly(series.density, d1));
      }
      if (wanted.has('vega')) results.vega = alg.mul(alg.mul(w1, x.rootTime), alg.poly(series.density, d1));
      return Object.fromEntries(outputs.map((name) => [name, results[name]!])) as Record<
        O,
        NonNullable<typeof results.price>
      >;
    },
    Object.fromEntries(names.map((name) => [name, specOf(name, length, domain)])) as Record<I, InputSpec>,
  );
}

/**
 * The value of a book of encrypted options with encrypted quantities, in units of its largest exposure (F253): one number leaves, no price does. Quantities are
 * folded into the weights beforehand, so that aggregation costs no level.
 * @param publicMarket see {@link encryptedContractsOnly}.
 */
export function encryptedBookValue(
  {
    length,
    domain = DEFAULT_PRICING_DOMAIN,
    seriesError = SERIES_ERROR,
  }: Omit<PricingCircuitOptions<'price'>, 'outputs'>,
  publicMarket?: Features<MarketFeature>,
): Circuit<MarketFeature | BookFeature, BookOutput> {
  checkDomain(domain);
  checkPublicMarket(publicMarket, length);
  const { distribution } = seriesOf(domain.limit, seriesError);
  const secretMarket = MARKET_FEATURES.filter(
    (name) => publicMarket === undefined && name !== 'forwardValueOverVol',
  );
  type Name = MarketFeature | BookFeature;
  return record<Name, BookOutput>(
    (alg, inputs) => {
      const x = withPublicMarket<ReturnType<typeof alg.add>, Name>(alg, inputs, publicMarket);
      const { d1, d2 } = deviations(alg, x, domain.limit);
      const w1 = alg.mul(x.quantity, x.forwardValue);
      const odd = alg.sub(
        alg.mul(w1, alg.poly(distribution, d1)),
        alg.mul(x.strikeExposure, alg.poly(distribution, d2)),
      );
      const parity = alg.sub(alg.mul(x.halfSignQuantity, x.forwardValue), x.halfSignStrikeExposure);
      const most = length * Math.max(domain.forwardValue, domain.strikeValue);
      return { value: alg.within(alg.sum(alg.add(odd, parity)), -most, most) };
    },
    Object.fromEntries(
      [...secretMarket, ...BOOK_FEATURES].map((name) => [name, specOf(name, length, domain)]),
    ) as Record<Name, InputSpec>,
  );
}

/** Phi - 1/2 and phi on [-limit, limit]. */
function seriesOf(
  limit: number,
  error: number,
): { readonly distribution: ChebyshevSeries; readonly density: ChebyshevSeries } {
  const full = seriesFor('normalCdf', [-limit, limit], error, { weighted: true });
  return {
    distribution: { ...full, coefficients: full.coefficients.map((c, k) => (k % 2 === 0 ? 0 : c)) },
    density: seriesFor('normalPdf', [-limit, limit], error, { weighted: true }),
  };
}

type DeviationInputs<V> = Readonly<
  Record<'logForward' | 'inverseVol' | 'halfVol' | 'inverseRootTime' | 'logStrike' | 'rootTime', V>
>;

function deviations<V>(
  alg: Arithmetic<V>,
  x: DeviationInputs<V>,
  limit: number,
): { readonly d1: V; readonly d2: V } {
  const drift = alg.sub(alg.mul(x.logForward, x.inverseRootTime), alg.mul(x.inverseVol, x.logStrike));
  const spread = alg.mul(x.halfVol, x.rootTime);
  return {
    d1: alg.within(alg.add(drift, spread), -limit, limit),
    d2: alg.within(alg.sub(drift, spread), -limit, limit),
  };
}

function withPublicMarket<V, Name extends string>(
  alg: Arithmetic<V>,
  inputs: Readonly<Partial<Record<Name, V>>>,
  market: Features<MarketFeature> | undefined,
): Readonly<Record<Name, V>> {
  if (market === undefined) return inputs as Readonly<Record<Name, V>>;
  return {
    ...inputs,
    ...Object.fromEntries(MARKET_FEATURES.map((name) => [name, alg.constant(market[name])])),
  };
}

function checkPublicMarket(market: Features<MarketFeature> | undefined, length: number): void {
  for (const name of market === undefined ? [] : MARKET_FEATURES) {
    if (market![name].length === length) continue;
    throw new ShapeError(
      `public market: expected ${length} elements of ${name}, found ${market![name].length}`,
      {
        name,
        expected: length,
        found: market![name].length,
      },
    );
  }
}

/** The declared bound of a feature: what the owners check before they encrypt. */
function specOf(
  name: MarketFeature | ContractFeature | BookFeature,
  length: number,
  domain: PricingDomain,
): InputSpec {
  const { limit, totalDeviation, strikeValue, forwardValue, forwardBand, forwardDeviations, volBand } =
    domain;
  const wide = Math.exp(volBand);
  const [least, most] = totalDeviation;
  const bounds: Readonly<Record<typeof name, number>> = {
    logForward: (forwardBand * wide) / least,
    inverseVol: wide,
    halfVol: 0.5 * wide,
    forwardValue,
    forwardValueOverVol: forwardValue * wide,
    inverseRootTime: 1,
    logStrike: wide * (limit + forwardDeviations * wide),
    rootTime: most,
    strikeValue,
    halfSign: 0.5,
    quantity: 1,
    strikeExposure: strikeValue,
    halfSignQuantity: 0.5,
    halfSignStrikeExposure: 0.5 * strikeValue,
  };
  // Rounding of the owners' own arithmetic.
  return { length, bound: bounds[name] * (1 + 1e-12) };
}
