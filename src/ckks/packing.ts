/**
 * Coefficient packing of M x (rows x cols): inner products as polynomial products, without rotations, Galois keys or
 * rescaling. x is cut into `chunks` pieces of `width` coefficients, one ciphertext each; a plaintext polynomial holds
 * `rowsPerCiphertext` matrix rows, each reversed within its own block of `width` coefficients. With
 *   x_c(X) = sum_j x[c W + j] X^j   and   p_{o,c}(X) = sum_r sum_j M[o R + r][c W + j] X^(r W + W-1-j)
 * the coefficient r W + W-1 of sum_c x_c p_{o,c} mod X^N + 1 is (M x)[o R + r]: a cross term of block r' lands there
 * only if j - j' is a multiple of W, that is for r' = r, j' = j, and what wraps around ends below W-1.
 * Cost: chunks x outputs plaintext products; chunks ciphertexts up, outputs down. (The same encoding serves the fully
 * connected layers of Huang et al., "Cheetah", USENIX Security 2022.)
 */
export type CoefficientPacking = {
  readonly rows: number;
  readonly cols: number;
  /** Ciphertexts up. */
  readonly chunks: number;
  /** Coefficients of x in a chunk. */
  readonly width: number;
  readonly rowsPerCiphertext: number;
  /** Ciphertexts down. */
  readonly outputs: number;
};

/** The packing of a rows x cols matrix with at most `chunks` chunks, or undefined where a chunk does not fit the degree. */
export function coefficientPacking(
  rows: number,
  cols: number,
  degree: number,
  chunks: number,
): CoefficientPacking | undefined {
  const width = Math.ceil(cols / chunks);
  if (width > degree) return undefined;
  const rowsPerCiphertext = Math.floor(degree / width);
  return {
    rows,
    cols,
    chunks: Math.ceil(cols / width),
    width,
    rowsPerCiphertext,
    outputs: Math.ceil(rows / rowsPerCiphertext),
  };
}

/** Columns [from, to) of a chunk. */
export function columnsOfChunk(
  packing: CoefficientPacking,
  chunk: number,
): readonly [from: number, to: number] {
  return [chunk * packing.width, Math.min((chunk + 1) * packing.width, packing.cols)];
}

/** Rows [from, to) of an output ciphertext. */
export function rowsOfOutput(
  packing: CoefficientPacking,
  output: number,
): readonly [from: number, to: number] {
  const from = output * packing.rowsPerCiphertext;
  return [from, Math.min(from + packing.rowsPerCiphertext, packing.rows)];
}

/** Where row `from + index` of an output appears in its polynomial. */
export function resultCoefficient(packing: CoefficientPacking, index: number): number {
  return index * packing.width + packing.width - 1;
}

/** Where all results of an output appear. */
export function resultCoefficients(packing: CoefficientPacking, output: number): number[] {
  const [from, to] = rowsOfOutput(packing, output);
  return Array.from({ length: to - from }, (_, index) => resultCoefficient(packing, index));
}

/**
 * Writes the integer coefficients of p_{output, chunk} into `out` (length N, zeroed here), as M 2^scaleBits rounded.
 * @returns false where all of them are zero: such a product is skipped where M is public: skipping shows.
 */
export function fillMatrixPolynomial(
  packing: CoefficientPacking,
  matrix: Float64Array,
  output: number,
  chunk: number,
  scale: number,
  out: Float64Array,
): boolean {
  out.fill(0);
  const [firstColumn, endColumn] = columnsOfChunk(packing, chunk);
  const [firstRow, endRow] = rowsOfOutput(packing, output);
  let nonzero = false;
  for (let row = firstRow; row < endRow; row++) {
    const top = resultCoefficient(packing, row - firstRow);
    const base = row * packing.cols;
    for (let column = firstColumn; column < endColumn; column++) {
      const value = Math.round(matrix[base + column]! * scale);
      if (value !== 0) nonzero = true;
      out[top - (column - firstColumn)] = value;
    }
  }
  return nonzero;
}
