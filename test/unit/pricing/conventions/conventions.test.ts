import { describe, expect, it } from 'vitest';
import { RangeError } from '../../../../src/base/errors.ts';
import {
  addBusinessDays,
  adjustBusinessDay,
  type BusinessDayConvention,
  businessDaysBetween,
  expirySchedule,
} from '../../../../src/pricing/conventions/business-days.ts';
import { easterSunday } from '../../../../src/pricing/conventions/calendar.ts';
import {
  ALWAYS_OPEN,
  CALENDARS,
  NYSE,
  TARGET,
  UNITED_KINGDOM,
} from '../../../../src/pricing/conventions/calendars.ts';
import {
  addDays,
  addMonths,
  type CivilDate,
  civilDate,
  fieldsOf,
  isoOf,
  nthWeekday,
  weekdayOf,
} from '../../../../src/pricing/conventions/civil-date.ts';
import { type DayCount, yearFraction } from '../../../../src/pricing/conventions/day-count.ts';

describe('civil dates', () => {
  it('agree with UTC on every day of four centuries and at the ends', () => {
    for (let time = Date.UTC(1899, 0, 1); time <= Date.UTC(2110, 11, 31); time += 86_400_000) {
      const utc = new Date(time);
      const iso = utc.toISOString().slice(0, 10);
      const date = civilDate(iso);
      if (date !== time / 86_400_000 || isoOf(date) !== iso || weekdayOf(date) % 7 !== utc.getUTCDay()) {
        expect.fail(`${iso} is day ${date}, read back as ${isoOf(date)}, weekday ${weekdayOf(date)}`);
      }
    }
    for (const iso of ['1600-01-01', '1600-02-29', '2000-02-29', '9999-12-31'])
      expect(isoOf(civilDate(iso))).toBe(iso);
    expect(civilDate({ year: 1970, month: 1, day: 1 })).toBe(0);
  });

  it.each([
    '2023-02-29',
    '1900-02-29',
    '2024-04-31',
    '2024-00-10',
    '2024-13-01',
    '2024-1-1',
    '1599-12-31',
    '2024-01-01T00:00:00Z',
    '',
    'today',
  ])('refuse %j', (text) => {
    expect(() => civilDate(text)).toThrow(RangeError);
  });

  it('refuse what is no day number', () => {
    for (const bad of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 1e9]) {
      expect(() => fieldsOf(bad as CivilDate)).toThrow(RangeError);
    }
    expect(() => addDays(civilDate('9999-12-31'), 1)).toThrow(RangeError);
    expect(() => addMonths(civilDate('2024-01-31'), 0.5)).toThrow(RangeError);
  });

  it('add months within the month that results', () => {
    const add = (iso: string, months: number): string => isoOf(addMonths(civilDate(iso), months));
    expect(add('2024-01-31', 1)).toBe('2024-02-29');
    expect(add('2023-01-31', 1)).toBe('2023-02-28');
    expect(add('2024-03-31', -1)).toBe('2024-02-29');
    expect(add('2024-11-30', 3)).toBe('2025-02-28');
    expect(add('2024-01-15', -13)).toBe('2022-12-15');
  });

  it('find weekdays of a month', () => {
    expect(isoOf(nthWeekday(2026, 11, 3, 5))).toBe('2026-11-20');
    expect(isoOf(nthWeekday(2026, 11, -1, 1))).toBe('2026-11-30');
    expect(isoOf(nthWeekday(2026, 5, 5, 5))).toBe('2026-05-29');
    for (const [n, weekday] of [
      [5, 1],
      [0, 5],
      [-5, 5],
      [1, 8],
      [1.5, 1],
    ] as const) {
      expect(() => nthWeekday(2026, 2, n, weekday)).toThrow(RangeError);
    }
  });
});

