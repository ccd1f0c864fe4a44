import { RangeError } from '../../base/errors.ts';
import { type CivilDate, civilDate, daysInMonth, daysInYear, fieldsOf } from './civil-date.ts';

/**
 * Day counts by their ISDA names, and where these differ among vendors by QuantLib's (in parentheses):
 *
 * - `ACT/365F`: actual days / 365. The default of this library: the `t` of an option.
 * - `ACT/360`, `ACT/364`: actual days / 360 or 364.
 * - `ACT/ACT ISDA`: days in leap years / 366 + days in other years / 365.
 * - `30/360`: bond basis (Thirty360 BondBasis): a first day 31 becomes 30; a second day 31 becomes 30 if the first is
 *   30 or 31.
 * - `30E/360`: Eurobond basis (Thirty360 European): both days 31 become 30.
 * - `30/360 US`: (Thirty360 USA): as bond basis, but a period from the last of February counts it as the 30th, and its
 *   end too if that is the last of February. In QuantLib's order: a second day 31 after the last of February stays 31,
 *   which SIFMA's text would make 30.
 */
export type DayCount =
  | 'ACT/365F'
  | 'ACT/360'
  | 'ACT/364'
  | 'ACT/ACT ISDA'
  | '30/360'
  | '30E/360'
  | '30/360 US';

/** Every {@link DayCount}. */
export const DAY_COUNTS: readonly DayCount[] = [
  'ACT/365F',
  'ACT/360',
  'ACT/364',
  'ACT/ACT ISDA',
  '30/360',
  '30E/360',
  '30/360 US',
];

/**
 * Fraction of a year from one date to another (F95), the first day counted and the last not; negative where `to` is
 * before `from`, the same fraction with the opposite sign.
 *
 * ISDA, "2006 ISDA Definitions", section 4.16 (b), (d), (e), (f), (g); QuantLib 1.29, Thirty360::USA, for 30/360 US.
 * Accuracy: one rounding of each quotient. Cost: below 0.1 us.
 * @throws RangeError for an unknown day count or a date out of range.
 * @example yearFraction(civilDate('2026-11-20'), civilDate('2027-11-20')) // 1
 */
export function yearFraction(from: CivilDate, to: CivilDate, dayCount: DayCount = 'ACT/365F'): number {
  // Checks both; the subtraction would not.
  const [first, last] = [fieldsOf(from), fieldsOf(to)];
  if (to < from) return -yearFraction(to, from, dayCount);
  switch (dayCount) {
    case 'ACT/365F':
      return (to - from) / 365;
    case 'ACT/360':
      return (to - from) / 360;
    case 'ACT/364':
      return (to - from) / 364;
    case 'ACT/ACT ISDA':
      return actualActual(from, to, first.year, last.year);
    case '30/360': {
      const day = Math.min(first.day, 30);
      return thirty360(first, last, day, day === 30 ? Math.min(last.day, 30) : last.day);
    }
    case '30E/360':
      return thirty360(first, last, Math.min(first.day, 30), Math.min(last.day, 30));
    case '30/360 US': {
      const fromEnd = first.month === 2 && first.day === daysInMonth(first.year, 2);
      const toEnd = last.month === 2 && last.day === daysInMonth(last.year, 2);
      // A last day 31 stays one after the end of February: QuantLib looks at the first day before it becomes the 30th.
      const lastDay = (fromEnd && toEnd) || (first.day >= 30 && last.day === 31) ? 30 : last.day;
      return thirty360(first, last, fromEnd ? 30 : Math.min(first.day, 30), lastDay);
    }
    default:
      throw new RangeError(
        `expected a day count, one of ${DAY_COUNTS.join(', ')}, found ${String(dayCount)}`,
        {
          found: String(dayCount),
        },
      );
  }
}

type YearMonth = { readonly year: number; readonly month: number };

function thirty360(first: YearMonth, last: YearMonth, firstDay: number, lastDay: number): number {
  return (360 * (last.year - first.year) + 30 * (last.month - first.month) + lastDay - firstDay) / 360;
}

function actualActual(from: CivilDate, to: CivilDate, firstYear: number, lastYear: number): number {
  if (firstYear === lastYear) return (to - from) / daysInYear(firstYear);
  const before = (civilDate({ year: firstYear, month: 12, day: 31 }) + 1 - from) / daysInYear(firstYear);
  const after = (to - civilDate({ year: lastYear, month: 1, day: 1 })) / daysInYear(lastYear);
  return lastYear - firstYear - 1 + before + after;
}
