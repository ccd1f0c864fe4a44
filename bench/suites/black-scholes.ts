import { pathToFileURL } from 'node:url';
import type { Instrument, VanillaOption } from '../../src/domain/instrument.ts';
import type { Market } from '../../src/domain/market.ts';
import type { ScenarioSet } from '../../src/domain/scenarios.ts';
import { type Matrix, matrixOf } from '../../src/numeric/matrix.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { allocateGreeks, blackScholesGreeks, blackScholesPrices } from '../../src/pricing/black-scholes.ts';
import { blackScholesAllGreeks } from '../../src/pricing/black-scholes-all-greeks.ts';
import { BlackScholesBatch } from '../../src/pricing/black-scholes-batch.ts';
import { type BlackScholesInputs, checkBlackScholesInputs } from '../../src/pricing/black-scholes-inputs.ts';
import { sharedKernel } from '../../src/pricing/black-scholes-kernel.ts';
import { greeksTwin, pricesTwin } from '../../src/pricing/black-scholes-twin.ts';
import { planRevaluation } from '../../src/pricing/revaluation-plan.ts';
import { scenarioPnlSync } from '../../src/pricing/revalue.ts';
import { twinRevaluers } from '../../src/pricing/segment-revaluers.ts';
import { readEuropeanOptions } from '../../test/support/options.ts';
import { type TextbookOption, textbookGreeks, textbookPrice } from '../baselines/textbook-black-scholes.ts';
import { interleave, median, type Timings } from '../harness/interleave.ts';
import type { BenchRow, BenchSuite } from '../harness/row.ts';
import { sampled } from '../harness/sampled.ts';

const OPTIONS = 10_000;
const CONTRACTS = 2000;
const SCENARIOS = 500;
const TEXTBOOK = 'textbook formulas on plain objects, same cdf';
const JAVASCRIPT = 'the same loops in JavaScript';

/**
 * Options/s of the plaintext engine: price, price + 5 Greeks (columns copied into the kernel, and resident in it, against the
 * same in JavaScript and against a textbook), all Greeks, and full revaluation of 2000 x 500, whole and the kernel alone.
 */
export const suite: BenchSuite = { name: 'black-scholes', run };

