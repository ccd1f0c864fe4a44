import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { bachelierImpliedVols } from '../../src/pricing/implied-vol/bachelier-implied-vol.ts';
import { blackImpliedVols } from '../../src/pricing/implied-vol/black-implied-vol.ts';
import type { OptionQuotes } from '../../src/pricing/implied-vol/quotes.ts';
import { readQuotes } from '../../test/support/quotes.ts';
import { newtonImpliedVol, type PlainQuote } from '../baselines/newton-implied-vol.ts';
import { interleave, median, type Timings } from '../harness/interleave.ts';
import type { BenchRow, BenchSuite } from '../harness/row.ts';
import { sampled } from '../harness/sampled.ts';
import { loadQuantLib, type QuantLib } from '../quantlib.ts';

const { getImpliedVolatility } = createRequire(import.meta.url)('implied-volatility') as {
  getImpliedVolatility: (
    price: number,
    spot: number,
    strike: number,
    t: number,
    r: number,
    type: 'call' | 'put',
  ) => number;
};

/**
 * Implied volatilities/s on the reference quotes, Black and normal, on one core. `error` is the largest relative error, or what
 * exceeds it where a quote's last bit allows no better: see errorOf.
 */
export const suite: BenchSuite = { name: 'implied-vol', run };

/** Quotes for the peers, whose bisections take a millisecond. */
const PEER_ROWS = 100;
/** The largest error that is timed. */
const TOLERANCE = 1e-14;
/** Half a unit in the last place. */
const ROUNDING = 2 ** -53;

async function run(report: (row: BenchRow) => void): Promise<void> {
  const quantlib = await loadQuantLib();
  await black(report, quantlib);
  await normal(report, quantlib);
}

async function black(report: (row: BenchRow) => void, quantlib: QuantLib): Promise<void> {
  const { file, quotes } = readQuotes('implied_vol.csv');
  const expected = file.numbers('implied_vol');
  const attainable = file.numbers('attainable_rel_error');
  const plain = plainQuotes(quotes);
  const peers = {
    'Newton on the price, typed in plain JavaScript': (i: number) => newtonImpliedVol(plain[i]!),
    '@quantlib/ql blackFormulaImpliedStdDev': (i: number) => quantlibBlack(quantlib, plain[i]!),
    'implied-volatility': (i: number) => {
      const { type, forward, strike, t, r, price } = plain[i]!;
      return getImpliedVolatility(price, forward * Math.exp(-r * t), strike, t, r, type);
    },
  };
  compare(report, 'Black', quotes, (some) => blackImpliedVols(some), expected, attainable, peers);
}

async function normal(report: (row: BenchRow) => void, quantlib: QuantLib): Promise<void> {
  const { file, quotes } = readQuotes('bachelier.csv');
  const expected = file.numbers('normal_vol');
  const vega = file.numbers('vega');
  // What half a unit in the last place of the price is worth in vols.
  const attainable = quotes.price.map((price, i) => (price * ROUNDING) / (vega[i]! * expected[i]!));
  const plain = plainQuotes(quotes);
  const peers = {
    '@quantlib/ql bachelierBlackFormulaImpliedVol': (i: number) => {
      const { type, forward, strike, t, r, price } = plain[i]!;
      const { Call, Put } = quantlib.Option.Type;
      return quantlib.bachelierBlackFormulaImpliedVol(
        type === 'call' ? Call : Put,
        strike,
        forward,
        t,
        price,
        Math.exp(-r * t),
      );
    },
  };
  compare(report, 'normal', quotes, (some) => bachelierImpliedVols(some), expected, attainable, peers);
}

/** Times the whole batch of quotes and each peer on its first rows; ratios are of the time a quote. */
function compare(
  report: (row: BenchRow) => void,
  name: string,
  quotes: OptionQuotes,
  invert: (quotes: OptionQuotes) => Float64Array,
  expected: Float64Array,
  attainable: Float64Array,
  peers: Readonly<Record<string, (i: number) => number>>,
): void {
  const count = expected.length;
  const error = errorOf(invert(quotes), expected, attainable);
  if (!(error <= TOLERANCE)) throw new Error(`${name} implied vols are off by ${error}: not timed`);
  const rows = Math.min(PEER_ROWS, count);
  const { timings } = interleave<string>({
    ours: () => invert(quotes)[count - 1]!,
    ...Object.fromEntries(
      Object.entries(peers).map(([peer, vol]) => [
        peer,
        () => {
          let sum = 0;
          for (let i = 0; i < rows; i++) sum += orNothing(vol, i);
          return sum;
        },
      ]),
    ),
  });
  const row = (
    label: string,
    work: number,
    sample: Timings,
    found: number,
    more: Partial<BenchRow>,
  ): void => {
    const rates = sample.map((seconds) => work / seconds);
    report(
      sampled(rates, {
        suite: suite.name,
        case: label,
        metric: 'throughput',
        unit: 'vols/s',
        error: found,
        parameters: { quotes: work, cores: 1 },
        ...more,
      }),
    );
  };
  for (const [peer, vol] of Object.entries(peers)) {
    const sample = timings[peer]!;
    const ratio = median(sample) / rows / (median(timings['ours']!) / count);
    row(`${name} implied vols`, count, timings['ours']!, error, { baseline: peer, ratio });
    const found = Float64Array.from({ length: rows }, (_, i) => orNothing(vol, i));
    row(`${name}: ${peer}`, rows, sample, errorOf(found, expected, attainable), {});
  }
}

/** A peer that throws where it does not converge has found nothing: a vol of zero, wrong by 1. */
function orNothing(vol: (i: number) => number, i: number): number {
  try {
    return vol(i);
  } catch {
    return 0;
  }
}

/** The largest relative error; where ten times what the last bit of a price allows is more than that, only what exceeds it counts. */
function errorOf(found: Float64Array, expected: Float64Array, attainable: Float64Array): number {
  return expected.reduce((most, vol, i) => {
    if (i >= found.length) return most;
    const relative = Math.abs(found[i]! / vol - 1);
    return relative <= 10 * attainable[i]! ? most : Math.max(most, relative);
  }, 0);
}

function plainQuotes({ sign, forward, strike, expiryYears, rate, price }: OptionQuotes): PlainQuote[] {
  return Array.from(price, (value, i) => ({
    type: sign[i]! > 0 ? 'call' : 'put',
    forward: forward[i]!,
    strike: strike[i]!,
    t: expiryYears[i]!,
    r: rate[i]!,
    price: value,
  }));
}

function quantlibBlack(
  { blackFormulaImpliedStdDev1, Option }: QuantLib,
  { type, forward, strike, t, r, price }: PlainQuote,
): number {
  const { Call, Put } = Option.Type;
  const deviation = blackFormulaImpliedStdDev1(
    type === 'call' ? Call : Put,
    strike,
    forward,
    price,
    Math.exp(-r * t),
    0,
    undefined,
    1e-14,
    100,
  );
  return deviation / Math.sqrt(t);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await run((row) => console.log(JSON.stringify(row)));
}
