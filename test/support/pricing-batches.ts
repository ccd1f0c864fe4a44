import { normalCdf, normalPdf } from '../../src/numeric/normal.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import {
  type ContractFeature,
  contractFeatures,
  type Features,
  type MarketFeature,
  marketFeatures,
  type OptionMarket,
  type OptionTerms,
} from '../../src/risk/pricing/features.ts';
import { DEFAULT_PRICING_DOMAIN, type PricingReference } from '../../src/risk/pricing/reference.ts';
import { readVectors } from './vectors.ts';

/** Options of two owners with what is public about them, and what they are worth. */
export type PricingBatch = {
  readonly terms: OptionTerms;
  readonly market: OptionMarket;
  readonly reference: PricingReference;
  readonly spot: Float64Array;
  readonly expected: Readonly<Record<'price' | 'delta' | 'gamma' | 'vega', Float64Array>>;
};

/**
 * The reference options, all of them. What is public: a vol off the true one by up to `volBand`, a forward off by up to `deviations`
 * standard deviations.
 */
export function referenceOptions(volBand = 0.1, deviations = 0.1, seed = 1): PricingBatch {
  const table = readVectors('european_black_scholes.csv');
  const column = (name: string): Float64Array => table.numbers(name);
  const random = new SeededRandom(seed);
  const [spot, t, r, q, vol] = ['spot', 't', 'r', 'q', 'vol'].map(column) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const forward = spot.map((S, i) => S * Math.exp((r[i]! - q[i]!) * t[i]!));
  const publicVol = vol.map((sigma) => sigma * Math.exp(volBand * random.between(-1, 1)));
  const forwardBand = publicVol.map((sigma, i) => Math.min(deviations * sigma * Math.sqrt(t[i]!), 0.1));
  return {
    terms: {
      sign: Float64Array.from(table.text('type'), (type) => (type === 'call' ? 1 : -1)),
      strike: column('strike'),
      expiryYears: t,
    },
    market: { forward, vol },
    reference: {
      forward: forward.map((F, i) => F * Math.exp(forwardBand[i]! * random.between(-1, 1))),
      vol: publicVol,
      forwardBand,
      volBand,
      discount: t.map((years, i) => Math.exp(-r[i]! * years)),
    },
    spot,
    expected: {
      price: column('price'),
      delta: column('delta'),
      gamma: column('gamma'),
      vega: column('vega'),
    },
  };
}

/** Elements `from` to `to` - 1 of everything. */
export function sliceBatch(
  { terms, market, reference, spot, expected }: PricingBatch,
  from: number,
  to: number,
): PricingBatch {
  const slice = <T extends object>(columns: T): T =>
    Object.fromEntries(
      Object.entries(columns).map(([name, value]) => [
        name,
        value instanceof Float64Array ? value.slice(from, to) : value,
      ]),
    ) as T;
  return {
    terms: slice(terms),
    market: slice(market),
    reference: slice(reference),
    spot: spot.slice(from, to),
    expected: slice(expected),
  };
}

/** Random options of weeks to years, near and far, with public references 10 % off at most. Spot 1, no rates. */
export function randomOptions(random: SeededRandom, count: number): PricingBatch {
  const column = (of: (i: number) => number): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => of(i));
  const vol = column(() => random.between(0.15, 1));
  const t = column(() => random.between(1 / 60, 3));
  const publicVol = vol.map((sigma) => sigma * Math.exp(random.between(-0.1, 0.1)));
  const forwardBand = publicVol.map((sigma, i) => 0.1 * sigma * Math.sqrt(t[i]!));
  const sign = column(() => random.pick([1, -1]));
  const strike = column(() => Math.exp(random.between(-0.6, 0.6)));
  const one = new Float64Array(count).fill(1);
  const deviation = vol.map((sigma, i) => sigma * Math.sqrt(t[i]!));
  const d1 = deviation.map((sd, i) => -Math.log(strike[i]!) / sd + sd / 2);
  return {
    terms: { sign, strike, expiryYears: t },
    market: { forward: one, vol },
    reference: {
      forward: forwardBand.map((band) => Math.exp(band * random.between(-1, 1))),
      vol: publicVol,
      forwardBand,
      volBand: 0.1,
      discount: one,
    },
    spot: one,
    expected: {
      price: column((i) => {
        const w = sign[i]!;
        return w * (normalCdf(w * d1[i]!) - strike[i]! * normalCdf(w * (d1[i]! - deviation[i]!)));
      }),
      delta: column((i) => sign[i]! * normalCdf(sign[i]! * d1[i]!)),
      gamma: column((i) => normalPdf(d1[i]!) / deviation[i]!),
      vega: column((i) => normalPdf(d1[i]!) * Math.sqrt(t[i]!)),
    },
  };
}

/** The same options where the market is public: the reference is the market, without bands. */
export function withPublicMarket(batch: PricingBatch): PricingBatch {
  const { market, reference } = batch;
  const forwardBand = new Float64Array(market.forward.length);
  return { ...batch, reference: { ...reference, ...market, forwardBand, volBand: 0 } };
}

/** What both owners encrypt of a batch. */
export function featuresOf({
  terms,
  market,
  reference,
}: PricingBatch): Features<MarketFeature | ContractFeature> {
  return {
    ...marketFeatures(market, reference, DEFAULT_PRICING_DOMAIN),
    ...contractFeatures(terms, reference, DEFAULT_PRICING_DOMAIN).features,
  };
}
