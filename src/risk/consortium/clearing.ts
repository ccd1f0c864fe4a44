import type { Ordered } from '../../algebra/arithmetic.ts';
import { min, positivePart } from '../../algebra/derived.ts';
import { recordOrdered } from '../../algebra/record.ts';
import { seriesFor } from '../../algebra/series/library.ts';
import { RangeError } from '../../base/errors.ts';
import { type Matrix, matrixOf } from '../../numeric/matrix.ts';
import { secretWorst } from '../programs/order-statistics.ts';
import { normaliseBook } from '../valuation.ts';
import type { BookSubmission } from './joint-risk.ts';
import {
  type ConsortiumProgram,
  checkFirms,
  elementOf,
  type OutputTerms,
  ofFirm,
  perFirm,
  stacked,
} from './program.ts';

/** What a clearing house publishes. P&L is a row a scenario, within [-1, 1], of what `columnScale` makes of a unit. */
export type ClearingTerms = {
  readonly columnScale: Float64Array;
  readonly margin: Matrix;
  readonly stress: Matrix;
  /** Public bound of a firm's exposure, sum |columnScale x|. */
  readonly limit: number;
  /** Least margin of a firm, in currency, above 0: it also bounds the division of the fund. */
  readonly leastMargin: number;
};

const QUOTIENT_ERROR = 1e-10;

/**
 * Margins and default fund of a clearing house that sees no book. A firm's margin is its largest loss over the margin scenarios and no less than the
 * minimum; the fund covers, in the worst stress scenario, the two largest losses beyond margins (CPMI-IOSCO, "Principles for financial
 * market infrastructures" (2012), principle 4, "cover 2"); each firm contributes in proportion to its margin.
 */
export function clearing(firms: readonly string[], terms: ClearingTerms): ConsortiumProgram<BookSubmission> {
  checkFirms(firms);
  const { margin, stress, columnScale, limit, leastMargin } = terms;
  if (!(leastMargin > 0 && leastMargin < limit)) {
    throw new RangeError(`expected a least margin between 0 and the limit, found ${leastMargin}`, {
      leastMargin,
    });
  }
  const n = firms.length;
  const least = leastMargin / limit;
  const reciprocal = seriesFor('reciprocal', [n * least, n], QUOTIENT_ERROR);
  const program = <V>(alg: Ordered<V>, inputs: Readonly<Record<string, V>>): Record<string, V> => {
    const books = firms.map((firm) => inputs[ofFirm('book', firm)] as V);
    const worst = books.map((book) =>
      secretWorst({ alg, pnl: alg.matVecPlain(margin, book), scenarios: margin.rows }),
    );
    const margins = alg.max(stacked(alg, worst), alg.constant(new Float64Array(n).fill(least)));
    const excess = books.map((book, f) => {
      const held = elementOf(alg, margins, n, f, stress.rows);
      const loss = alg.scale(alg.matVecPlain(stress, book), -1);
      return positivePart(alg, alg.sub(loss, held), stress.rows);
    });
    const cover = twoLargest(alg, excess);
    const fund = alg.scale(alg.kthSmallest(alg.scale(cover, -1), 1), -1);
    const total = alg.sum(margins);
    const unit = alg.mul(fund, alg.poly(reciprocal, total));
    const contributions = alg.mul(margins, alg.replicate(unit, n));
    return {
      totalMargin: total,
      fund,
      ...perFirm(firms, (firm, f) => [ofFirm('margin', firm), elementOf(alg, margins, n, f)]),
      ...perFirm(firms, (firm, f) => [ofFirm('contribution', firm), elementOf(alg, contributions, n, f)]),
    };
  };
  const circuit = recordOrdered<string, string>(
    program,
    perFirm(firms, (firm) => [ofFirm('book', firm), { length: columnScale.length, bound: 1, l1: 1 }]),
  );
  const output = (to: OutputTerms['to'], what: string): OutputTerms => ({ to, scale: limit, what });
  return {
    name: 'clearing',
    firms,
    circuit,
    inputs: perFirm(firms, (firm) => [ofFirm('book', firm), firm]),
    outputs: {
      totalMargin: output('all', 'sum of margins'),
      fund: output('all', 'size of the default fund'),
      ...perFirm(firms, (firm) => [ofFirm('margin', firm), output([firm], 'its own margin')]),
      ...perFirm(firms, (firm) => [
        ofFirm('contribution', firm),
        output([firm], 'its own contribution to the default fund'),
      ]),
    },
    secret: 'positions, losses, and the margins of others',
    prepare: (firm, { units }) => ({ [ofFirm('book', firm)]: normaliseBook(units, columnScale, limit).z }),
  };
}

/** The sum of the two largest of several vectors, elementwise. */
function twoLargest<V>(alg: Ordered<V>, vectors: readonly V[]): V {
  const [first, second, ...others] = vectors;
  let largest = alg.max(first!, second!);
  let next = min(alg, first!, second!);
  for (const vector of others) {
    const beaten = min(alg, largest, vector);
    next = alg.max(next, beaten);
    largest = alg.max(largest, vector);
  }
  return alg.add(largest, next);
}

/** P&L of each scenario as a matrix of which no entry exceeds 1, by one public scale a coordinate for several sets of scenarios. */
export function scaledTogether(sets: readonly Matrix[]): {
  readonly columnScale: Float64Array;
  readonly scaled: readonly Matrix[];
} {
  const cols = sets[0]!.cols;
  const columnScale = new Float64Array(cols);
  for (const { data } of sets) {
    data.forEach((value, i) => {
      columnScale[i % cols] = Math.max(columnScale[i % cols]!, Math.abs(value));
    });
  }
  const scaled = sets.map(({ rows, data }) =>
    matrixOf(
      rows,
      cols,
      data.map((value, i) => (columnScale[i % cols]! > 0 ? value / columnScale[i % cols]! : 0)),
    ),
  );
  return { columnScale, scaled };
}
