import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addBusinessDays,
  adjustBusinessDay,
  businessDaysBetween,
} from '../../src/pricing/conventions/business-days.ts';
import { CALENDARS } from '../../src/pricing/conventions/calendars.ts';
import {
  addMonths,
  type CivilDate,
  civilDate,
  fieldsOf,
  isoOf,
  weekdayOf,
} from '../../src/pricing/conventions/civil-date.ts';
import { DAY_COUNTS, yearFraction } from '../../src/pricing/conventions/day-count.ts';

const anyDate = fc
  .integer({ min: civilDate('1600-01-01'), max: civilDate('9990-12-31') })
  .map((n) => n as CivilDate);
const date = fc
  .integer({ min: civilDate('2001-01-01'), max: civilDate('2190-12-31') })
  .map((n) => n as CivilDate);
const calendar = fc.constantFrom(...CALENDARS.values());
const dayCount = fc.constantFrom(...DAY_COUNTS);

describe('civil dates', () => {
  it('read back from text and fields', () => {
    fc.assert(
      fc.property(anyDate, (day) => {
        expect(civilDate(isoOf(day))).toBe(day);
        expect(civilDate(fieldsOf(day))).toBe(day);
        expect(weekdayOf((day + 1) as CivilDate)).toBe((weekdayOf(day) % 7) + 1);
      }),
      { numRuns: 1000 },
    );
  });

  it('added months keep the day or end at the last of the month', () => {
    fc.assert(
      fc.property(date, fc.integer({ min: -600, max: 600 }), (day, months) => {
        const [from, to] = [fieldsOf(day), fieldsOf(addMonths(day, months))];
        expect(12 * to.year + to.month).toBe(12 * from.year + from.month + months);
        if (to.day !== from.day) {
          expect(to.day).toBeLessThan(from.day);
          expect(fieldsOf((addMonths(day, months) + 1) as CivilDate).day).toBe(1);
        }
      }),
    );
  });
});

describe('year fractions', () => {
  it('are antisymmetric, grow with the end and are near actual / 365', () => {
    fc.assert(
      fc.property(date, date, dayCount, (one, two, count) => {
        const fraction = yearFraction(one, two, count);
        expect(yearFraction(two, one, count) + fraction).toBe(0);
        expect(yearFraction(one, (two + 40) as CivilDate, count)).toBeGreaterThan(fraction);
        expect(Math.abs(fraction - (two - one) / 365)).toBeLessThan(0.02 + 0.015 * Math.abs(fraction));
      }),
    );
  });

  it('add up over consecutive periods where days are counted', () => {
    fc.assert(
      fc.property(
        fc.tuple(date, date, date),
        fc.constantFrom('ACT/365F', 'ACT/360', 'ACT/364', 'ACT/ACT ISDA'),
        (dates, count) => {
          const [a, b, c] = dates.sort((x, y) => x - y) as [CivilDate, CivilDate, CivilDate];
          const sum = yearFraction(a, b, count) + yearFraction(b, c, count);
          expect(Math.abs(sum - yearFraction(a, c, count))).toBeLessThan(1e-12);
        },
      ),
    );
  });
});

describe('business days', () => {
  it('adjustment gives business days on the side asked for and leaves business days alone', () => {
    fc.assert(
      fc.property(calendar, date, (market, day) => {
        const following = adjustBusinessDay(market, day, 'following');
        const preceding = adjustBusinessDay(market, day, 'preceding');
        const modified = adjustBusinessDay(market, day, 'modifiedFollowing');
        expect(following).toBeGreaterThanOrEqual(day);
        expect(preceding).toBeLessThanOrEqual(day);
        for (const moved of [following, preceding, modified]) {
          expect(market.isBusinessDay(moved)).toBe(true);
          expect(adjustBusinessDay(market, moved, 'following')).toBe(moved);
        }
        expect(fieldsOf(modified).month).toBe(fieldsOf(day).month);
        expect(businessDaysBetween(market, preceding, following)).toBe(preceding === following ? 0 : 1);
      }),
    );
  });

  it('adding and taking away leads back, and counting agrees', () => {
    fc.assert(
      fc.property(calendar, date, fc.integer({ min: 0, max: 300 }), (market, day, n) => {
        const start = adjustBusinessDay(market, day, 'following');
        const end = addBusinessDays(market, start, n);
        expect(addBusinessDays(market, end, -n)).toBe(start);
        expect(businessDaysBetween(market, start, end)).toBe(n);
      }),
    );
  });
});
