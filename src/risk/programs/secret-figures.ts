import type { Ordered } from '../../algebra/arithmetic.ts';
import type { Circuit, InputSpec } from '../../algebra/circuit.ts';
import { recordOrdered } from '../../algebra/record.ts';
import { ShapeError, UnsupportedError } from '../../base/errors.ts';
import { type Matrix, matrixOf, transposeOf } from '../../numeric/matrix.ts';
import type { QuantileConvention, ShortfallConvention } from '../../numeric/quantile.ts';
import {
  type SecretPnl,
  secretBreach,
  secretLargestLosses,
  secretShortfall,
  secretTail,
  secretValueAtRisk,
  secretWorst,
  tailCountOf,
} from './order-statistics.ts';

/** A number of a P&L vector that stays secret; losses are positive. */
export type SecretMeasure =
  | { readonly kind: 'valueAtRisk'; readonly level: number; readonly convention?: QuantileConvention }
  | {
      readonly kind: 'expectedShortfall';
      readonly level: number;
      /** Default `acerbiTasche`. */
      readonly convention?: ShortfallConvention;
    }
  | { readonly kind: 'worst' }
  /** Sum of the `count` largest scenario losses. */
  | { readonly kind: 'largestLosses'; readonly count: number };

/** What is opened. */
export type SecretFigure =
  | SecretMeasure
  /** One bit: 1 where the measure exceeds the limit, in units of the book's scale. */
  | { readonly kind: 'limit'; readonly of: SecretMeasure; readonly limit: number }
  /** What each group of coordinates adds to a shortfall (of Acerbi and Tasche) or to the largest losses: an element a group. They sum to the measure where the groups cover the basis. */
  | {
      readonly kind: 'groups';
      readonly of: Extract<SecretMeasure, { readonly kind: 'expectedShortfall' | 'largestLosses' }>;
      readonly groups: readonly (readonly number[])[];
    };

/**
 * Any figures of the sum of several normalised books, of which only these open: value at risk in every convention, expected shortfall, worst case, largest
 * losses, limit checks, and the groups that lose in the tail.
 * @param pnl P&L of each coordinate: a row a scenario, entries within [-1, 1].
 * @throws RangeError, ShapeError, UnsupportedError for a figure that cannot be.
 */
export function secretFiguresCircuit<O extends string>(
  pnl: Matrix,
  figures: Readonly<Record<O, SecretFigure>>,
  books: readonly string[] = ['book'],
): Circuit<string, O, 'ordered'> {
  const spec: InputSpec = { length: pnl.cols, bound: 1, l1: 1 };
  return recordOrdered<string, O>(
    <V>(alg: Ordered<V>, inputs: Readonly<Record<string, V>>) => {
      const book = books.map((name) => inputs[name] as V).reduce((sum, each) => alg.add(sum, each));
      const of: SecretPnl<V> = { alg, pnl: alg.matVecPlain(pnl, book), scenarios: pnl.rows };
      const opened = Object.entries<SecretFigure>(figures).map(
        ([name, figure]) => [name, figureOf(of, figure, pnl, book)] as const,
      );
      return Object.fromEntries(opened) as Record<O, V>;
    },
    Object.fromEntries(books.map((name) => [name, spec])),
  );
}

/** A measure of a secret P&L vector: length 1. */
export function measureOf<V>(of: SecretPnl<V>, measure: SecretMeasure): V {
  switch (measure.kind) {
    case 'valueAtRisk':
      return secretValueAtRisk(of, measure.level, measure.convention);
    case 'expectedShortfall':
      return secretShortfall(of, measure.level, measure.convention);
    case 'worst':
      return secretWorst(of);
    case 'largestLosses':
      return secretLargestLosses(of, measure.count);
  }
}

function figureOf<V>(of: SecretPnl<V>, figure: SecretFigure, pnl: Matrix, book: V): V {
  if (figure.kind === 'limit') return secretBreach(of.alg, measureOf(of, figure.of), figure.limit);
  if (figure.kind !== 'groups') return measureOf(of, figure);
  const { alg, scenarios } = of;
  const measure = figure.of;
  if (measure.kind === 'expectedShortfall' && measure.convention === 'tailMean') {
    throw new UnsupportedError(
      'groups of a shortfall by tailMean: expected acerbiTasche, whose tail has a public size; found tailMean, of which it is secret',
    );
  }
  const count = measure.kind === 'largestLosses' ? measure.count : tailCountOf(scenarios, measure.level);
  // One product of coordinates, whatever the number of groups: the tail's P&L of a unit of each, times the units.
  const unit = alg.matVecPlain(transposeOf(pnl), secretTail(of, count));
  const lost = alg.matVecPlain(membership(figure.groups, pnl.cols), alg.mul(unit, book));
  return alg.scale(lost, measure.kind === 'largestLosses' ? -1 : -1 / count);
}

/** A row a group: 1 at its coordinates. @throws ShapeError for a coordinate that is none. */
function membership(groups: readonly (readonly number[])[], coordinates: number): Matrix {
  const matrix = matrixOf(groups.length, coordinates);
  groups.forEach((group, row) => {
    for (const coordinate of group) {
      if (!(Number.isInteger(coordinate) && coordinate >= 0 && coordinate < coordinates)) {
        throw new ShapeError(`group ${row}: expected coordinates below ${coordinates}, found ${coordinate}`, {
          group: row,
          coordinate,
        });
      }
      matrix.data[row * coordinates + coordinate] = 1;
    }
  });
  return matrix;
}
