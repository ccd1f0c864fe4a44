import {
  type ChebyshevRegisters,
  type DraftNode,
  type DraftStep,
  levelsOfChebyshev,
  levelsOfWeighted,
  type Powers,
} from './schedule-draft.ts';

/** q = T_m a + b, deg b < m, for a Chebyshev expansion q: T_m T_j = (T_(m+j) + T_|m-j|) / 2. */
export function divideByChebyshev(
  q: Float64Array,
  m: number,
): { readonly quotient: Float64Array; readonly remainder: Float64Array } {
  const rest = q.slice();
  const quotient = new Float64Array(Math.max(1, q.length - m));
  for (let k = q.length - 1; k > m; k--) {
    const c = rest[k]!;
    if (c === 0) continue;
    quotient[k - m] = 2 * c;
    rest[k] = 0;
    rest[Math.abs(2 * m - k)]! -= c;
  }
  quotient[0] = rest[m] ?? 0;
  return { quotient, remainder: rest.slice(0, m) };
}

/** What a polynomial is to become. */
export type SplitRequest = {
  readonly registers: ChebyshevRegisters;
  readonly powers: Powers;
  readonly output: number;
  readonly weighted: boolean;
  readonly lead: boolean;
};

/**
 * p(u) or w p(u) by Paterson and Stockmeyer's splitting in the Chebyshev basis, within `depth` levels (F188): the polynomial is divided by
 * the largest T_m that is there in time, the quotient evaluated a level earlier, and the remainder divided on, until what is left is
 * a sum of constants times registers that are there a level before. All products and terms of a step are added before it is
 * relinearised and rescaled, so that a remainder costs neither.
 *
 * M. S. Paterson and L. J. Stockmeyer, "On the number of nonscalar multiplications necessary to evaluate polynomials", SIAM J. Comput. 2
 * (1973), 60-66; J.-P. Bossuat, C. Mouchet, J. Troncoso-Pastoriza and J.-P. Hubaux, "Efficient bootstrapping for approximate
 * homomorphic encryption with non-sparse keys", EUROCRYPT 2021, section 3 (depth, scales); lazy relinearisation as in Y. Lee et al.,
 * "Near-optimal polynomial for modulus reduction", EUROCRYPT 2022.
 * @returns undefined where these powers cannot do it in that depth.
 */
export function split(p: Float64Array, depth: number, request: SplitRequest): DraftStep | undefined {
  return splitNode(p, depth, request, `p${request.output}`);
}

function splitNode(
  p: Float64Array,
  depth: number,
  request: SplitRequest,
  label: string,
): DraftStep | undefined {
  if (depth < 1) return undefined;
  const { registers, powers, output, weighted } = request;
  const products: (readonly [DraftNode, DraftNode])[] = [];
  const terms: { readonly node: DraftNode; readonly coefficient: number }[] = [];
  let rest: Float64Array = p.slice();
  for (let k = lateIndex(rest, depth, request); k >= 0; k = lateIndex(rest, depth, request)) {
    if (k === 1 && depth === 1 && weighted && request.lead) {
      products.push([registers.lead(output, rest[1]!), registers.argument]);
      rest[1] = 0;
      continue;
    }
    const m = powers.giants.find((giant) => giant <= k && levelsOfChebyshev(giant) < depth);
    if (m === undefined) return undefined;
    const { quotient, remainder } = divideByChebyshev(rest, m);
    rest = remainder;
    if (!weighted && quotient.every((c, j) => j === 0 || c === 0)) {
      terms.push({ node: registers.chebyshev(m), coefficient: quotient[0]! });
      continue;
    }
    const child = splitNode(quotient, depth - 1, request, `${label} / T${m}`);
    if (child === undefined) return undefined;
    products.push([registers.chebyshev(m), child]);
  }
  rest.forEach((coefficient, k) => {
    if (coefficient === 0 || (k === 0 && !weighted)) return;
    const node = weighted ? registers.weighted(output, k) : registers.chebyshev(k);
    terms.push({ node, coefficient });
  });
  const constant = weighted ? 0 : (rest[0] ?? 0);
  return { kind: 'step', role: 'part', products, factor: 1, terms, constant, label };
}

/** Largest index whose register is not there a level before, -1 if all are. */
function lateIndex(p: Float64Array, depth: number, { powers, weighted }: SplitRequest): number {
  for (let k = p.length - 1; k > 0; k--) {
    if (p[k] === 0) continue;
    const made = k < powers.base || (!weighted && powers.giants.includes(k));
    const levels = weighted ? levelsOfWeighted(k) : levelsOfChebyshev(k);
    if (!made || levels >= depth) return k;
  }
  return -1;
}
