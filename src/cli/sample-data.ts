import type { Book, Position } from '../domain/book.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Factor, Market, Underlying } from '../domain/market.ts';
import type { ScenarioSet } from '../domain/scenarios.ts';
import { type Matrix, matrixOf } from '../numeric/matrix.ts';
import { SeededRandom } from '../numeric/seeded.ts';

/** What the sample knows of an underlying beyond the market file; every price is in US dollars. */
type Profile = Underlying & {
  /** Contract size. */
  readonly multiplier: number;
  /** Strikes are multiples of this. */
  readonly strikeStep: number;
  /** Decimals of a quantity in contracts: 0 for listed contracts, 1 where tenths trade. */
  readonly quantityDecimals: number;
  /** Standard deviation of the daily relative return. */
  readonly dailyReturn: number;
  /** Standard deviation of the daily absolute shift of all vols. */
  readonly dailyVolShift: number;
  /** Return correlation with the equity market, the dollar (weaker = up) and crypto; the rest is idiosyncratic. */
  readonly loadings: readonly [equity: number, dollar: number, crypto: number];
  /** Correlation of vol shifts with the own return: negative where fear follows falling prices. */
  readonly leverage: number;
  /** Which vols move together beyond what spots explain (0 equity, 1 currency, 2 crypto), and that correlation's root. */
  readonly volGroup: 0 | 1 | 2;
  readonly volLoading: number;
  /** Smile in standardised log-moneyness x = ln(K/F) / (vol sqrt t): vol (1 + skew x + smile x^2). */
  readonly skew: number;
  readonly smile: number;
};

/** Kinds of the sample book. */
type SampleKind = 'option' | 'forward' | 'spot';

const VALUATION = '2026-01-21T00:00:00Z';
const SCENARIOS = 500;
const OPTIONS = 280;
const FORWARDS = 30;
const SPOTS = 10;
const EXPIRY_DAYS = [7, 14, 30, 58, 86, 149, 240, 331, 513, 730];
/** A position moves by about this many dollars (lognormal median) when its underlying moves by one standard deviation. */
const TYPICAL_DAILY_RISK = 12_000;

const EQUITY = {
  rate: 0.038,
  quantityDecimals: 0,
  multiplier: 100,
  leverage: -0.72,
  volGroup: 0,
  volLoading: 0.5,
  skew: -0.055,
  smile: 0.014,
} as const;
const FX = {
  rate: 0.038,
  quantityDecimals: 0,
  leverage: -0.1,
  volGroup: 1,
  volLoading: 0.6,
  skew: -0.01,
  smile: 0.02,
} as const;
const CRYPTO = {
  rate: 0.038,
  quantityDecimals: 1,
  leverage: -0.25,
  volGroup: 2,
  volLoading: 0.8,
  skew: -0.02,
  smile: 0.025,
} as const;

// biome-ignore format: one underlying a line, as a table
const PROFILES: readonly Profile[] = [
  { ...EQUITY, name: 'ATLAS', spot: 214.6, dividendYield: 0.006, referenceVol: 0.24, strikeStep: 2.5, dailyReturn: 0.0145, dailyVolShift: 0.011, loadings: [0.72, 0.1, 0.06] },
  { ...EQUITY, name: 'BOREAL', spot: 58.35, dividendYield: 0.031, referenceVol: 0.19, strikeStep: 1, dailyReturn: 0.011, dailyVolShift: 0.008, loadings: [0.58, 0.05, 0] },
  { ...EQUITY, name: 'CIRRUS', spot: 482.1, dividendYield: 0, referenceVol: 0.38, strikeStep: 5, dailyReturn: 0.0235, dailyVolShift: 0.016, loadings: [0.68, 0.08, 0.22] },
  { ...EQUITY, name: 'DORIAN', spot: 127.8, dividendYield: 0.018, referenceVol: 0.29, strikeStep: 2.5, dailyReturn: 0.017, dailyVolShift: 0.012, loadings: [0.65, 0.12, 0.04] },
  { ...FX, name: 'EURUSD', spot: 1.1684, dividendYield: 0.021, referenceVol: 0.075, strikeStep: 0.005, multiplier: 10_000, dailyReturn: 0.005, dailyVolShift: 0.0028, loadings: [0.08, 0.85, 0.05] },
  { ...FX, name: 'JPYUSD', spot: 0.006325, dividendYield: 0.006, referenceVol: 0.095, strikeStep: 0.00005, multiplier: 1_000_000, dailyReturn: 0.0055, dailyVolShift: 0.0035, loadings: [-0.22, 0.6, -0.05] },
  { ...CRYPTO, name: 'BTC', spot: 89_450, dividendYield: 0, referenceVol: 0.52, strikeStep: 1000, multiplier: 1, dailyReturn: 0.03, dailyVolShift: 0.021, loadings: [0.25, 0.08, 0.88] },
  { ...CRYPTO, name: 'ETH', spot: 2985, dividendYield: 0, referenceVol: 0.68, strikeStep: 50, multiplier: 1, dailyReturn: 0.04, dailyVolShift: 0.028, loadings: [0.25, 0.06, 0.85] },
];

