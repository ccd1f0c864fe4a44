import { pathToFileURL } from 'node:url';
import { Option } from 'option-pricing';
import { americanGreeks, americanPrices } from '../../src/pricing/american/american.ts';
import { AMERICAN_SCHEMES } from '../../src/pricing/american/scheme.ts';
import type { BlackScholesInputs } from '../../src/pricing/black-scholes.ts';
import { inputsOf } from '../../test/support/options.ts';
import { readVectors } from '../../test/support/vectors.ts';
import { leisenReimer } from '../baselines/leisen-reimer.ts';
import type { TextbookOption } from '../baselines/textbook-black-scholes.ts';
import { interleave, median, type Timings } from '../harness/interleave.ts';
import type { BenchRow, BenchSuite } from '../harness/row.ts';
import { sampled } from '../harness/sampled.ts';

/**
 * American options/s on the reference vectors, whose terms all differ, and on ladders of strikes that share a boundary, on one core. Errors are the
 * largest and the median distance from the vectors in units of spot; the vectors themselves are good to some 1e-11 of it.
 */
export const suite: BenchSuite = { name: 'american', run };

const TREE_STEPS = 201;
const PEER_STEPS = 100;
/** The tree of the npm package takes some milliseconds an option. */
const PEER_ROWS = 25;
const LADDER = 50;

const LARGEST_ERROR = { fast: 1e-6, accurate: 1e-8 };
const MEDIAN_ERROR = { fast: 2e-9, accurate: 1e-11 };

async function run(report: (row: BenchRow) => void): Promise<void> {
  const file = readVectors('american_options.csv');
  const inputs = inputsOf(file);
  const expected = file.numbers('price');
  const plain = plainOptions(inputs);
  const peerOf = (i: number): number => peerPrice(plain[i]!);
  const treeOf = (option: TextbookOption): number => leisenReimer(option, TREE_STEPS);
  const ladders = laddersOf(inputs);
  const errors = {
    fast: errorsOf(americanPrices(inputs, AMERICAN_SCHEMES.fast), expected, inputs.spot),
    accurate: errorsOf(americanPrices(inputs), expected, inputs.spot),
    tree: errorsOf(Float64Array.from(plain, treeOf), expected, inputs.spot),
  };
  for (const scheme of ['fast', 'accurate'] as const) {
    const { largest, middle } = errors[scheme];
    if (!(largest < LARGEST_ERROR[scheme] && middle < MEDIAN_ERROR[scheme])) {
      throw new Error(`${scheme} is off by ${middle} in the median, ${largest} at most: not timed`);
    }
  }
  const { timings } = interleave({
    fast: () => americanPrices(inputs, AMERICAN_SCHEMES.fast)[0]!,
    accurate: () => americanPrices(inputs)[0]!,
    greeks: () => americanGreeks(inputs, AMERICAN_SCHEMES.fast).delta[0]!,
    ladders: () => americanPrices(ladders, AMERICAN_SCHEMES.fast)[0]!,
    tree: () => plain.reduce((sum, option) => sum + treeOf(option), 0),
    peer: () => sumOf(PEER_ROWS, peerOf),
  });
  const seconds = (sample: Timings, options: number): number => median(sample) / options;
  const tree = { name: `Leisen-Reimer tree, ${TREE_STEPS} steps`, seconds: seconds(timings.tree, file.rows) };
  const peer = {
    name: `option-pricing, CRR tree, ${PEER_STEPS} steps`,
    seconds: seconds(timings.peer, PEER_ROWS),
  };
  const row = (
    name: string,
    options: number,
    sample: Timings,
    error: number,
    medianError: number,
    baseline?: { readonly name: string; readonly seconds: number },
  ): void => {
    const rates = sample.map((time) => options / time);
    report(
      sampled(rates, {
        suite: suite.name,
        case: name,
        metric: 'throughput',
        unit: 'options/s',
        ...(baseline && { baseline: baseline.name, ratio: baseline.seconds / seconds(sample, options) }),
        error,
        parameters: { options, cores: 1, medianError },
      }),
    );
  };
  for (const scheme of ['fast', 'accurate'] as const) {
    const { largest, middle } = errors[scheme];
    row(`${scheme}, price`, file.rows, timings[scheme], largest, middle, tree);
    row(`${scheme}, price`, file.rows, timings[scheme], largest, middle, peer);
  }
  row('fast, price and Greeks', file.rows, timings.greeks, errors.fast.largest, errors.fast.middle, tree);
  const shared = ladders.sign.length;
  const ladderErrors = errorsOf(
    americanPrices(ladders, AMERICAN_SCHEMES.fast),
    americanPrices(ladders, AMERICAN_SCHEMES.reference),
    ladders.spot,
  );
  row(
    `fast, price, ${LADDER} strikes a boundary`,
    shared,
    timings.ladders,
    ladderErrors.largest,
    ladderErrors.middle,
  );
  row(tree.name, file.rows, timings.tree, errors.tree.largest, errors.tree.middle);
  const peerErrors = errorsOf(
    Float64Array.from({ length: PEER_ROWS }, (_, i) => peerOf(i)),
    expected.subarray(0, PEER_ROWS),
    inputs.spot,
  );
  row(peer.name, PEER_ROWS, timings.peer, peerErrors.largest, peerErrors.middle);
}

function sumOf(count: number, value: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += value(i);
  return sum;
}

function errorsOf(
  found: Float64Array,
  expected: Float64Array,
  spot: Float64Array,
): { readonly largest: number; readonly middle: number } {
  const errors = found.map((price, i) => Math.abs(price - expected[i]!) / spot[i]!).sort();
  return { largest: errors[errors.length - 1]!, middle: errors[errors.length >> 1]! };
}

function plainOptions(inputs: BlackScholesInputs): TextbookOption[] {
  const { sign, spot, strike, expiryYears, rate, dividendYield, vol } = inputs;
  return Array.from(spot, (s, i) => ({
    type: sign[i]! > 0 ? 'call' : 'put',
    spot: s,
    strike: strike[i]!,
    t: expiryYears[i]!,
    r: rate[i]!,
    q: dividendYield[i]!,
    vol: vol[i]!,
  }));
}

function peerPrice({ type, spot, strike, t, r, q, vol }: TextbookOption): number {
  return new Option({
    style: 'american',
    type,
    initialSpotPrice: spot,
    strikePrice: strike,
    timeToMaturity: t,
    volatility: vol,
    riskFreeRate: r,
    dividendYield: q,
  }).price('bt', { timeSteps: PEER_STEPS });
}

/** Strikes from 70 % to 130 % of the spot on each of the first 40 terms. */
function laddersOf({ sign, spot, strike, ...terms }: BlackScholesInputs): BlackScholesInputs {
  const repeated = (column: Float64Array): Float64Array =>
    Float64Array.from({ length: 40 * LADDER }, (_, i) => column[Math.floor(i / LADDER)]!);
  const spots = repeated(spot);
  return {
    sign: repeated(sign),
    spot: spots,
    strike: spots.map((s, i) => s * (0.7 + (0.6 * (i % LADDER)) / (LADDER - 1))),
    expiryYears: repeated(terms.expiryYears),
    rate: repeated(terms.rate),
    dividendYield: repeated(terms.dividendYield),
    vol: repeated(terms.vol),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await run((row) => console.log(JSON.stringify(row)));
}