async function run(report: (row: BenchRow) => void): Promise<void> {
  if (sharedKernel() === undefined) throw new Error('no WebAssembly with SIMD here: nothing to compare');
  const error = checkAgainstVectors();
  const inputs = randomOptions(OPTIONS);
  const plain = plainOptions(inputs);
  const out = allocateGreeks(OPTIONS);
  const prices = new Float64Array(OPTIONS);
  const batch = new BlackScholesBatch(OPTIONS);
  for (const name of Object.keys(inputs) as (keyof BlackScholesInputs)[])
    batch.inputs[name].set(inputs[name]);
  checkSame(inputs, batch);
  const last = OPTIONS - 1;
  const { timings } = interleave({
    price: () => blackScholesPrices(inputs, prices)[last]!,
    priceResident: () => batch.computePrices()[last]!,
    priceInJavaScript: () => {
      checkBlackScholesInputs(inputs);
      pricesTwin(inputs, prices);
      return prices[last]!;
    },
    pricePlain: () => plain.reduce((sum, option) => sum + textbookPrice(option), 0),
    greeks: () => blackScholesGreeks(inputs, out).rho[last]!,
    greeksResident: () => batch.computeGreeks().rho[last]!,
    greeksInJavaScript: () => {
      checkBlackScholesInputs(inputs);
      greeksTwin(inputs, out);
      return out.rho[last]!;
    },
    greeksPlain: () => plain.reduce((sum, option) => sum + textbookGreeks(option).rho, 0),
    all: () => blackScholesAllGreeks(inputs).zomma[last]!,
  });
  const row = (
    name: string,
    work: number,
    sample: Timings,
    worst: number,
    baseline?: readonly [name: string, sample: Timings],
  ): void => {
    const rates = sample.map((seconds) => work / seconds);
    report(
      sampled(rates, {
        suite: suite.name,
        case: name,
        metric: 'throughput',
        unit: 'options/s',
        ...(baseline && { baseline: baseline[0], ratio: median(baseline[1]) / median(sample) }),
        error: worst,
        parameters: { options: work, cores: 1 },
      }),
    );
  };
  const { price, priceResident, priceInJavaScript, pricePlain } = timings;
  row('price', OPTIONS, price, error, [TEXTBOOK, pricePlain]);
  row('price against JavaScript', OPTIONS, price, error, [JAVASCRIPT, priceInJavaScript]);
  row('price, resident', OPTIONS, priceResident, error, [JAVASCRIPT, priceInJavaScript]);
  row('price in JavaScript', OPTIONS, priceInJavaScript, error, [TEXTBOOK, pricePlain]);
  const { greeks, greeksResident, greeksInJavaScript, greeksPlain } = timings;
  row('price + 5 Greeks', OPTIONS, greeks, error, [TEXTBOOK, greeksPlain]);
  row('price + 5 Greeks against JavaScript', OPTIONS, greeks, error, [JAVASCRIPT, greeksInJavaScript]);
  row('price + 5 Greeks, resident', OPTIONS, greeksResident, error, [JAVASCRIPT, greeksInJavaScript]);
  row('price + 5 Greeks in JavaScript', OPTIONS, greeksInJavaScript, error, [TEXTBOOK, greeksPlain]);
  row('price + 12 Greeks', OPTIONS, timings.all, error);

  const { instruments, market, scenarios, revalued } = revaluation();
  const found = scenarioPnlSync(instruments, market, scenarios);
  const errorPnl = checkRevaluation(found, revalued());
  const still = { elapsedYears: 0, volTerm: undefined };
  const onKernel = planRevaluation(instruments, market, still).options;
  const inJavaScript = planRevaluation(instruments, market, still, twinRevaluers).options;
  const repriceAll = (segments: typeof onKernel): number => {
    let sum = 0;
    for (const segment of segments) {
      for (let s = 0; s < SCENARIOS; s++) {
        const move = 0.001 * (s % 40) - 0.02;
        segment.revalue({ growth: 1 + move, logGrowth: Math.log1p(move), shift: move, relativeShift: 0 });
        sum += segment.changes[0]!;
      }
    }
    return sum;
  };
  if (repriceAll(onKernel) !== repriceAll(inJavaScript)) {
    throw new Error('kernel and JavaScript disagree on revaluations: not timed');
  }
  const lastCell = CONTRACTS * SCENARIOS - 1;
  const repricing = interleave({
    pnl: () => scenarioPnlSync(instruments, market, scenarios).data[lastCell]!,
    pnlPlain: () => revalued().data[lastCell]!,
    kernel: () => repriceAll(onKernel),
    twin: () => repriceAll(inJavaScript),
  });
  const { pnl, pnlPlain, kernel, twin } = repricing.timings;
  const name = `full revaluation ${CONTRACTS} x ${SCENARIOS}`;
  row(name, CONTRACTS * SCENARIOS, pnl, errorPnl, [TEXTBOOK, pnlPlain]);
  row(`${name}, without the matrix`, CONTRACTS * SCENARIOS, kernel, errorPnl, [JAVASCRIPT, twin]);
}

/** @throws Error unless kernel, batch and JavaScript give the same bits. */
function checkSame(inputs: BlackScholesInputs, batch: BlackScholesBatch): void {
  const expected = allocateGreeks(inputs.sign.length);
  greeksTwin(inputs, expected);
  const copied = blackScholesGreeks(inputs);
  const resident = batch.computeGreeks();
  for (const name of Object.keys(expected) as (keyof typeof expected)[]) {
    expected[name].forEach((value, i) => {
      if (copied[name][i] !== value || resident[name][i] !== value) {
        throw new Error(`kernel and JavaScript disagree on ${name} of option ${i}: not timed`);
      }
    });
  }
}

/** Largest price error over the spot on the reference vectors. @throws Error if it is not below 1e-13. */
function checkAgainstVectors(): number {
  const { file, inputs } = readEuropeanOptions();
  const expected = file.numbers('price');
  const plain = plainOptions(inputs);
  let worst = 0;
  blackScholesGreeks(inputs).price.forEach((price, i) => {
    worst = Math.max(worst, Math.abs(price - expected[i]!) / inputs.spot[i]!);
    const baseline = Math.abs(textbookGreeks(plain[i]!).price - expected[i]!) / inputs.spot[i]!;
    if (!(baseline < 1e-13)) throw new Error(`the baseline is off by ${baseline} of the spot in row ${i}`);
  });
  if (!(worst < 1e-13)) throw new Error(`prices are off by ${worst} of the spot: not timed`);
  return worst;
}

