import { SOBOL_BITS, type SobolNet } from '../../src/numeric/sobol.ts';

/** Rank over GF(2) of words taken as rows of bits. */
export function rankOf(rows: readonly number[]): number {
  const basis: number[] = [];
  for (const row of rows) {
    let rest = row >>> 0;
    for (const pivot of basis) rest = Math.min(rest, (rest ^ pivot) >>> 0);
    if (rest !== 0) basis.push(rest);
  }
  return basis.length;
}

/** The first `digits` rows of a dimension's generator matrix: bit k of row i is digit i of direction k. */
export function generatorRows(net: SobolNet, dimension: number, digits: number): number[] {
  return Array.from({ length: digits }, (_, digit) => {
    let row = 0;
    for (let k = 0; k < SOBOL_BITS; k++) {
      if ((net.directions[SOBOL_BITS * dimension + k]! >>> (31 - digit)) & 1) row |= 1 << k;
    }
    return row >>> 0;
  });
}

/**
 * The quality t of the first 2^m points in two dimensions: every box of volume 2^(t - m) holds exactly 2^t of them.
 * Zero is best, m means nothing.
 */
export function qualityOfPair(net: SobolNet, a: number, b: number, m: number): number {
  const mask = 2 ** m - 1;
  const rowsA = generatorRows(net, a, m).map((row) => row & mask);
  const rowsB = generatorRows(net, b, m).map((row) => row & mask);
  for (let t = 0; t < m; t++) {
    const digits = m - t;
    const independent = Array.from({ length: digits + 1 }, (_, k) =>
      rankOf([...rowsA.slice(0, k), ...rowsB.slice(0, digits - k)]),
    ).every((rank) => rank === digits);
    if (independent) return t;
  }
  return m;
}
