import { describe, expect, it } from 'vitest';
import { CALENDARS } from '../../src/pricing/conventions/calendars.ts';
import { addDays, civilDate, isoOf, weekdayOf } from '../../src/pricing/conventions/civil-date.ts';
import { type DayCount, yearFraction } from '../../src/pricing/conventions/day-count.ts';
import { readVectors } from '../support/vectors.ts';

describe('daycount.csv', () => {
  const file = readVectors('daycount.csv');
  it.each([
    ['Actual/365F', 'ACT/365F'],
    ['Actual/360', 'ACT/360'],
    ['Actual/364', 'ACT/364'],
    ['Actual/Actual ISDA', 'ACT/ACT ISDA'],
    ['30/360 US (BondBasis)', '30/360'],
    ['30E/360', '30E/360'],
    ['30/360 USA', '30/360 US'],
  ] as readonly (readonly [string, DayCount])[])('%s is %s on every row, both ways', (column, dayCount) => {
    const expected = file.numbers(column);
    const [start, end] = [file.text('start'), file.text('end')];
    for (let i = 0; i < file.rows; i++) {
      const [from, to] = [civilDate(start[i]!), civilDate(end[i]!)];
      const row = `row ${i}: ${start[i]} to ${end[i]}`;
      expect(Math.abs(yearFraction(from, to, dayCount) - expected[i]!), row).toBeLessThanOrEqual(1e-15);
      expect(yearFraction(to, from, dayCount), row).toBe(-yearFraction(from, to, dayCount));
    }
  });
});

describe('calendar_holidays_2015_2030.csv', () => {
  const file = readVectors('calendar_holidays_2015_2030.csv');
  // Closed after the source was published: the national day of mourning for Jimmy Carter.
  const LATER = ['NYSE,2025-01-09'];

  it('holds every second weekday holiday of the calendars, in order: none is missing and no other day is one', () => {
    const listed = file
      .text('calendar')
      .map((calendar, i) => `${calendar},${file.text('holiday_weekday')[i]}`);
    const closed: string[] = [];
    for (const name of ['TARGET', 'NYSE', 'UnitedKingdom']) {
      const calendar = CALENDARS.get(name)!;
      for (let date = civilDate('2015-01-01'); date <= civilDate('2030-12-31'); date = addDays(date, 1)) {
        const open = calendar.isBusinessDay(date);
        if (weekdayOf(date) > 5) expect(open).toBe(false);
        else if (!open) closed.push(`${name},${isoOf(date)}`);
      }
    }
    expect(closed.filter((entry) => !LATER.includes(entry)).filter((_, i) => i % 2 === 0)).toEqual(listed);
    // The source has 362 in all.
    expect(closed).toHaveLength(362 + LATER.length);
  });
});
