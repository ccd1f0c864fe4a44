import { RangeError } from '../../base/errors.ts';
import { type CivilDate, civilDate, fieldsOf, weekdayOf } from './civil-date.ts';

/** Which days a market is open. */
export type Calendar = {
  readonly name: string;
  /** @throws RangeError outside the years for which the calendar's rules are known. */
  readonly isBusinessDay: (date: CivilDate) => boolean;
  /** Why the market is closed on a weekday, or undefined on other days. @throws RangeError as isBusinessDay. */
  readonly holidayName: (date: CivilDate) => string | undefined;
};

/** A holiday on a day, with the reason. */
export type Holiday = readonly [date: CivilDate, reason: string];

/** Days by a rule for each year, and days that no rule gives. */
export type CalendarRules = {
  readonly name: string;
  readonly firstYear: number;
  readonly lastYear: number;
  /** May repeat a day or name one on a weekend; names the days that fall into the year. */
  readonly ofYear: (year: number) => readonly Holiday[];
  /** By ISO date. */
  readonly special: Readonly<Record<string, string>>;
};

/** A calendar with Saturdays and Sundays off. Years are worked out once each, when first asked for. */
export function weekdayCalendar(rules: CalendarRules): Calendar {
  const { name, firstYear, lastYear, ofYear } = rules;
  const special: readonly Holiday[] = Object.entries(rules.special).map(([iso, reason]) => [
    civilDate(iso),
    reason,
  ]);
  const years = new Map<number, ReadonlyMap<number, string>>();
  const holidaysOf = (year: number): ReadonlyMap<number, string> => {
    const known = years.get(year);
    if (known !== undefined) return known;
    const days = new Map<number, string>([
      ...ofYear(year),
      ...special.filter(([date]) => fieldsOf(date).year === year),
    ]);
    years.set(year, days);
    return days;
  };
  const holidayName = (date: CivilDate): string | undefined => {
    const { year } = fieldsOf(date);
    if (!(year >= firstYear && year <= lastYear)) {
      throw new RangeError(
        `${name}: expected a date from ${firstYear} to ${lastYear}, found the year ${year}`,
        {
          calendar: name,
          year,
        },
      );
    }
    return weekdayOf(date) <= 5 ? holidaysOf(year).get(date) : undefined;
  };
  return {
    name,
    holidayName,
    isBusinessDay: (date) => holidayName(date) === undefined && weekdayOf(date) <= 5,
  };
}

/**
 * Easter Sunday of the Gregorian calendar (F96): J. Meeus, "Astronomical Algorithms", 2nd ed. (1998), chapter 8.
 * @param year 1600 to 9999.
 */
export function easterSunday(year: number): CivilDate {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return civilDate({ year, month: Math.floor(n / 31), day: (n % 31) + 1 });
}
