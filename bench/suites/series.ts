import { construct, targetOf } from '../../src/algebra/series/construct.ts';
import { LIBRARY_FUNCTIONS } from '../../src/algebra/series/functions.ts';
import { seriesFor } from '../../src/algebra/series/library.ts';
import type { ScheduleCost } from '../../src/algebra/series/schedule.ts';
import { scheduleOf } from '../../src/algebra/series/schedule-of.ts';
import { SlotProgramBuilder } from '../../src/ckks/slots/builder.ts';
import { within } from '../../src/ckks/slots/interval.ts';
import { lowerPolynomials } from '../../src/ckks/slots/lower-polynomial.ts';
import { rangeOf } from '../../src/numeric/chebyshev/range.ts';
import { sealPrimes } from '../../src/numeric/ntt-primes.ts';
import { bigError } from '../../test/support/big-functions.ts';
import { SERIES_CASES, tellingPoints } from '../../test/support/series-cases.ts';
import { interleave, median, type Timings } from '../harness/interleave.ts';
import { onThisMachine } from '../harness/machine.ts';
import type { BenchRow, BenchSuite, Measurement } from '../harness/row.ts';

/** The library of series: how tight its certificates are, how long it takes, what its schedules cost. */
export const suite: BenchSuite = { name: 'series', run };

async function run(report: (row: BenchRow) => void): Promise<void> {
  const row = (measurement: Omit<Measurement, 'suite' | 'n' | 'min' | 'max'> & Partial<Measurement>): void =>
    report(
      onThisMachine({
        suite: suite.name,
        n: 1,
        min: measurement.value,
        max: measurement.value,
        ...measurement,
      }),
    );
  for (const [name, domain, wanted] of SERIES_CASES) {
    const series = seriesFor(name, domain, wanted);
    const worst = tellingPoints(name, series, 20, 20).reduce(
      (most, x) => Math.max(most, bigError(series, name, x)),
      0,
    );
    if (!(worst <= series.error))
      throw new Error(`${name} is off by ${worst}, proved ${series.error}: not timed`);
    const { cost } = scheduleOf(series);
    const parameters = {
      degree: series.coefficients.length - 1,
      depth: cost.depth,
      relinearisations: cost.relinearisations,
    };
    row({
      case: `${name} [${domain}]`,
      metric: 'proved error over true error',
      value: series.error / worst,
      unit: 'ratio',
      error: series.error,
      parameters,
    });
  }
  timeConstruction(row);
  countSchedules(row);
}

type Row = (measurement: Omit<Measurement, 'suite' | 'n' | 'min' | 'max'> & Partial<Measurement>) => void;

function timeConstruction(row: Row): void {
  const { normalCdf } = LIBRARY_FUNCTIONS;
  const phi = seriesFor('normalCdf', [-10, 10], 5e-9);
  const primes = sealPrimes(16384, [48, 45, 45, 45, 45, 45, 45, 45]);
  // A request never seen before: the error is another each time.
  let request = 0;
  const { timings } = interleave({
    'search of the least degree, minimax, certified': () =>
      seriesFor('normalCdf', [-10, 10], 5e-9 * (1 + 1e-9 * request++)).error,
    'one degree, minimax, certified': () => construct(targetOf(normalCdf, [-10, 10]), 55).error,
    range: () => rangeOf(phi)[1],
    schedule: () => scheduleOf(phi, { weighted: true }).cost.products,
    'lowering to a slot program': () => {
      const builder = new SlotProgramBuilder({ slots: 8192, primes, scaleBits: 45 });
      const [x] = builder.input({ name: 'x', length: 8192, blocks: 1, padding: 'zero' }, within(10), 10);
      return lowerPolynomials(builder, x!, [{ series: phi }])[0]!.index;
    },
  });
  for (const [name, sample] of Object.entries<Timings>(timings)) {
    row({
      case: `normalCdf [-10,10], degree 55: ${name}`,
      metric: 'time',
      value: 1e3 * median(sample),
      unit: 'ms',
      n: sample.length,
      min: 1e3 * Math.min(...sample),
      max: 1e3 * Math.max(...sample),
    });
  }
}

/** Odd and general series, alone and weighted, against one relinearisation a product and a last product by the weight. */
function countSchedules(row: Row): void {
  for (const degree of [15, 31, 47, 55, 59, 61, 63, 127]) {
    const coefficients = Float64Array.from({ length: degree + 1 }, (_, k) => (k % 2 === 1 ? 1 / (k + 1) : 0));
    for (const weighted of [false, true]) {
      const { cost } = scheduleOf({ coefficients }, { weighted });
      row({
        case: `odd, degree ${degree}${weighted ? ', weighted' : ''}`,
        metric: 'relinearisations',
        value: cost.relinearisations,
        unit: 'count',
        baseline: 'odd powers one by one, relinearised each, weight last',
        ratio: naiveRelinearisations(degree, weighted) / cost.relinearisations,
        parameters: countsOf(cost),
      });
    }
  }
}

/** x^2, then each odd power from the halves of its exponent: one relinearised product a power. */
const naiveRelinearisations = (degree: number, weighted: boolean): number =>
  Math.floor(Math.log2(degree)) + (degree - 1) / 2 + (weighted ? 1 : 0);

const countsOf = ({ depth, products, rescales, plainProducts }: ScheduleCost) => ({
  depth,
  products,
  rescales,
  plainProducts,
});
