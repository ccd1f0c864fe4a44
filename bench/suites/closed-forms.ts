import { pathToFileURL } from 'node:url';
import { bachelierModel } from '../../src/pricing/bachelier.ts';
import { black76Model } from '../../src/pricing/black76.ts';
import { inverseModel } from '../../src/pricing/crypto/inverse-option.ts';
import { asianModel } from '../../src/pricing/exotic/asian.ts';
import { type BarrierInputs, barrierModel, barrierPrices } from '../../src/pricing/exotic/barrier.ts';
import { digitalModel } from '../../src/pricing/exotic/digital.ts';
import { doubleBarrierModel } from '../../src/pricing/exotic/double-barrier.ts';
import { lookbackModel } from '../../src/pricing/exotic/lookback.ts';
import { oneTouchModel } from '../../src/pricing/exotic/one-touch.ts';
import { margrabeModel } from '../../src/pricing/margrabe.ts';
import type { ModelTable, PricingModel } from '../../src/pricing/model.ts';
import { tableOf } from '../../test/support/model.ts';
import { inputsOf } from '../../test/support/options.ts';
import { readVectors, type VectorFile } from '../../test/support/vectors.ts';
import { type TextbookBarrier, textbookBarrierPrice } from '../baselines/textbook-barrier.ts';
import { interleave, median, type Timings } from '../harness/interleave.ts';
import type { BenchRow, BenchSuite } from '../harness/row.ts';
import { sampled } from '../harness/sampled.ts';

/** Options/s of the closed forms on their reference vectors, all result columns, on one core. */
export const suite: BenchSuite = { name: 'closed-forms', run };

/** File, model, column that is checked, column in whose units, and the largest error allowed in them. */
const CASES: readonly [string, PricingModel, string, string, number][] = [
  ['black76.csv', black76Model, 'price', 'forward', 1e-14],
  ['bachelier.csv', bachelierModel, 'price', 'normal_vol', 1e-14],
  ['inverse_options.csv', inverseModel, 'price_usd', 'forward', 1e-14],
  ['margrabe.csv', margrabeModel, 'price', 'spot1', 1e-14],
  ['digital.csv', digitalModel, 'price', 'spot', 1e-13],
  ['one_touch.csv', oneTouchModel, 'price', 'cash', 1e-14],
  ['barrier.csv', barrierModel, 'price', 'spot', 1e-14],
  ['double_barrier.csv', doubleBarrierModel, 'price', 'spot', 1e-14],
  ['lookback.csv', lookbackModel, 'price', 'spot', 3e-13],
  ['asian.csv', asianModel, 'geometric_discrete', 'spot', 1e-14],
];

async function run(report: (row: BenchRow) => void): Promise<void> {
  const row = (name: string, options: number, sample: Timings, error: number, ratio?: number): void => {
    const rates = sample.map((seconds) => options / seconds);
    report(
      sampled(rates, {
        suite: suite.name,
        case: name,
        metric: 'throughput',
        unit: 'options/s',
        ...(ratio === undefined ? {} : { baseline: 'formulas as printed, price only, same cdf', ratio }),
        error,
        parameters: { options, cores: 1 },
      }),
    );
  };
  for (const [name, model, column, unit, tolerance] of CASES) {
    const file = readVectors(name);
    const table = readOnce(tableOf(file, model));
    const error = worstError(model.price(table)[column]!, file.numbers(column), file.numbers(unit));
    if (!(error < tolerance)) throw new Error(`${model.name} is off by ${error} ${unit}: not timed`);
    const { timings } = interleave({ model: () => model.price(table)[column]![0]! }, { rounds: 3 });
    row(`${model.name}: ${model.results.join(', ')}`, file.rows, timings.model, error);
  }
  benchBarriers(row);
}

/** Barrier price and delta against the formulas of the book, which give the price alone. */
function benchBarriers(
  row: (name: string, options: number, sample: Timings, error: number, ratio: number) => void,
): void {
  const file = readVectors('barrier.csv');
  const inputs = barrierInputs(file);
  const plain = plainBarriers(inputs);
  const expected = file.numbers('price');
  const spot = file.numbers('spot');
  const error = worstError(barrierPrices(inputs).price, expected, spot);
  const printed = worstError(Float64Array.from(plain, textbookBarrierPrice), expected, spot);
  if (!(error < 1e-14 && printed < 1e-12)) throw new Error(`off by ${error} and ${printed} of the spot`);
  const { timings } = interleave({
    own: () => barrierPrices(inputs).price[0]!,
    printed: () => plain.reduce((sum, option) => sum + textbookBarrierPrice(option), 0),
  });
  row(
    'barrier price and delta',
    file.rows,
    timings.own,
    error,
    median(timings.printed) / median(timings.own),
  );
}

function worstError(found: Float64Array, expected: Float64Array, unit: Float64Array): number {
  return found.reduce((worst, x, i) => Math.max(worst, Math.abs(x - expected[i]!) / unit[i]!), 0);
}

/** A table that keeps its columns: parsing is not what is timed. */
function readOnce(table: ModelTable): ModelTable {
  const numbers = new Map<string, Float64Array>();
  const texts = new Map<string, readonly string[]>();
  const keep = <T>(map: Map<string, T>, name: string, read: (name: string) => T): T => {
    const value = map.get(name) ?? read(name);
    map.set(name, value);
    return value;
  };
  return {
    length: table.length,
    number: (name) => keep(numbers, name, table.number),
    text: (name) => keep(texts, name, table.text),
  };
}

function barrierInputs(file: VectorFile): BarrierInputs {
  const types = file.text('barrier_type');
  return {
    direction: types.map((type) => (type.startsWith('up') ? 'up' : 'down')),
    knock: types.map((type) => (type.endsWith('in') ? 'in' : 'out')),
    option: inputsOf(file),
    barrier: file.numbers('barrier'),
    rebate: file.numbers('rebate'),
  };
}

function plainBarriers({ direction, knock, option, barrier, rebate }: BarrierInputs): TextbookBarrier[] {
  return Array.from(barrier, (level, i) => ({
    up: direction[i] === 'up',
    knockIn: knock[i] === 'in',
    sign: option.sign[i]!,
    spot: option.spot[i]!,
    strike: option.strike[i]!,
    barrier: level,
    rebate: rebate[i]!,
    t: option.expiryYears[i]!,
    r: option.rate[i]!,
    q: option.dividendYield[i]!,
    vol: option.vol[i]!,
  }));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await run((row) => console.log(JSON.stringify(row)));
}
