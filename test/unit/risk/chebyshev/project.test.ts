import { describe, expect, it } from 'vitest';
import { RangeError, ShapeError } from '../../../../src/base/errors.ts';
import type { Instrument } from '../../../../src/domain/instrument.ts';
import type { Market } from '../../../../src/domain/market.ts';
import { SeededRandom } from '../../../../src/numeric/seeded.ts';
import { chebyshevBasis } from '../../../../src/risk/bases/chebyshev/basis.ts';
import {
  routeBook,
  type SplitBook,
  sampleOptions,
  splitBook,
} from '../../../../src/risk/bases/chebyshev/book.ts';
import { sliceColumns } from '../../../../src/risk/bases/chebyshev/columns.ts';
import { ChebyshevProjector } from '../../../../src/risk/bases/chebyshev/project.ts';
import { DEFAULT_CHEBYSHEV } from '../../../../src/risk/bases/chebyshev/settings.ts';
import { type PositionSample, PositionSampler } from '../../../../src/risk/bases/sample.ts';
import { largestDifference, otcBook, referenceMarket } from '../../../support/otc-books.ts';
import { bookOf, forward, market, option } from '../../../support/small-market.ts';

const settings = {
  ...DEFAULT_CHEBYSHEV,
  nodes: { moneyness: 5, expiry: 4, mark: 2 },
  marks: [0.5, 2] as const,
};
const basis = chebyshevBasis(market, settings);
const american: Instrument = {
  kind: 'option',
  underlying: 'A',
  type: 'put',
  strike: 100,
  expiryYears: 1,
  vol: 0.2,
  exercise: 'american',
};
const digital: Instrument = {
  kind: 'digital',
  underlying: 'A',
  type: 'call',
  strike: 100,
  expiryYears: 1,
  vol: 0.2,
  cash: 1,
};
const marked = (vol: number): Instrument => ({ ...option('A', 'call', 100), vol }) as Instrument;

describe('routing', () => {
  it.each<[string, Instrument]>([
    ['kind', digital],
    ['exercise', american],
    ['expiry', option('A', 'call', 100, 1 / 365)],
    ['expiry', option('A', 'call', 100, 3)],
    ['expiry', option('A', 'call', 100, 0)],
    ['strike', option('A', 'call', 100 * Math.exp(6.01 * 0.2))],
    ['strike', option('A', 'put', 1e-9)],
    ['mark', marked(0.09)],
    ['mark', marked(0.41)],
    ['mark', marked(0)],
  ])('lists what is outside by its %s', (reason, instrument) => {
    const routed = routeBook(
      splitBook(bookOf([2, instrument], [1, option('A', 'call', 100)]), market),
      market,
      basis,
    );
    expect(routed.outside.map(({ instrument: terms }) => terms)).toEqual([instrument]);
    expect(routed.reasons[reason as keyof typeof routed.reasons]).toBe(1);
    expect(routed.inside.options.units).toEqual(Float64Array.of(10));
    // Listed, it has a coordinate of its own.
    const wide = chebyshevBasis(market, settings, { listed: [instrument] });
    const projector = new ChebyshevProjector(wide, market);
    projector.addPositions(routed.outside);
    const x = projector.finish();
    expect(x[wide.firstListed]).toBe(20);
    expect(x.filter((weight) => weight !== 0)).toEqual(Float64Array.of(20));
  });

  it('keeps the edges of the domain inside', () => {
    const edges = [
      option('A', 'call', 100, 3 / 365),
      option('A', 'call', 100, 2.5),
      marked(0.1),
      marked(0.4),
      option('A', 'call', 100 * Math.exp(6 * 0.2)),
      forward('B', 5000, 40),
    ];
    const routed = routeBook(
      splitBook(bookOf(...edges.map((edge) => [1, edge] as const)), market),
      market,
      basis,
    );
    expect(routed.outside).toEqual([]);
  });

  it('takes far strikes of short expiries on the wing', () => {
    const far = option('A', 'call', 100 * Math.exp(0.7), 0.05);
    const routed = routeBook(splitBook(bookOf([1, far]), market), market, basis);
    expect(routed.outside).toEqual([]);
    const core = chebyshevBasis(market, { ...settings, wing: undefined });
    expect(routeBook(splitBook(bookOf([1, far]), market), market, core).reasons.strike).toBe(1);
  });

  it('takes American options where they have panels', () => {
    const of = chebyshevBasis(market, { ...settings, american: ['A'] });
    expect(routeBook(splitBook(bookOf([1, american]), market), market, of).outside).toEqual([]);
  });
});

