/**
 * What a key owner may hand to somebody else. CKKS decryptions carry the encryption noise, from which a few of them
 * reveal the key (Li and Micciancio, "On the Security of Homomorphic Encryption on Approximate Numbers", ePrint
 * 2020/1533), so a released value gets fresh noise that drowns it.
 */
export type ReleaseBudget = {
  /** Results that will ever be released under one key: tau. */
  readonly queries: number;
  /** Bits of statistical security of the whole budget: s. */
  readonly statisticalBits: number;
};

export const DEFAULT_RELEASE_BUDGET: ReleaseBudget = { queries: 1024, statisticalBits: 40 };

/** Noise to be added to every released coefficient, and the grid to which it is then rounded. */
export type Flooding = ReleaseBudget & {
  readonly sigma: number;
  /** Rounding grid: a power of two, at most sigma / 8. */
  readonly grid: number;
  /** Bound of the added error, except with probability 2^-40 over all released results. */
  readonly error: number;
  /** Bits of precision that a released value has less than the owner's reading of it. The plan has room for them. */
  readonly lossBits: number;
};

/** Flooding finer than this fraction of the largest result would be lost in a double's own rounding. */
const FINEST_SIGMA = 2 ** -44;

/**
 * Gaussian flooding: sigma = sqrt(12 tau) 2^(s/2) |e|_2, with |e|_2 the 2-norm of the noise of one released vector
 * (Li, Micciancio, Schultz and Sorrell, "Securing Approximate Homomorphic Encryption Using Differential Privacy",
 * ePrint 2022/816, with the constant that OpenFHE uses). The noise is taken at its high-probability bound, and sigma
 * is never smaller than what a double can carry.
 * @param noise bound of the noise of one result; @param results how many are released together;
 * @param resultBound largest magnitude of a result;
 * @param tail number of deviations within which the noise of all releases stays, except with probability 2^-40.
 */
export function floodingOf(
  budget: ReleaseBudget,
  noise: number,
  results: number,
  resultBound: number,
  tail: number,
): Flooding {
  const norm2 = noise * Math.sqrt(results);
  const needed = Math.sqrt(12 * budget.queries) * 2 ** (budget.statisticalBits / 2) * norm2;
  const sigma = Math.max(needed, FINEST_SIGMA * resultBound);
  const grid = 2 ** Math.floor(Math.log2(sigma / 8));
  const error = tail * sigma + grid / 2;
  // Without encryption noise an owner's reading is limited by a double's rounding.
  const lossBits = Math.log2(1 + error / Math.max(noise, resultBound * 2 ** -52));
  return { ...budget, sigma, grid, error, lossBits };
}