/**
 * An invented but realistic book for demonstrations, the same for the same seed: 320 positions (280 European options
 * with their own vols, 30 forwards, 10 spot holdings) on four equities, two currencies in US dollars, BTC and ETH,
 * sized so that each underlying carries a like share of the risk; 500 daily scenarios of 16 factors, heavy-tailed with
 * volatility clustering; and the covariance of those scenarios. Not for statistics about any real market.
 */
export function sampleData(seed = 20_260_121): { book: Book; market: Market; scenarios: ScenarioSet } {
  const random = new SeededRandom(seed);
  const factors = factorsOf(PROFILES);
  const moves = sampleMoves(random);
  const underlyings = PROFILES.map(({ name, spot, rate, dividendYield, referenceVol }) => {
    return { name, spot, rate, dividendYield, referenceVol };
  });
  return {
    book: { positions: samplePositions(random) },
    market: { valuation: VALUATION, underlyings, factors, dailyCovariance: covarianceOf(moves) },
    scenarios: { labels: Array.from({ length: SCENARIOS }, (_, s) => `${s + 1}`), factors, moves },
  };
}

function factorsOf(profiles: readonly Profile[]): Factor[] {
  const kinds = ['spot_return', 'vol_shift'] as const;
  return kinds.flatMap((kind) =>
    profiles.map(({ name }) => ({ name: `${name}:${kind}`, underlying: name, kind })),
  );
}

function samplePositions(random: SeededRandom): Position[] {
  const kinds = [
    ...Array<SampleKind>(OPTIONS).fill('option'),
    ...Array<SampleKind>(FORWARDS).fill('forward'),
    ...Array<SampleKind>(SPOTS).fill('spot'),
  ];
  return kinds.map((kind, i) => {
    // Round robin: the underlyings hold like numbers of positions.
    const profile = PROFILES[i % PROFILES.length]!;
    const { multiplier, spot, dailyReturn, quantityDecimals } = profile;
    const contracts =
      (TYPICAL_DAILY_RISK * Math.exp(0.7 * random.normal())) / (spot * multiplier * dailyReturn);
    const size = Math.max(10 ** -quantityDecimals, rounded(contracts, quantityDecimals));
    return {
      id: `P${String(i + 1).padStart(4, '0')}`,
      instrument: sampleInstrument(random, kind, profile),
      quantity: random.uniform() < 0.54 ? -size : size,
      multiplier,
    };
  });
}

