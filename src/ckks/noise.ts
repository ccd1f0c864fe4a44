import type { Matrix } from '../numeric/matrix.ts';
import { type CoefficientPacking, rowsOfOutput } from './packing.ts';

/** Every bound of this file holds except with probability 2^-FAILURE_BITS over the encryption noise. */
export const FAILURE_BITS = 40;

/**
 * Standard deviation of a fresh error coefficient: SEAL draws it from the centred binomial distribution with 42 coins,
 * variance 10.5. A sum of Rademacher variables is sub-Gaussian with its own variance as proxy (Hoeffding 1963), hence
 * P(|sum e_i p_i| > t) <= 2 exp(-t^2 / (2 * 10.5 * |p|^2)). SEAL's alternative, a discrete Gaussian of 3.2 cut at
 * six deviations, is covered by the same constant.
 */
export const FRESH_NOISE_DEVIATION: number = Math.sqrt(10.5);

/** How many deviations `results` independent-or-not noise terms stay within, by the union bound. */
export function tailFactor(results: number, failureBits: number = FAILURE_BITS): number {
  return Math.sqrt(2 * Math.LN2 * (failureBits + 1) + 2 * Math.log(results));
}

/** Norms of a public matrix that decide the error of a product. */
export type MatrixNorms = {
  /** max_r sum_c |M_rc|. */
  readonly rowL1: number;
  /** sum_c M_rc^2, a row. */
  readonly rowSquares: Float64Array;
  readonly largest: number;
};

export function matrixNorms(matrix: Matrix): MatrixNorms {
  const rowSquares = new Float64Array(matrix.rows);
  let rowL1 = 0;
  let largest = 0;
  for (let r = 0; r < matrix.rows; r++) {
    let l1 = 0;
    let squares = 0;
    for (let i = r * matrix.cols; i < (r + 1) * matrix.cols; i++) {
      const magnitude = Math.abs(matrix.data[i]!);
      l1 += magnitude;
      squares += magnitude * magnitude;
      if (magnitude > largest) largest = magnitude;
    }
    rowSquares[r] = squares;
    rowL1 = Math.max(rowL1, l1);
  }
  return { rowL1, rowSquares, largest };
}

/** Parts of the error of a coefficient-packed product, absolute, on every result. */
export type ProductError = {
  /** Rounding of the matrix to 2^-matrixScaleBits: at most half a unit times the 1-norm of x. */
  readonly matrixRounding: number;
  /** Rounding of x to 2^-inputScaleBits: at most half a unit times the largest row 1-norm. */
  readonly inputRounding: number;
  /** All that depends on the key, of encryption and of what the response leaves out: tail factor times deviation. */
  readonly noise: number;
  /** Standard deviation of that noise of one result, for flooding. */
  readonly noiseDeviation: number;
  /** What an engine adds to hide its matrix; 0 where it hides nothing. */
  readonly hiding: number;
  readonly total: number;
};

/** The largest sum of squares of the rows that share an output: all of them contribute to the noise of each. */
export function largestOutputSquares(packing: CoefficientPacking, norms: MatrixNorms): number {
  let largest = 0;
  for (let output = 0; output < packing.outputs; output++) {
    const [from, to] = rowsOfOutput(packing, output);
    let squares = 0;
    for (let row = from; row < to; row++) squares += norms.rowSquares[row]!;
    largest = Math.max(largest, squares);
  }
  return largest;
}

/** A product as far as its error depends on it. */
export type ProductShape = {
  readonly packing: CoefficientPacking;
  readonly norms: MatrixNorms;
  /** {@link largestOutputSquares} of the two. */
  readonly outputSquares: number;
  readonly inputL1: number;
};

/** Rounding errors of (M x), and the deviation of a result's noise in products of fresh symmetric encryptions. */
export type FreshError = Pick<ProductError, 'matrixRounding' | 'inputRounding' | 'noiseDeviation'>;

/**
 * Error of (M x) in a coefficient-packed product of fresh symmetric encryptions. The noise of a result is
 * sum_c sum_i e_c,i p_c,(k-i): all rows that share the output's polynomial contribute, not only the result's own.
 */
export function freshError(
  { packing, norms, outputSquares, inputL1 }: ProductShape,
  inputScaleBits: number,
  matrixScaleBits: number,
): FreshError {
  const matrixUnit = 2 ** -(matrixScaleBits + 1);
  const inputUnit = 2 ** -(inputScaleBits + 1);
  const coefficients = packing.rowsPerCiphertext * packing.cols;
  // |round(M)| <= |M| + unit, elementwise; Minkowski.
  const norm2 = Math.sqrt(outputSquares) + matrixUnit * Math.sqrt(coefficients);
  return {
    matrixRounding: matrixUnit * inputL1,
    inputRounding: inputUnit * (norms.rowL1 + matrixUnit * packing.cols),
    noiseDeviation: FRESH_NOISE_DEVIATION * norm2 * 2 ** -inputScaleBits,
  };
}

/**
 * All of the error of a result that is read.
 * @param added standard deviation proxy of what is added to the noise after the product: by the response's format, by an
 * encryption of zero. Independent of it and sub-Gaussian, so that proxies of variance add up.
 * @param hiding bound of what hides the matrix.
 */
export function productError(fresh: FreshError, rows: number, added: number, hiding: number): ProductError {
  const noiseDeviation = Math.hypot(fresh.noiseDeviation, added);
  const noise = tailFactor(rows) * noiseDeviation;
  return {
    ...fresh,
    noise,
    noiseDeviation,
    hiding,
    total: fresh.matrixRounding + fresh.inputRounding + noise + hiding,
  };
}
