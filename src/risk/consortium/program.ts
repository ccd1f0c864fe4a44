import type { Arithmetic } from '../../algebra/arithmetic.ts';
import type { Circuit } from '../../algebra/circuit.ts';
import { RangeError, ShapeError } from '../../base/errors.ts';
import { type Matrix, matrixOf } from '../../numeric/matrix.ts';

/** Who opens an output, in which unit, and what it is. */
export type OutputTerms = {
  /** `all`: every firm, and every observer. Otherwise these firms only. */
  readonly to: 'all' | readonly string[];
  /** What one unit of the circuit's output is, in the unit of the figure. */
  readonly scale: number;
  /** For the privacy ledger. */
  readonly what: string;
  /** A proved bound of the output's error before scaling, where it is better than what can be seen operation by operation. */
  readonly error?: (fractionBits: number) => number;
};

/**
 * What several firms compute together without showing each other anything but the outputs: a public circuit, which input is whose, and which
 * output is whose. S is what a firm knows of itself in its own units.
 */
export type ConsortiumProgram<S> = {
  readonly name: string;
  readonly firms: readonly string[];
  readonly circuit: Circuit<string, string, 'ordered'>;
  /** Firm of every input. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, OutputTerms>>;
  /** What a firm keeps to itself, for the ledger. */
  readonly secret: string;
  /**
   * The inputs of a firm, made where its submission is clear: all that takes a quotient or a root of one firm's own numbers.
   * @throws ShapeError, RangeError, which name a field and never its value.
   */
  readonly prepare: (firm: string, submission: S) => Readonly<Record<string, Float64Array>>;
};

/** A vector of a firm, in a circuit or in a result. */
export const ofFirm = (what: string, firm: string): string => `${what} of ${firm}`;

/** @throws ShapeError for firms without names or with the same. */
export function checkFirms(firms: readonly string[]): void {
  if (firms.length >= 2 && new Set(firms).size === firms.length && !firms.includes('')) return;
  throw new ShapeError(`expected at least two firms of different names, found ${firms.length}`, {
    firms: firms.length,
  });
}

/** One entry a firm. */
export function perFirm<T>(
  firms: readonly string[],
  of: (firm: string, index: number) => readonly [string, T],
) {
  return Object.fromEntries(firms.map(of)) as Record<string, T>;
}

/** Sum of values of one length. */
export function totalOf<V>(alg: Arithmetic<V>, values: readonly V[]): V {
  return values.reduce((sum, value) => alg.add(sum, value));
}

/** Puts the single elements of several values into one vector. Exact and without communication. */
export function stacked<V>(alg: Arithmetic<V>, singles: readonly V[]): V {
  const parts = singles.map((single, row) => {
    const column = matrixOf(singles.length, 1);
    column.data[row] = 1;
    return alg.matVecPlain(column, single);
  });
  return totalOf(alg, parts);
}

/** One element of a vector, `length` times. Exact and without communication. */
export function elementOf<V>(alg: Arithmetic<V>, vector: V, of: number, index: number, length = 1): V {
  return alg.matVecPlain(pickOf(of, index, length), vector);
}

function pickOf(cols: number, index: number, rows: number): Matrix {
  const matrix = matrixOf(rows, cols);
  for (let row = 0; row < rows; row++) matrix.data[row * cols + index] = 1;
  return matrix;
}

/** A firm's number as a fraction of its public limit. @throws RangeError naming the field where it is outside [least, limit]. */
export function fractionOf(name: string, value: number, least: number, limit: number): Float64Array {
  if (!(value >= least && value <= limit)) {
    throw new RangeError(`expected ${name} of ${least} to ${limit}, as agreed; found another number`, {
      name,
      least,
      limit,
    });
  }
  return Float64Array.of(value / limit);
}