function sampleInstrument(random: SeededRandom, kind: SampleKind, profile: Profile): Instrument {
  const { name: underlying, spot, rate, dividendYield, referenceVol, strikeStep, skew, smile } = profile;
  if (kind === 'spot') return { kind, underlying };
  const years = random.pick(EXPIRY_DAYS) / 365;
  const expiryYears = rounded(years, 6);
  const forward = spot * Math.exp((rate - dividendYield) * years);
  if (kind === 'forward') {
    const strike = significant(
      forward * Math.exp(0.3 * referenceVol * Math.sqrt(years) * random.normal()),
      5,
    );
    return { kind, underlying, strike, expiryYears };
  }
  const width = referenceVol * Math.sqrt(years);
  const steps = Math.max(1, Math.round((forward * Math.exp(0.9 * width * random.normal())) / strikeStep));
  // The product of a step count and 0.00005 is not the shortest decimal.
  const strike = significant(steps * strikeStep, 8);
  const x = Math.min(3, Math.max(-3, Math.log(strike / forward) / width));
  const vol = rounded(referenceVol * (1 + skew * x + smile * x * x) * Math.exp(0.01 * random.normal()), 4);
  // Mostly out-of-the-money, as the open interest of most listed markets.
  const outOfTheMoney = strike >= forward ? 'call' : 'put';
  const inTheMoney = strike >= forward ? 'put' : 'call';
  return {
    kind,
    underlying,
    type: random.uniform() < 0.8 ? outOfTheMoney : inTheMoney,
    strike,
    expiryYears,
    vol,
  };
}

/**
 * Factor moves, a row a day: a one-factor-a-market model with Student t innovations (5 degrees of freedom, one
 * chi-square a day, so that tails come together) scaled by a GARCH(1,1) variance common to all.
 */
function sampleMoves(random: SeededRandom): Matrix {
  const count = PROFILES.length;
  const moves = matrixOf(SCENARIOS, 2 * count);
  let variance = 1;
  let shock = 1;
  for (let s = 0; s < SCENARIOS; s++) {
    // Unconditional variance 1: 0.06 / (1 - 0.08 - 0.86).
    variance = 0.06 + 0.08 * shock * shock * variance + 0.86 * variance;
    const scale = Math.sqrt(variance) * studentScale(random);
    const common = [random.normal(), random.normal(), random.normal()];
    const commonVol = [random.normal(), random.normal(), random.normal()];
    shock = common[0]!;
    for (const [u, profile] of PROFILES.entries()) {
      const z = mixed(profile.loadings, common, random.normal());
      const zVol = mixed(
        [profile.leverage, profile.volLoading],
        [z, commonVol[profile.volGroup]!],
        random.normal(),
      );
      moves.data[s * moves.cols + u] = rounded(limited(z * scale) * profile.dailyReturn, 6);
      moves.data[s * moves.cols + count + u] = rounded(limited(zVol * scale) * profile.dailyVolShift, 6);
    }
  }
  return moves;
}

/** Square root of an inverse chi-square with 5 degrees of freedom, normalised: times a normal it is a t of variance 1. */
function studentScale(random: SeededRandom): number {
  let chiSquare = 0;
  for (let i = 0; i < 5; i++) chiSquare += random.normal() ** 2;
  return Math.sqrt(3 / chiSquare);
}

/** A variable of variance 1: loadings on independent ones, and its own noise for what they leave. */
function mixed(loadings: readonly number[], common: readonly number[], noise: number): number {
  let sum = 0;
  let explained = 0;
  for (const [i, loading] of loadings.entries()) {
    sum += loading * common[i]!;
    explained += loading * loading;
  }
  return sum + Math.sqrt(1 - explained) * noise;
}

/** No sample day beyond 8 standard deviations. */
function limited(z: number): number {
  return Math.min(8, Math.max(-8, z));
}

/** Sample covariance of the columns (n - 1), to ten significant digits. */
function covarianceOf({ rows, cols, data }: Matrix): Matrix {
  const means = new Float64Array(cols);
  for (let i = 0; i < data.length; i++) means[i % cols]! += data[i]! / rows;
  const out = matrixOf(cols, cols);
  for (let a = 0; a < cols; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let s = 0; s < rows; s++) {
        sum += (data[s * cols + a]! - means[a]!) * (data[s * cols + b]! - means[b]!);
      }
      const covariance = significant(sum / (rows - 1), 10);
      out.data[a * cols + b] = covariance;
      out.data[b * cols + a] = covariance;
    }
  }
  return out;
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

function significant(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}
