import { RangeError } from '../../base/errors.ts';
import type { Calendar } from './calendar.ts';
import { addDays, addMonths, type CivilDate, checkDay, fieldsOf, nthWeekday } from './civil-date.ts';

/** How a date that is no business day is moved (2006 ISDA Definitions, section 4.12; `unadjusted` leaves it). */
export type BusinessDayConvention =
  | 'following'
  | 'modifiedFollowing'
  | 'preceding'
  | 'modifiedPreceding'
  | 'unadjusted';

const CONVENTIONS: readonly string[] = [
  'following',
  'modifiedFollowing',
  'preceding',
  'modifiedPreceding',
  'unadjusted',
];

/** The nearest business day from `date` on, in steps of one day. */
function roll(calendar: Calendar, date: CivilDate, step: 1 | -1): CivilDate {
  let moved = date;
  while (!calendar.isBusinessDay(moved)) moved = addDays(moved, step);
  return moved;
}

/**
 * Moves a date that is no business day to one: the next, the one before, or the next unless that lies in another month
 * (modified following), and likewise modified preceding.
 * @throws RangeError for an unknown convention or a date beyond the calendar.
 */
export function adjustBusinessDay(
  calendar: Calendar,
  date: CivilDate,
  convention: BusinessDayConvention,
): CivilDate {
  if (!CONVENTIONS.includes(convention)) {
    throw new RangeError(
      `expected a business-day convention, one of ${CONVENTIONS.join(', ')}, found ${convention}`,
      {
        found: convention,
      },
    );
  }
  if (convention === 'unadjusted' || calendar.isBusinessDay(date)) return date;
  const forward = convention === 'following' || convention === 'modifiedFollowing';
  const moved = roll(calendar, date, forward ? 1 : -1);
  const modified = convention === 'modifiedFollowing' || convention === 'modifiedPreceding';
  if (modified && fieldsOf(moved).month !== fieldsOf(date).month)
    return roll(calendar, date, forward ? -1 : 1);
  return moved;
}

/**
 * The n-th business day after a date (before it for negative n); for n = 0 the date itself, moved to the following
 * business day if it is none.
 * Cost: one look-up a calendar day. @throws RangeError if n is no integer or the way leads beyond the calendar.
 */
export function addBusinessDays(calendar: Calendar, date: CivilDate, n: number): CivilDate {
  checkDay(date);
  if (!Number.isInteger(n))
    throw new RangeError(`expected a whole number of business days, found ${n}`, { n });
  if (n === 0) return roll(calendar, date, 1);
  const step = n > 0 ? 1 : -1;
  let moved = date;
  for (let left = Math.abs(n); left > 0; left--) moved = roll(calendar, addDays(moved, step), step);
  return moved;
}

/** Business days from a date, itself counted, to another, itself not counted; negative where `to` is before `from`. @throws RangeError for what is no date, or beyond the calendar. */
export function businessDaysBetween(calendar: Calendar, from: CivilDate, to: CivilDate): number {
  checkDay(from);
  checkDay(to);
  if (to < from) return -businessDaysBetween(calendar, to, from);
  let count = 0;
  for (let date = from; date < to; date = addDays(date, 1)) if (calendar.isBusinessDay(date)) count++;
  return count;
}

/**
 * A weekday of the month on which contracts expire: the third Friday is `{ n: 3, weekday: 5 }`, the last `{ n: -1,
 * weekday: 5 }`.
 */
export type ExpiryRule = { readonly n: number; readonly weekday: number };

/**
 * Monthly expiries after a date: the given weekday of each month, or of every `everyMonths`-th from a January on (3:
 * March, June, September, December), moved to the business day before (or as told) if the market is closed.
 * @returns `count` dates, ascending, all after `from`.
 * @throws RangeError for a count or a period that is no whole number, a weekday that some month lacks, or dates beyond
 * the calendar.
 * @example expirySchedule(NYSE, civilDate('2026-11-20'), 2).map(isoOf) // ['2026-12-18', '2027-01-15']
 */
export function expirySchedule(
  calendar: Calendar,
  from: CivilDate,
  count: number,
  {
    rule = { n: 3, weekday: 5 },
    everyMonths = 1,
    convention = 'preceding',
  }: {
    readonly rule?: ExpiryRule;
    readonly everyMonths?: 1 | 2 | 3 | 4 | 6 | 12;
    readonly convention?: BusinessDayConvention;
  } = {},
): CivilDate[] {
  if (!(Number.isInteger(count) && count >= 0 && count <= 10_000)) {
    throw new RangeError(`expected a count from 0 to 10000, found ${count}`, { count });
  }
  if (![1, 2, 3, 4, 6, 12].includes(everyMonths)) {
    throw new RangeError(`expected everyMonths to divide 12, found ${everyMonths}`, { everyMonths });
  }
  const expiries: CivilDate[] = [];
  const start = addDays(from, 1 - fieldsOf(from).day);
  for (let months = 0; expiries.length < count; months++) {
    const { year, month } = fieldsOf(addMonths(start, months));
    if (month % everyMonths !== 0) continue;
    const expiry = adjustBusinessDay(calendar, nthWeekday(year, month, rule.n, rule.weekday), convention);
    if (expiry > from) expiries.push(expiry);
  }
  return expiries;
}
