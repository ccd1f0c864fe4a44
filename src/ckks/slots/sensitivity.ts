/**
 * How strongly a register depends on noise sources, over all rotated copies of each: in any slot the error is
 * sum_r w_r n(slot + r) with |w_r| bounded. Values of one error polynomial in two different slots are uncorrelated, so copies
 * that were rotated differently add in squares.
 *
 * Four numbers a source, by number of the source: sqrt(sum_r w_r^2), max_r |w_r|, and the range [from, to) of all r. All
 * zero where the register does not depend on it. Flat, since a program has hundreds of registers that depend on hundreds of sources.
 */
export type Sensitivities = Float64Array;

/** Numbers a source. */
export const FIELDS = 4;
const [ROOT, MOST, FROM, TO] = [0, 1, 2, 3];

export const NO_SENSITIVITIES: Sensitivities = new Float64Array(0);

/** In every slot its own. */
const ONE_COPY: Sensitivities = Float64Array.of(1, 1, 0, 1);

/** Of one source, whose number is at least that of all in `a`. */
export function withSource(a: Sensitivities, source: number, weight: number): Sensitivities {
  const sum = withRoom(a, source);
  addSource(sum, source, weight);
  return sum;
}

/** Of one source more, in place: `sum` has room for it and is the caller's own. */
export function addSource(sum: Sensitivities, source: number, weight: number): void {
  addCopies(sum, FIELDS * source, ONE_COPY, 0, weight);
}

/** A copy that has room for a source. */
function withRoom(a: Sensitivities, source: number): Sensitivities {
  const copy = new Float64Array(Math.max(a.length, FIELDS * (source + 1)));
  copy.set(a);
  return copy;
}

/** A register's sensitivities, times a number that is not negative. */
export type WeightedSensitivities = { readonly of: Sensitivities; readonly factor: number };

/** sum_i factor_i of_i. In one pass: a matrix makes sums of hundreds of terms. */
export function addSensitivities(terms: readonly WeightedSensitivities[]): Sensitivities {
  const [first] = terms;
  if (first === undefined) return NO_SENSITIVITIES;
  if (terms.length === 1 && first.factor === 1) return first.of;
  const sum = new Float64Array(terms.reduce((most, { of }) => Math.max(most, of.length), 0));
  for (const { of, factor } of terms)
    for (let at = 0; at < of.length; at += FIELDS) addCopies(sum, at, of, at, factor);
  return sum;
}

/** Copies with rotations in common may be the same noise; others are not. */
function addCopies(x: Sensitivities, i: number, y: Sensitivities, j: number, factor: number): void {
  const root = factor * y[j]!;
  if (root === 0) return;
  const most = factor * y[j + MOST]!;
  const from = y[j + FROM]!;
  const to = y[j + TO]!;
  const known = x[i]!;
  if (known === 0) {
    x[i + ROOT] = root;
    x[i + MOST] = most;
    x[i + FROM] = from;
    x[i + TO] = to;
    return;
  }
  const apart = x[i + TO]! <= from || to <= x[i + FROM]!;
  x[i + ROOT] = apart ? Math.sqrt(known * known + root * root) : known + root;
  x[i + MOST] = apart ? Math.max(x[i + MOST]!, most) : x[i + MOST]! + most;
  if (from < x[i + FROM]!) x[i + FROM] = from;
  if (to > x[i + TO]!) x[i + TO] = to;
}

/** @param source for which the result has room. */
export function rotateSensitivities(
  a: Sensitivities,
  steps: number,
  slots: number,
  source = 0,
): Sensitivities {
  const turned = withRoom(a, source);
  for (let at = 0; at < a.length; at += FIELDS) {
    if (a[at] === 0) continue;
    const from = a[at + FROM]! + steps;
    const to = a[at + TO]! + steps;
    // What wraps around in part may be anywhere.
    const [first, last] = from >= slots ? [from - slots, to - slots] : to <= slots ? [from, to] : [0, slots];
    turned[at + FROM] = first;
    turned[at + TO] = last;
  }
  return turned;
}

/** Source by source the smaller one, where `applies`; sources that `limit` does not know stay as they are. */
export function leastSensitivities(
  a: Sensitivities,
  limit: Sensitivities,
  applies: (source: number) => boolean,
): Sensitivities {
  const least = a.slice();
  for (let at = 0; at < Math.min(a.length, limit.length); at += FIELDS) {
    const root = limit[at]!;
    if (root !== 0 && root < a[at]! && applies(at / FIELDS)) least.set(limit.subarray(at, at + FIELDS), at);
  }
  return least;
}
