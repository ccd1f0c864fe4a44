import type { Ordered } from '../../algebra/arithmetic.ts';
import type { Circuit } from '../../algebra/circuit.ts';
import { positivePart } from '../../algebra/derived.ts';
import { recordOrdered } from '../../algebra/record.ts';
import { ShapeError } from '../../base/errors.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { Market } from '../../domain/market.ts';
import { type Matrix, matrixOf } from '../../numeric/matrix.ts';
import { type SpanParameters, spanRisk } from '../../pricing/portfolio/span.ts';
import { largestOf } from './order-statistics.ts';

/** Losses of each coordinate in one scenario: a row an underlying, or whatever margins are taken of. */
export type RiskArray = readonly Matrix[];

/**
 * The public risk array of a list of contracts, in the shape of SPAN (F152): losses x cover of one unit of each contract, at the row of
 * its underlying, one matrix a scenario, of which all entries are divided by `scale`, the largest of them. Cost: contracts x scenarios prices.
 */
export function spanArray(
  contracts: readonly Instrument[],
  market: Market,
  parameters: SpanParameters,
): { readonly array: RiskArray; readonly scale: number } {
  const rows = market.underlyings.map(({ name }) => name);
  let scale = 0;
  const columns = contracts.map((instrument) => {
    const { riskArrayPnl } = spanRisk(
      { instruments: [instrument], units: Float64Array.of(1) },
      market,
      parameters,
    );
    const pnl = riskArrayPnl[instrument.underlying]!;
    scale = pnl.reduce((most, value) => Math.max(most, Math.abs(value)), scale);
    return { row: rows.indexOf(instrument.underlying), pnl };
  });
  const scenarios = columns[0]?.pnl.length ?? 0;
  const array = Array.from({ length: scenarios }, (_, s) => {
    const matrix = matrixOf(rows.length, contracts.length);
    columns.forEach(({ row, pnl }, c) => {
      matrix.data[row * contracts.length + c] = scale > 0 ? -pnl[s]! / scale : 0;
    });
    return matrix;
  });
  return { array, scale: scale > 0 ? scale : 1 };
}

/** Margins a row: the largest loss over the scenarios, and no less than a public floor. */
export function secretMargin<V>(alg: Ordered<V>, book: V, array: RiskArray, floor: Float64Array): V {
  const losses = array.map((scenario) => alg.matVecPlain(scenario, book));
  return alg.max(largestOf(alg, losses), alg.constant(floor));
}

/**
 * Margin of a normalised book, of which margins and their sum open, and no loss of any scenario.
 * @param floor least margin a row; zeros if absent.
 * @throws ShapeError without scenarios, or for a floor of another length.
 */
export function marginCircuit(
  array: RiskArray,
  floor: Float64Array = new Float64Array(array[0]?.rows ?? 0),
): Circuit<'book', 'margin' | 'total', 'ordered'> {
  const [first] = array;
  if (first === undefined || floor.length !== first.rows) {
    throw new ShapeError(`expected scenarios and a floor for each of their rows, found ${floor.length}`, {
      scenarios: array.length,
      floors: floor.length,
    });
  }
  return recordOrdered(
    (alg, { book }) => {
      const margin = secretMargin(alg, book, array, floor);
      return { margin, total: alg.sum(margin) };
    },
    { book: { length: first.cols, bound: 1, l1: 1 } },
  );
}

/**
 * Exposure over netting sets, sum max(value of the set, 0), of a normalised book: values within a set offset each other, and those of
 * different sets do not (Basel Committee, CRE52.10: replacement cost without margin). Only the sum opens.
 * @param value value of one unit of each coordinate, within [-1, 1]: a row a netting set.
 */
export function nettedExposureCircuit(value: Matrix): Circuit<'book', 'exposure', 'ordered'> {
  return recordOrdered(
    (alg, { book }) => ({
      exposure: alg.sum(positivePart(alg, alg.matVecPlain(value, book), value.rows)),
    }),
    { book: { length: value.cols, bound: 1, l1: 1 } },
  );
}
