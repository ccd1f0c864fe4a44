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

/** Of one source, whose number is at least that of all in `a`. */
export function withSource(a: Sensitivities, source: number, weight: number): Sensitivities {
  const sum = new Float64Array(Math.max(a.length, FIELDS * (source + 1)));
  sum.set(a);
  addCopies(sum, FIELDS * source, Float64Array.of(weight, weight, 0, 1), 0);
  return sum;
}

export function addSensitivities(terms: readonly Sensitivities[]): Sensitivities {
  const [first, ...others] = terms;
  if (first === undefined) return NO_SENSITIVITIES;
  if (others.length === 0) return first;
  const sum = new Float64Array(terms.reduce((most, { length }) => Math.max(most, length), 0));
  sum.set(first);
  for (const term of others) for (let at = 0; at < term.length; at += FIELDS) addCopies(sum, at, term, at);
  return sum;
}

/** Copies with rotations in common may be the same noise; others are not. */
function addCopies(x: Sensitivities, i: number, y: Sensitivities, j: number): void {
  const root = y[j]!;
  if (root === 0) return;
  if (x[i] === 0) {
    for (let field = 0; field < FIELDS; field++) x[i + field] = y[j + field]!;
    return;
  }
  const apart = x[i + TO]! <= y[j + FROM]! || y[j + TO]! <= x[i + FROM]!;
  x[i + ROOT] = apart ? Math.sqrt(x[i]! * x[i]! + root * root) : x[i]! + root;
  x[i + MOST] = apart ? Math.max(x[i + MOST]!, y[j + MOST]!) : x[i + MOST]! + y[j + MOST]!;
  x[i + FROM] = Math.min(x[i + FROM]!, y[j + FROM]!);
  x[i + TO] = Math.max(x[i + TO]!, y[j + TO]!);
}

export function scaleSensitivities(a: Sensitivities, factor: number): Sensitivities {
  if (factor === 1) return a;
  const scaled = a.slice();
  for (let at = 0; at < a.length; at += FIELDS) {
    scaled[at + ROOT]! *= factor;
    scaled[at + MOST]! *= factor;
  }
  return scaled;
}

export function rotateSensitivities(a: Sensitivities, steps: number, slots: number): Sensitivities {
  const turned = a.slice();
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