describe('year fractions', () => {
  const fraction = (from: string, to: string, dayCount?: DayCount): number =>
    yearFraction(civilDate(from), civilDate(to), dayCount);

  it('are ACT/365F by default', () => {
    expect(fraction('2024-01-01', '2025-01-01')).toBe(366 / 365);
    expect(fraction('2024-01-01', '2024-01-01')).toBe(0);
  });

  it.each([
    ['ACT/ACT ISDA', '2003-11-01', '2004-05-01', 61 / 365 + 121 / 366],
    ['ACT/ACT ISDA', '2011-12-30', '2014-01-02', 2 / 365 + 2 + 1 / 365],
    ['30/360', '2024-01-31', '2024-03-31', 60 / 360],
    ['30/360', '2024-01-30', '2024-03-31', 60 / 360],
    ['30/360', '2024-01-29', '2024-03-31', 62 / 360],
    ['30E/360', '2024-01-29', '2024-03-31', 61 / 360],
    ['30/360', '2023-02-28', '2023-03-31', 33 / 360],
    ['30/360 US', '2023-02-28', '2024-02-29', 360 / 360],
    ['30/360 US', '2023-02-28', '2023-03-30', 30 / 360],
    ['30/360 US', '2023-02-28', '2023-03-31', 31 / 360],
    ['30/360 US', '2024-02-28', '2024-03-31', 33 / 360],
  ] as readonly (readonly [DayCount, string, string, number])[])(
    '%s from %s to %s',
    (dayCount, from, to, expected) => {
      expect(fraction(from, to, dayCount)).toBeCloseTo(expected, 15);
    },
  );

  it('refuse an unknown day count and a bad date', () => {
    expect(() => fraction('2024-01-01', '2024-02-01', 'ACT/ACT' as DayCount)).toThrow(RangeError);
    expect(() => yearFraction(0.5 as CivilDate, civilDate('2024-02-01'))).toThrow(RangeError);
  });
});

describe('calendars', () => {
  it('know Easter', () => {
    // Earliest and latest, and those of the tables of 1818, 1954, 2000, 2038, 2285.
    for (const iso of ['1818-03-22', '1954-04-18', '2000-04-23', '2019-04-21', '2038-04-25', '2285-03-22']) {
      expect(isoOf(easterSunday(Number(iso.slice(0, 4))))).toBe(iso);
    }
  });

  it.each([
    [NYSE, '2001-09-13', 'attacks of 11 September 2001'],
    [NYSE, '2012-10-30', 'Hurricane Sandy'],
    [NYSE, '2018-12-05', 'national day of mourning for George H. W. Bush'],
    [NYSE, '2025-01-09', 'national day of mourning for Jimmy Carter'],
    [NYSE, '2022-06-20', 'Juneteenth National Independence Day'],
    [NYSE, '2021-06-18', undefined],
    [NYSE, '2010-12-31', undefined],
    [NYSE, '2021-12-31', undefined],
    [NYSE, '2021-12-24', 'Christmas Day'],
    [UNITED_KINGDOM, '2020-05-04', undefined],
    [UNITED_KINGDOM, '2020-05-08', 'Early May bank holiday, moved from 4 May: 75 years of VE Day'],
    [UNITED_KINGDOM, '2022-05-30', undefined],
    [UNITED_KINGDOM, '2012-06-05', "Queen Elizabeth II's Diamond Jubilee"],
    [UNITED_KINGDOM, '2002-06-03', "Queen Elizabeth II's Golden Jubilee"],
    [UNITED_KINGDOM, '2011-01-03', "New Year's Day"],
    [UNITED_KINGDOM, '2021-12-28', 'Boxing Day'],
    [UNITED_KINGDOM, '2022-12-27', 'Christmas Day'],
    [TARGET, '2001-12-31', 'before the cash changeover to the euro'],
    [TARGET, '2004-12-31', undefined],
    [TARGET, '2026-05-01', 'Labour Day'],
    [TARGET, '2027-05-01', undefined],
    [ALWAYS_OPEN, '2026-12-25', undefined],
  ])('%o: %s', (calendar, iso, reason) => {
    const date = civilDate(iso);
    expect(calendar.holidayName(date)).toBe(reason);
    expect(calendar.isBusinessDay(date)).toBe(
      reason === undefined && (weekdayOf(date) <= 5 || calendar === ALWAYS_OPEN),
    );
  });

  it('refuse years that they do not know, by name', () => {
    expect(() => NYSE.isBusinessDay(civilDate('1999-12-31'))).toThrow(/NYSE: expected a date from 2000/);
    expect(() => TARGET.isBusinessDay(civilDate('2200-01-01'))).toThrow(RangeError);
    expect(ALWAYS_OPEN.isBusinessDay(civilDate('1700-01-01'))).toBe(true);
    expect([...CALENDARS.keys()]).toEqual(['TARGET', 'NYSE', 'UnitedKingdom', '24/7']);
  });
});

