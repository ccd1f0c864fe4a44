import { type Calendar, easterSunday, type Holiday, weekdayCalendar } from './calendar.ts';
import { addDays, type CivilDate, civilDate, fieldsOf, nthWeekday, weekdayOf } from './civil-date.ts';

const MONDAY = 1;
const THURSDAY = 4;
const SATURDAY = 6;
const SUNDAY = 7;

/** Rules as announced hold on; what will be announced later cannot be known. */
const LAST_YEAR = 2199;

const day = (year: number, month: number, date: number): CivilDate => civilDate({ year, month, day: date });

/**
 * TARGET, the settlement system of the euro: weekends, New Year's Day, Good Friday, Easter Monday, 1 May, 25 and 26
 * December.
 * Source: European Central Bank, "TARGET closing days", press release of 14 December 2000; the additional closing day
 * of 31 December 2001. 2000 to 2199.
 */
export const TARGET: Calendar = weekdayCalendar({
  name: 'TARGET',
  firstYear: 2000,
  lastYear: LAST_YEAR,
  ofYear: (year) => {
    const easter = easterSunday(year);
    return [
      [day(year, 1, 1), "New Year's Day"],
      [addDays(easter, -2), 'Good Friday'],
      [addDays(easter, 1), 'Easter Monday'],
      [day(year, 5, 1), 'Labour Day'],
      [day(year, 12, 25), 'Christmas Day'],
      [day(year, 12, 26), '26 December'],
    ];
  },
  special: { '2001-12-31': 'before the cash changeover to the euro' },
});

/** Saturday holidays are kept on the Friday before, Sunday ones on the Monday after. */
function nearestWeekday(date: CivilDate): CivilDate {
  const weekday = weekdayOf(date);
  return weekday === SATURDAY ? addDays(date, -1) : weekday === SUNDAY ? addDays(date, 1) : date;
}

/**
 * New York Stock Exchange: weekends and the holidays of NYSE rule 7.2, with a Saturday holiday kept on the Friday
 * before unless that would be the last business day of a year (New Year's Day), a Sunday one on the Monday after;
 * Juneteenth since 2022. Early closes are business days. 2000 to 2199.
 */
export const NYSE: Calendar = weekdayCalendar({
  name: 'NYSE',
  firstYear: 2000,
  lastYear: LAST_YEAR,
  ofYear: (year) => {
    const newYear = day(year, 1, 1);
    const holidays: Holiday[] = [
      [weekdayOf(newYear) === SUNDAY ? addDays(newYear, 1) : newYear, "New Year's Day"],
      [nthWeekday(year, 1, 3, MONDAY), 'Martin Luther King Jr. Day'],
      [nthWeekday(year, 2, 3, MONDAY), "Washington's Birthday"],
      [addDays(easterSunday(year), -2), 'Good Friday'],
      [nthWeekday(year, 5, -1, MONDAY), 'Memorial Day'],
      [nearestWeekday(day(year, 7, 4)), 'Independence Day'],
      [nthWeekday(year, 9, 1, MONDAY), 'Labor Day'],
      [nthWeekday(year, 11, 4, THURSDAY), 'Thanksgiving Day'],
      [nearestWeekday(day(year, 12, 25)), 'Christmas Day'],
    ];
    if (year >= 2022)
      holidays.push([nearestWeekday(day(year, 6, 19)), 'Juneteenth National Independence Day']);
    return holidays;
  },
  special: {
    '2001-09-11': 'attacks of 11 September 2001',
    '2001-09-12': 'attacks of 11 September 2001',
    '2001-09-13': 'attacks of 11 September 2001',
    '2001-09-14': 'attacks of 11 September 2001',
    '2004-06-11': 'national day of mourning for Ronald Reagan',
    '2007-01-02': 'national day of mourning for Gerald Ford',
    '2012-10-29': 'Hurricane Sandy',
    '2012-10-30': 'Hurricane Sandy',
    '2018-12-05': 'national day of mourning for George H. W. Bush',
    '2025-01-09': 'national day of mourning for Jimmy Carter',
  },
});

/**
 * England and Wales: weekends and bank holidays under the Banking and Financial Dealings Act 1971; a day that falls on
 * a weekend is kept on the next weekday that is no holiday itself; proclaimed moves and additional days up to 2026.
 * 2000 to 2199.
 */
export const UNITED_KINGDOM: Calendar = weekdayCalendar({
  name: 'UnitedKingdom',
  firstYear: 2000,
  lastYear: LAST_YEAR,
  ofYear: (year) => {
    const easter = easterSunday(year);
    const newYear = day(year, 1, 1);
    const christmas = day(year, 12, 25);
    const holidays: Holiday[] = [
      [weekdayOf(newYear) >= SATURDAY ? addDays(newYear, 8 - weekdayOf(newYear)) : newYear, "New Year's Day"],
      [addDays(easter, -2), 'Good Friday'],
      [addDays(easter, 1), 'Easter Monday'],
      [nthWeekday(year, 8, -1, MONDAY), 'Summer bank holiday'],
      // Both days move to the next two weekdays that are free: 27 and 28, or one of them.
      [weekdayOf(christmas) >= SATURDAY ? addDays(christmas, 2) : christmas, 'Christmas Day'],
      [
        weekdayOf(addDays(christmas, 1)) >= SATURDAY ? addDays(christmas, 3) : addDays(christmas, 1),
        'Boxing Day',
      ],
    ];
    if (year !== 2020) holidays.push([nthWeekday(year, 5, 1, MONDAY), 'Early May bank holiday']);
    if (![2002, 2012, 2022].includes(year))
      holidays.push([nthWeekday(year, 5, -1, MONDAY), 'Spring bank holiday']);
    return holidays;
  },
  special: {
    '2002-06-03': "Queen Elizabeth II's Golden Jubilee",
    '2002-06-04': 'Spring bank holiday, moved from 27 May',
    '2011-04-29': 'wedding of Prince William and Catherine Middleton',
    '2012-06-04': 'Spring bank holiday, moved from 28 May',
    '2012-06-05': "Queen Elizabeth II's Diamond Jubilee",
    '2020-05-08': 'Early May bank holiday, moved from 4 May: 75 years of VE Day',
    '2022-06-02': 'Spring bank holiday, moved from 30 May',
    '2022-06-03': "Queen Elizabeth II's Platinum Jubilee",
    '2022-09-19': 'state funeral of Queen Elizabeth II',
    '2023-05-08': 'coronation of King Charles III',
  },
});

/** A market that never closes, as those of digital assets. */
export const ALWAYS_OPEN: Calendar = {
  name: '24/7',
  isBusinessDay: (date) => {
    // For the same refusal of what is no date.
    fieldsOf(date);
    return true;
  },
  holidayName: (date) => {
    fieldsOf(date);
    return undefined;
  },
};

/** Every calendar by its name: TARGET, NYSE, UnitedKingdom, 24/7. */
export const CALENDARS: ReadonlyMap<string, Calendar> = new Map(
  [TARGET, NYSE, UNITED_KINGDOM, ALWAYS_OPEN].map((calendar) => [calendar.name, calendar]),
);