/** Listed-style options: a week to two years, strikes within two standard deviations, vols of 10 to 80 %. */
function randomOptions(count: number): BlackScholesInputs {
  const random = new SeededRandom(1);
  const column = (of: (i: number) => number): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => of(i));
  const spot = column(() => random.between(20, 500));
  const vol = column(() => random.between(0.1, 0.8));
  const expiryYears = column(() => random.between(7 / 365, 2));
  return {
    sign: column(() => random.pick([1, -1])),
    spot,
    strike: column((i) => spot[i]! * Math.exp(vol[i]! * Math.sqrt(expiryYears[i]!) * random.between(-2, 2))),
    expiryYears,
    rate: column(() => random.between(-0.01, 0.06)),
    dividendYield: column(() => random.between(0, 0.05)),
    vol,
  };
}

function plainOptions(inputs: BlackScholesInputs): TextbookOption[] {
  return Array.from(inputs.sign, (sign, i) => ({
    type: sign > 0 ? 'call' : 'put',
    spot: inputs.spot[i]!,
    strike: inputs.strike[i]!,
    t: inputs.expiryYears[i]!,
    r: inputs.rate[i]!,
    q: inputs.dividendYield[i]!,
    vol: inputs.vol[i]!,
  }));
}

/** Options on twelve underlyings, scenarios of spot and vol moves, and the same by the textbook. */
function revaluation(): {
  instruments: Instrument[];
  market: Market;
  scenarios: ScenarioSet;
  revalued: () => Matrix;
} {
  const random = new SeededRandom(2);
  const underlyings = Array.from({ length: 12 }, (_, i) => ({
    name: `U${i}`,
    spot: random.between(20, 500),
    rate: 0.04,
    dividendYield: random.between(0, 0.03),
    referenceVol: 0.3,
  }));
  const factors = underlyings.flatMap(({ name }) => [
    { name: `${name}:spot_return`, underlying: name, kind: 'spot_return' as const },
    { name: `${name}:vol_shift`, underlying: name, kind: 'vol_shift' as const },
  ]);
  const moves = matrixOf(SCENARIOS, factors.length).data.map(
    (_, i) => random.normal() * (i % 2 === 0 ? 0.02 : 0.01),
  );
  const options = Array.from(
    { length: CONTRACTS },
    (): VanillaOption & { readonly vol: number; readonly index: number } => {
      const index = random.integer(0, 11);
      const vol = random.between(0.1, 0.8);
      const expiryYears = random.between(7 / 365, 2);
      const strike =
        underlyings[index]!.spot * Math.exp(vol * Math.sqrt(expiryYears) * random.between(-2, 2));
      const type = random.pick(['call', 'put'] as const);
      return { kind: 'option', underlying: `U${index}`, type, strike, expiryYears, vol, index };
    },
  );
  const revalued = (): Matrix => {
    const out = matrixOf(SCENARIOS, CONTRACTS);
    const valueOf = (option: (typeof options)[number], move: number, shift: number): number => {
      const { spot, rate, dividendYield } = underlyings[option.index]!;
      const vol = Math.max(option.vol + shift, 1e-4);
      const { type, strike, expiryYears: t } = option;
      return textbookPrice({ type, spot: spot * (1 + move), strike, t, r: rate, q: dividendYield, vol });
    };
    const base = options.map((option) => valueOf(option, 0, 0));
    for (let s = 0; s < SCENARIOS; s++) {
      options.forEach((option, c) => {
        const at = s * factors.length + 2 * option.index;
        out.data[s * CONTRACTS + c] = valueOf(option, moves[at]!, moves[at + 1]!) - base[c]!;
      });
    }
    return out;
  };
  const market = { valuation: 'bench', underlyings, factors, dailyCovariance: matrixOf(24, 24) };
  const labels = Array.from({ length: SCENARIOS }, (_, s) => String(s));
  const scenarios = { labels, factors, moves: matrixOf(SCENARIOS, factors.length, moves) };
  return { instruments: options, market, scenarios, revalued };
}

function checkRevaluation(found: Matrix, expected: Matrix): number {
  let worst = 0;
  found.data.forEach((value, i) => {
    worst = Math.max(worst, Math.abs(value - expected.data[i]!));
  });
  // Spots are at most 500.
  if (!(worst < 1e-11)) throw new Error(`the revaluation is off by ${worst}: not timed`);
  return worst;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await run((row) => console.log(JSON.stringify(row)));
}