describe('business days', () => {
  const adjusted = (iso: string, convention: BusinessDayConvention): string =>
    isoOf(adjustBusinessDay(TARGET, civilDate(iso), convention));

  it.each([
    ['2026-11-20', 'following', '2026-11-20'],
    ['2026-11-21', 'following', '2026-11-23'],
    ['2026-11-21', 'preceding', '2026-11-20'],
    ['2026-11-21', 'unadjusted', '2026-11-21'],
    ['2026-10-31', 'following', '2026-11-02'],
    ['2026-10-31', 'modifiedFollowing', '2026-10-30'],
    ['2026-11-01', 'preceding', '2026-10-30'],
    ['2026-11-01', 'modifiedPreceding', '2026-11-02'],
    ['2026-04-03', 'following', '2026-04-07'],
    ['2026-04-04', 'preceding', '2026-04-02'],
    ['2026-12-25', 'modifiedFollowing', '2026-12-28'],
  ] as const)('%s %s: %s', (iso, convention, expected) => {
    expect(adjusted(iso, convention)).toBe(expected);
  });

  it('are added and counted', () => {
    const add = (iso: string, n: number): string => isoOf(addBusinessDays(TARGET, civilDate(iso), n));
    expect(add('2026-04-02', 1)).toBe('2026-04-07');
    expect(add('2026-04-07', -1)).toBe('2026-04-02');
    expect(add('2026-04-04', 0)).toBe('2026-04-07');
    expect(add('2026-04-04', 1)).toBe('2026-04-07');
    expect(add('2026-04-02', 2)).toBe('2026-04-08');
    const [from, to] = [civilDate('2026-01-01'), civilDate('2027-01-01')];
    // 261 weekdays less New Year, Good Friday, Easter Monday, 1 May, 25 December.
    expect(businessDaysBetween(TARGET, from, to)).toBe(261 - 5);
    expect(businessDaysBetween(TARGET, to, from)).toBe(5 - 261);
    expect(businessDaysBetween(ALWAYS_OPEN, from, to)).toBe(365);
    expect(() => addBusinessDays(TARGET, from, 0.5)).toThrow(RangeError);
    expect(() => adjustBusinessDay(TARGET, from, 'nearest' as BusinessDayConvention)).toThrow(RangeError);
  });

  it('schedule expiries: third Fridays, the Thursday before where the market is closed', () => {
    const dates = expirySchedule(NYSE, civilDate('2025-03-21'), 3).map(isoOf);
    // 18 April 2025 is Good Friday.
    expect(dates).toEqual(['2025-04-17', '2025-05-16', '2025-06-20']);
    const quarterly = expirySchedule(ALWAYS_OPEN, civilDate('2026-11-20'), 3, {
      rule: { n: -1, weekday: 5 },
      everyMonths: 3,
    });
    expect(quarterly.map(isoOf)).toEqual(['2026-12-25', '2027-03-26', '2027-06-25']);
    expect(expirySchedule(NYSE, civilDate('2025-03-21'), 0)).toEqual([]);
    expect(() => expirySchedule(NYSE, civilDate('2025-03-21'), 1.5)).toThrow(RangeError);
    expect(() => expirySchedule(NYSE, civilDate('2025-03-21'), 1, { everyMonths: 5 as 6 })).toThrow(
      RangeError,
    );
    expect(() => expirySchedule(NYSE, civilDate('2025-03-21'), 12, { rule: { n: 5, weekday: 5 } })).toThrow(
      RangeError,
    );
  });
});
