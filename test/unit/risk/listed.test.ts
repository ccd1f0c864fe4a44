import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../../src/base/errors.ts';
import type { Instrument } from '../../../src/domain/instrument.ts';
import { grossValue, listedBasis, projectOnListed } from '../../../src/risk/bases/listed.ts';
import { bookOf, forward, market, option, spot } from '../../support/small-market.ts';

const callA = option('A', 'call', 110);
const putA = option('A', 'put', 110);
const callB = option('B', 'call', 55);

describe('listedBasis', () => {
  it("groups by underlying in the market's order, and keeps the order of listing within", () => {
    const basis = listedBasis([callA, callB, spot('A'), forward('B', 50), putA], market);
    expect(basis.contracts).toEqual([callB, forward('B', 50), callA, spot('A'), putA]);
  });

  it('merges equal terms, whatever object carries them', () => {
    const basis = listedBasis(
      [callA, { ...callA }, spot('A'), spot('A'), forward('A', 1), forward('A', 1)],
      market,
    );
    expect(basis.contracts.length).toBe(3);
  });

  it.each<[string, Instrument]>([
    ['type', putA],
    ['strike', option('A', 'call', 110.00000000000001)],
    ['expiry', option('A', 'call', 110, 1.0000000000000002)],
    ['underlying', { ...callA, underlying: 'B' } as Instrument],
    ['vol', { ...callA, vol: 0.21 } as Instrument],
    ['mark', { kind: 'option', underlying: 'A', type: 'call', strike: 110, expiryYears: 1 }],
    ['kind', forward('A', 110)],
  ])('keeps contracts apart that differ in their %s, also in the digest', (_, other) => {
    expect(listedBasis([callA, other], market).contracts.length).toBe(2);
    expect(listedBasis([callA], market).digest).not.toBe(listedBasis([other], market).digest);
  });

  it('a forward and an option with the same numbers are two contracts', () => {
    expect(listedBasis([forward('A', 110), callA, spot('A')], market).contracts.length).toBe(3);
  });

  it('has a digest of its contracts, in their order, and of nothing else', () => {
    const digest = (...contracts: Instrument[]): string => listedBasis(contracts, market).digest;
    expect(digest(callA, callB)).toBe(digest(callB, callA, callB));
    expect(digest(callA, putA)).not.toBe(digest(putA, callA));
    expect(digest(callA)).not.toBe(digest(callA, putA));
    expect(digest()).not.toBe(digest(callA));
  });

  it('refuses an underlying that the market does not quote', () => {
    expect(() => listedBasis([spot('C')], market)).toThrow(ShapeError);
  });
});

describe('projectOnListed', () => {
  const basis = listedBasis([callA, callB, spot('A')], market);

  it('adds up quantity times multiplier a contract, long and short', () => {
    const book = bookOf([3, callA], [-1, spot('A')], [0.5, callB], [-5, { ...callA }]);
    const { x, coordinates } = projectOnListed(book, basis);
    expect([...x]).toEqual([5, -20, -10]);
    expect([...coordinates]).toEqual([1, 2, 0, 1]);
  });

  it('leaves contracts that are not held at zero', () => {
    expect([...projectOnListed(bookOf(), basis).x]).toEqual([0, 0, 0]);
  });

  it('refuses a contract that the basis does not list, by the id of its position and not its quantity', () => {
    const book = bookOf([1, callA], [271828, putA]);
    expect(() => projectOnListed(book, basis)).toThrow(ShapeError);
    try {
      projectOnListed(book, basis);
    } catch (error) {
      const { message, facts } = error as ShapeError;
      expect(facts).toEqual({ id: 'p1' });
      expect(message).not.toContain('271828');
    }
  });

  it('gross counts every position: opposite ones do not cancel', () => {
    const book = bookOf([3, callA], [-3, callA], [-1, spot('A')], [2, callB]);
    const projected = projectOnListed(book, basis);
    expect(projected.x[1]).toBe(0);
    // 10 x (3 x 7 + 3 x 7 + 1 x 100 + 2 x |-4|)
    expect(grossValue(book, projected, Float64Array.of(-4, 7, 100))).toBe(1500);
    expect(grossValue(bookOf(), projectOnListed(bookOf(), basis), Float64Array.of(1, 1, 1))).toBe(0);
  });
});