describe('the projector', () => {
  const { market: wide } = referenceMarket();
  const book = otcBook(new SeededRandom(5), wide, 9001, {
    spread: 1,
    years: [4 / 365, 2.4],
    mark: (random) => random.between(0.6, 1.8),
  });
  const { options } = splitBook(book, wide);
  const of = chebyshevBasis(wide, settings);
  const project = (...chunks: (readonly [number, number])[]): Float64Array => {
    const projector = new ChebyshevProjector(of, wide);
    for (const [from, to] of chunks) projector.addColumns(sliceColumns(options, from, to));
    return projector.finish();
  };
  const whole = project([0, 9001]);

  it('gives the same coordinates however the book is cut, to the last bit', () => {
    expect(project([0, 1], [1, 4097], [4097, 9001])).toEqual(whole);
    const mixed = book.positions.flatMap((position, i) =>
      i % 100 === 0
        ? [position, bookOf([i, forward(position.instrument.underlying, 7)]).positions[0]!]
        : position,
    );
    const objects = (blocks: readonly number[]): Float64Array => {
      const projector = new ChebyshevProjector(of, wide);
      blocks.forEach((from, b) => {
        projector.addPositions(mixed.slice(from, blocks[b + 1]));
      });
      return projector.finish();
    };
    expect(objects([0, 7, 5000, 5001])).toEqual(objects([0]));
    const { options: apart, rest } = splitBook({ positions: mixed }, wide);
    const columns = new ChebyshevProjector(of, wide);
    columns.addColumns(apart);
    columns.addPositions(rest);
    expect(columns.finish()).toEqual(objects([0]));
  });

  it('is linear: a book and its opposite are nothing', () => {
    const projector = new ChebyshevProjector(of, wide);
    projector.addColumns(options);
    projector.addColumns({ ...options, units: options.units.map((units) => -units) });
    const size = whole.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(largestDifference(projector.finish(), new Float64Array(of.coordinates))).toBeLessThan(
      1e-12 * size,
    );
  });

  it('refuses options outside by their number and reason, without their terms', () => {
    const projector = new ChebyshevProjector(basis, market);
    const outside = bookOf([31415, option('A', 'call', 2718.28)], [1, option('A', 'call', 100)]);
    expect(() => projector.addPositions(outside.positions)).toThrow(RangeError);
    try {
      projector.addPositions(outside.positions);
    } catch (error) {
      const { message, facts } = error as RangeError;
      expect(facts).toEqual({ outside: 1, reason: 'strike' });
      expect(message).not.toMatch(/31415|2718/);
    }
  });

  it.each<[string, Instrument]>([
    ['a strike of zero', option('A', 'call', 0)],
    ['a strike that is not a number', option('A', 'call', Number.NaN)],
    ['a negative expiry', option('A', 'call', 100, -1)],
    [
      'no vol where there is no surface',
      { kind: 'option', underlying: 'A', type: 'call', strike: 100, expiryYears: 1 },
    ],
  ])('refuses %s', (_, instrument) => {
    const projector = new ChebyshevProjector(basis, market);
    expect(() => projector.addPositions(bookOf([1, instrument]).positions)).toThrow(RangeError);
  });

  it('refuses units that are not finite, and contracts without a panel', () => {
    const projector = new ChebyshevProjector(basis, market);
    const [position] = bookOf([1, option('A', 'call', 100)]).positions;
    expect(() => projector.addPositions([{ ...position!, quantity: Number.POSITIVE_INFINITY }])).toThrow(
      RangeError,
    );
    expect(() => new ChebyshevProjector(basis, market).addPositions(bookOf([1, digital]).positions)).toThrow(
      ShapeError,
    );
  });
});

const sampleOf = (split: SplitBook, of: Market, size: number): PositionSample => {
  const sampler = new PositionSampler(size);
  sampleOptions(split, of, sampler);
  return sampler.finish();
};

describe('the sample', () => {
  const { market: wide } = referenceMarket();
  const spots = new Map(wide.underlyings.map(({ name, spot }) => [name, spot]));
  const book = otcBook(new SeededRandom(8), wide, 20_000);
  const split = splitBook(book, wide);

  it('is the whole book where that is small', () => {
    const { certain, drawn } = sampleOf(
      splitBook({ positions: book.positions.slice(0, 100) }, wide),
      wide,
      100,
    );
    expect(certain.length).toBe(100);
    expect(drawn).toEqual([]);
  });

  it('stands for the exposure of the book, long and short', () => {
    const { certain, drawn } = sampleOf(split, wide, 2000);
    const drawnCount = drawn.flat().length;
    expect(certain.length + drawnCount).toBeLessThanOrEqual(3000);
    const exposure = (positions: typeof book.positions): number =>
      positions.reduce(
        (sum, { quantity, multiplier, instrument }) =>
          sum + Math.abs(quantity * multiplier) * spots.get(instrument.underlying)!,
        0,
      );
    const total = exposure(book.positions);
    expect(Math.abs(exposure([...certain, ...drawn.flat()]) / total - 1)).toBeLessThan(1e-3);
    const long = (positions: typeof book.positions): number =>
      exposure(positions.filter(({ quantity }) => quantity > 0));
    expect(Math.abs(long([...certain, ...drawn.flat()]) / long(book.positions) - 1)).toBeLessThan(0.05);
  });

  it('takes a position that dwarfs the others as it is', () => {
    const [first, ...others] = book.positions;
    const giant = { ...first!, quantity: 1e9 };
    const { certain } = sampleOf(splitBook({ positions: [giant, ...others] }, wide), wide, 2000);
    expect(certain.some(({ quantity }) => quantity === 1e11)).toBe(true);
  });
});
