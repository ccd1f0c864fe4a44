import type { Brand } from '../../base/brand.ts';
import { RangeError } from '../../base/errors.ts';

/**
 * A day of the proleptic Gregorian calendar without time or zone: the number of days since 1970-01-01. Dates compare
 * and subtract as the integers they are.
 */
export type CivilDate = Brand<number, 'CivilDate'>;

/** Year, month 1 to 12, day 1 to 31. */
export type CivilFields = { readonly year: number; readonly month: number; readonly day: number };

const FIRST_YEAR = 1600;
const LAST_YEAR = 9999;
const ISO = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Days of the common year before each month. */
const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const DAYS_OF = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInYear(year: number): number {
  return isLeapYear(year) ? 366 : 365;
}

/** @param month 1 to 12. */
export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : DAYS_OF[month - 1]!;
}

/**
 * A date from an ISO 8601 calendar date (`2026-11-20`) or from its fields.
 * @throws RangeError for another form, a day that the calendar does not have, or a year outside 1600 to 9999.
 * @example civilDate('2024-02-29') // 19782
 */
export function civilDate(date: string | CivilFields): CivilDate {
  const { year, month, day } = typeof date === 'string' ? parseIso(date) : date;
  const exists =
    Number.isInteger(year) &&
    Number.isInteger(month) &&
    Number.isInteger(day) &&
    year >= FIRST_YEAR &&
    year <= LAST_YEAR &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysInMonth(year, month);
  if (!exists) {
    const found = typeof date === 'string' ? date : `${year}-${month}-${day}`;
    throw new RangeError(
      `expected a day of the Gregorian calendar from ${FIRST_YEAR} to ${LAST_YEAR} as YYYY-MM-DD, found ${found}`,
      {
        found,
      },
    );
  }
  return (yearStart(year) + dayOfYear({ year, month, day })) as CivilDate;
}

function parseIso(text: string): CivilFields {
  const match = ISO.exec(text);
  // No such month: refused by the caller with the text itself.
  return match === null
    ? { year: 0, month: 0, day: 0 }
    : { year: +match[1]!, month: +match[2]!, day: +match[3]! };
}

/** Day number of 1 January. */
function yearStart(year: number): number {
  const y = year - 1;
  return 365 * (year - 1970) + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) - 477;
}

/** Days since 1 January. */
function dayOfYear({ year, month, day }: CivilFields): number {
  return DAYS_BEFORE[month - 1]! + (month > 2 && isLeapYear(year) ? 1 : 0) + day - 1;
}

const FIRST_DAY = yearStart(FIRST_YEAR);
const END = yearStart(LAST_YEAR + 1);

/** @throws RangeError unless the date is a day number within the years 1600 to 9999. */
export function checkDay(date: CivilDate): void {
  if (Number.isInteger(date) && date >= FIRST_DAY && date < END) return;
  throw new RangeError(`expected the number of a day from ${FIRST_YEAR} to ${LAST_YEAR}, found ${date}`, {
    found: String(date),
  });
}

/** Year, month and day of a date. @throws RangeError as {@link checkDay}. */
export function fieldsOf(date: CivilDate): CivilFields {
  checkDay(date);
  const first = FIRST_DAY;
  let year = FIRST_YEAR + Math.floor((date - first) / 365.2425);
  if (yearStart(year) > date) year--;
  else if (yearStart(year + 1) <= date) year++;
  const rest = date - yearStart(year);
  let month = Math.min(12, 1 + Math.floor(rest / 28));
  while (dayOfYear({ year, month, day: 1 }) > rest) month--;
  return { year, month, day: rest - dayOfYear({ year, month, day: 1 }) + 1 };
}

/** The date as `YYYY-MM-DD`. @throws RangeError as {@link fieldsOf}. */
export function isoOf(date: CivilDate): string {
  const { year, month, day } = fieldsOf(date);
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** 1 Monday to 7 Sunday (ISO 8601). @throws RangeError as {@link fieldsOf}. */
export function weekdayOf(date: CivilDate): number {
  checkDay(date);
  // 1970-01-01 was a Thursday.
  return ((((date + 3) % 7) + 7) % 7) + 1;
}

/** @throws RangeError if `days` is no integer or the result leaves the years 1600 to 9999. */
export function addDays(date: CivilDate, days: number): CivilDate {
  const moved = (date + days) as CivilDate;
  fieldsOf(moved);
  return moved;
}

/**
 * The same day of the month, `months` later; the last day of the month where it has no such day.
 * @throws RangeError as {@link addDays}.
 * @example isoOf(addMonths(civilDate('2024-01-31'), 1)) // '2024-02-29'
 */
export function addMonths(date: CivilDate, months: number): CivilDate {
  if (!Number.isInteger(months))
    throw new RangeError(`expected a whole number of months, found ${months}`, { months });
  const { year, month, day } = fieldsOf(date);
  const index = 12 * year + month - 1 + months;
  const target = { year: Math.floor(index / 12), month: (((index % 12) + 12) % 12) + 1 };
  return civilDate({ ...target, day: Math.min(day, daysInMonth(target.year, target.month)) });
}

/**
 * The n-th given weekday of a month, counted from its end where n is negative: the third Friday is (3, 5), the last
 * Monday (-1, 1).
 * @param weekday 1 Monday to 7 Sunday. @throws RangeError where the month has no such day, or an argument is out of
 * range.
 */
export function nthWeekday(year: number, month: number, n: number, weekday: number): CivilDate {
  const first = civilDate({ year, month, day: 1 });
  const length = daysInMonth(year, month);
  if (!(Number.isInteger(weekday) && weekday >= 1 && weekday <= 7)) {
    throw new RangeError(`expected a weekday from 1 (Monday) to 7 (Sunday), found ${weekday}`, { weekday });
  }
  const last = addDays(first, length - 1);
  const date =
    n > 0
      ? first + ((weekday - weekdayOf(first) + 7) % 7) + 7 * (n - 1)
      : last - ((weekdayOf(last) - weekday + 7) % 7) + 7 * (n + 1);
  if (!(Number.isInteger(n) && n !== 0 && date >= first && date <= last)) {
    throw new RangeError(
      `expected n such that ${year}-${month} has that many of weekday ${weekday}, found ${n}`,
      { year, month, n, weekday },
    );
  }
  return date as CivilDate;
}
