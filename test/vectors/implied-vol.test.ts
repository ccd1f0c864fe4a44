import { describe, expect, it } from 'vitest';
import { RangeError } from '../../src/base/errors.ts';
import { blackImpliedVols, tryBlackImpliedVols } from '../../src/pricing/implied-vol/black-implied-vol.ts';
import { impliedVolModel } from '../../src/pricing/implied-vol/implied-vol-model.ts';
import { QUOTE_DEFECTS } from '../../src/pricing/implied-vol/quotes.ts';
import { readQuotes } from '../support/quotes.ts';

describe('implied_vol.csv', () => {
  const { file, quotes } = readQuotes('implied_vol.csv');
  const found = blackImpliedVols(quotes);
  const expected = file.numbers('implied_vol');
  const attainable = file.numbers('attainable_rel_error');

  it('every row within 1e-14, or ten times what the last bit of the price allows', () => {
    for (let i = 0; i < file.rows; i++) {
      expect(Math.abs(found[i]! / expected[i]! - 1), `row ${i}`).toBeLessThanOrEqual(
        Math.max(1e-14, 10 * attainable[i]!),
      );
    }
  });

  it('the model and the variant with reasons answer the same', () => {
    const { vol, defect } = tryBlackImpliedVols(quotes);
    expect(vol).toEqual(found);
    expect(defect.every((code) => code === 0)).toBe(true);
    const results = impliedVolModel.price({
      length: file.rows,
      number: (name) => file.numbers(name),
      text: (name) => file.text(name),
    });
    expect(results['implied_vol']).toEqual(found);
  });
});

describe('implied_vol_invalid.csv', () => {
  const { file, quotes } = readQuotes('implied_vol_invalid.csv');
  const REASON: Readonly<Record<string, string>> = {
    below_intrinsic: 'belowIntrinsic',
    above_max: 'aboveMaximum',
    negative: 'belowIntrinsic',
    at_intrinsic_itm: 'atIntrinsic',
    zero_price_otm: 'atIntrinsic',
    at_max: 'atMaximum',
    nan: 'input',
    zero_t: 'noTime',
  };

  it('every row is refused, with its index and reason', () => {
    for (let i = 0; i < file.rows; i++) {
      const pair = (column: Float64Array, valid: number): Float64Array => Float64Array.of(valid, column[i]!);
      const batch = {
        sign: pair(quotes.sign, 1),
        forward: pair(quotes.forward, 100),
        strike: pair(quotes.strike, 100),
        expiryYears: pair(quotes.expiryYears, 1),
        rate: pair(quotes.rate, 0),
        price: pair(quotes.price, 10),
      };
      try {
        blackImpliedVols(batch);
        expect.unreachable(`row ${i} was accepted`);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        expect((error as RangeError).facts).toMatchObject({
          index: 1,
          reason: REASON[file.text('class')[i]!],
        });
      }
    }
  });

  it('every row is NaN with its reason in bulk', () => {
    const { vol, defect } = tryBlackImpliedVols(quotes);
    for (let i = 0; i < file.rows; i++) {
      expect(vol[i]).toBeNaN();
      expect(QUOTE_DEFECTS[defect[i]!]).toBe(REASON[file.text('class')[i]!]);
    }
  });
});
