import { createRequire } from 'node:module';
import { Option } from 'option-pricing';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import {
  allocateGreeks,
  type BlackScholesInputs,
  blackScholesGreeks,
} from '../../src/pricing/black-scholes.ts';
import { interleave, median, type Timings } from '../harness/interleave.ts';
import type { BenchRow, BenchSuite } from '../harness/row.ts';
import { sampled } from '../harness/sampled.ts';
import { loadQuantLib } from '../quantlib.ts';

const { blackScholes } = createRequire(import.meta.url)('black-scholes') as {
  blackScholes: (s: number, k: number, t: number, v: number, r: number, type: 'call' | 'put') => number;
};

const OPTIONS = 2000;

/** The npm packages that price options, on the same options, interleaved with ours; errors are their distance from ours. */
export const suite: BenchSuite = { name: 'peers', run };

async function run(report: (row: BenchRow) => void): Promise<void> {
  const quantlib = await loadQuantLib();
  const inputs = options();
  const out = allocateGreeks(OPTIONS);
  const ours = blackScholesGreeks(inputs).price;
  const { sign, spot, strike, expiryYears, rate, dividendYield, vol } = inputs;
  const type = (i: number) => (sign[i]! > 0 ? 'call' : 'put') as 'call' | 'put';
  const peers: Readonly<Record<string, (i: number) => number>> = {
    '@quantlib/ql BlackCalculator, price and 5 Greeks': (i) => {
      const [s, t] = [spot[i]!, expiryYears[i]!];
      const forward = s * Math.exp((rate[i]! - dividendYield[i]!) * t);
      const calculator = new quantlib.BlackCalculator().init2(
        sign[i]! > 0 ? quantlib.Option.Type.Call : quantlib.Option.Type.Put,
        strike[i]!,
        forward,
        vol[i]! * Math.sqrt(t),
        Math.exp(-rate[i]! * t),
      );
      const greeks =
        calculator.delta(s) +
        calculator.gamma(s) +
        calculator.vega(t) +
        calculator.theta(s, t) +
        calculator.rho(t);
      return calculator.value() + 0 * greeks;
    },
    'option-pricing, price': (i) =>
      new Option({
        style: 'european',
        type: type(i),
        initialSpotPrice: spot[i]!,
        strikePrice: strike[i]!,
        timeToMaturity: expiryYears[i]!,
        volatility: vol[i]!,
        riskFreeRate: rate[i]!,
        dividendYield: dividendYield[i]!,
      }).price('bs'),
    // This package has no yield: the spot is discounted by it.
    'black-scholes, price': (i) =>
      blackScholes(
        spot[i]! * Math.exp(-dividendYield[i]! * expiryYears[i]!),
        strike[i]!,
        expiryYears[i]!,
        vol[i]!,
        rate[i]!,
        type(i),
      ),
  };
  const errorOf = (price: (i: number) => number): number =>
    ours.reduce((most, value, i) => Math.max(most, Math.abs(price(i) - value) / spot[i]!), 0);
  const sumOf = (price: (i: number) => number) => () => {
    let sum = 0;
    for (let i = 0; i < OPTIONS; i++) sum += price(i);
    return sum;
  };
  const { timings } = interleave<string>({
    ours: () => blackScholesGreeks(inputs, out).rho[OPTIONS - 1]!,
    ...Object.fromEntries(Object.entries(peers).map(([name, price]) => [name, sumOf(price)])),
  });
  const rates = (samples: Timings) => samples.map((seconds) => OPTIONS / seconds);
  for (const [name, price] of Object.entries(peers)) {
    const samples = rates(timings.ours!);
    report(
      sampled(samples, {
        suite: suite.name,
        case: 'Black-Scholes price and 5 Greeks',
        metric: 'throughput',
        unit: 'options/s',
        baseline: name,
        ratio: median(samples) / median(rates(timings[name]!)),
        error: errorOf(price),
      }),
    );
  }
}

function options(): BlackScholesInputs {
  const random = new SeededRandom(7);
  const column = (of: (i: number) => number) => Float64Array.from({ length: OPTIONS }, (_, i) => of(i));
  const spot = column(() => random.between(20, 500));
  return {
    sign: column(() => random.pick([1, -1])),
    spot,
    strike: column((i) => spot[i]! * random.between(0.7, 1.4)),
    expiryYears: column(() => random.between(7 / 365, 2)),
    rate: column(() => random.between(0, 0.06)),
    dividendYield: column(() => random.between(0, 0.05)),
    vol: column(() => random.between(0.1, 0.8)),
  };
}
