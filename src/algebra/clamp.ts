import { RangeError, ShapeError } from '../base/errors.ts';

/**
 * Keeps a series inside its domain where a vector is still clear. Under CKKS one slot that leaves the domain by a fifth
 * exceeds the modulus and destroys every other slot of its batch, silently; so what cannot be guaranteed is refused here.
 * Clamping is right where the function is flat beyond the clamp (a distribution function); the caller chooses the limit so
 * that it is.
 */

/** An owner's vector as it may be protected, and how many of its elements were moved: to be reported with the result. */
export type Clamped = { readonly values: Float64Array; readonly clamped: number };

/** Where another owner's secret feature is publicly known to lie, elementwise: low_i <= feature_i <= high_i. */
export type Band = { readonly low: Float64Array; readonly high: Float64Array };

/**
 * The bilinear form  f_i = sum_j partner_j,i own_j,i + pivot_i v_i  of which this owner knows `own` and the adjustable v
 * exactly, and the partners' features and the pivot within bands only. It has to satisfy |f_i| <= limit for everything that
 * the bands allow.
 */
export type BandedForm = {
  readonly limit: number;
  readonly terms: readonly { readonly partner: Band; readonly own: Float64Array }[];
  readonly pivot: Band;
};

/** Moves elements outside [low, high] to the nearer end. @throws RangeError for a value that is not a number. */
export function clampToInterval(
  name: string,
  x: Float64Array,
  [low, high]: readonly [number, number],
): Clamped {
  if (!(low <= high)) {
    throw new RangeError(`${name}: expected an interval to clamp to, found [${low}, ${high}]`, {
      name,
      low,
      high,
    });
  }
  let clamped = 0;
  const values = x.map((value, index) => {
    if (Number.isNaN(value))
      throw new RangeError(`${name}: element ${index} is not a number`, { name, index });
    const inside = Math.min(Math.max(value, low), high);
    if (inside !== value) clamped++;
    return inside;
  });
  return { values, clamped };
}

/**
 * Moves each element of `adjustable` as little as is needed for every form to stay within its limit, whatever the partners'
 * features are within their bands. Cost: O(elements x terms).
 * @throws RangeError naming the first element for which no value can guarantee that: it must be left out, since one such slot
 * would destroy the whole batch. The message gives no value.
 */
export function clampToBands(name: string, adjustable: Float64Array, forms: readonly BandedForm[]): Clamped {
  for (const form of forms) checkForm(name, adjustable.length, form);
  let clamped = 0;
  const values = adjustable.map((value, index) => {
    if (!Number.isFinite(value))
      throw new RangeError(`${name}: element ${index} is not finite`, { name, index });
    let [low, high] = [-Infinity, Infinity];
    for (const form of forms) {
      const [least, most] = allowed(form, index);
      [low, high] = [Math.max(low, least), Math.min(high, most)];
    }
    if (!(low <= high)) {
      throw new RangeError(
        `${name}: no value of element ${index} keeps the result within its domain for all that the bands allow; ` +
          'leave the element out, narrow its bands or use a series on a wider domain',
        { name, index },
      );
    }
    const inside = Math.min(Math.max(value, low), high);
    if (inside !== value) clamped++;
    return inside;
  });
  return { values, clamped };
}

/** What rounding of the form and of its evaluation may add. */
const SLACK = 2 ** -40;

/**
 * The v that satisfy  |m v + M| + r |v| + R <= limit, with m, M the forms' midpoints and r, R their radii: the largest |f|
 * over a box of partners. A convex piecewise linear condition, hence an interval, empty where low > high.
 */
function allowed({ limit, terms, pivot }: BandedForm, index: number): readonly [low: number, high: number] {
  let middle = 0;
  let radius = 0;
  for (const { partner, own } of terms) {
    const [low, high] = [partner.low[index]!, partner.high[index]!];
    middle += 0.5 * (low + high) * own[index]!;
    radius += 0.5 * (high - low) * Math.abs(own[index]!);
  }
  const slope = 0.5 * (pivot.low[index]! + pivot.high[index]!);
  const spread = 0.5 * (pivot.high[index]! - pivot.low[index]!);
  const room = limit * (1 - SLACK) - radius;
  const above = halfLine(slope, spread, room - middle);
  const below = halfLine(-slope, spread, room + middle);
  return [Math.max(above[0], below[0]), Math.min(above[1], below[1])];
}

/** The v with  a v + r |v| <= c. */
function halfLine(a: number, r: number, c: number): readonly [low: number, high: number] {
  const right = a + r; // slope for v >= 0
  const left = a - r; // slope for v <= 0; left <= right
  if (c >= 0) return [left < 0 ? c / left : -Infinity, right > 0 ? c / right : Infinity];
  // Zero is not allowed: only one side can reach a negative value.
  if (right < 0) return [c / right, Infinity];
  if (left > 0) return [-Infinity, c / left];
  return [Infinity, -Infinity];
}

function checkForm(name: string, length: number, { limit, terms, pivot }: BandedForm): void {
  if (!(limit > 0 && Number.isFinite(limit))) {
    throw new RangeError(`${name}: expected a positive finite limit, found ${limit}`, { name, limit });
  }
  for (const vector of [
    ...terms.flatMap(({ partner, own }) => [partner.low, partner.high, own]),
    pivot.low,
    pivot.high,
  ]) {
    if (vector.length !== length) {
      throw new ShapeError(
        `${name}: expected bands and features of ${length} elements, found ${vector.length}`,
        {
          name,
          expected: length,
          found: vector.length,
        },
      );
    }
    const index = vector.findIndex((value) => !Number.isFinite(value));
    if (index >= 0)
      throw new RangeError(`${name}: a band or feature is not finite at element ${index}`, { name, index });
  }
  for (const { low, high } of [...terms.map(({ partner }) => partner), pivot]) {
    const index = low.findIndex((value, i) => value > high[i]!);
    if (index >= 0)
      throw new RangeError(`${name}: a band is upside down at element ${index}`, { name, index });
  }
}
