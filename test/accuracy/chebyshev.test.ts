import { describe, expect, it } from 'vitest';
import { PrecisionError } from '../../src/base/errors.ts';
import type { Book } from '../../src/domain/book.ts';
import type { Market } from '../../src/domain/market.ts';
import { ENGINE_NAMES, NET_GREEK_NAMES } from '../../src/domain/report.ts';
import { rehearse } from '../../src/engine/rehearse.ts';
import type { RiskRequest } from '../../src/engine/task.ts';
import { expectedShortfall, sortedLosses, valueAtRisk } from '../../src/numeric/quantile.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { holdingsOf } from '../../src/pricing/portfolio/holdings.ts';
import { portfolioGreeks } from '../../src/pricing/portfolio/net-greeks.ts';
import {
  largestDifference,
  type OtcTerms,
  otcBook,
  referenceMarket,
  revalued,
  withSurfaces,
} from '../support/otc-books.ts';
import { loadReferenceInputs } from '../support/reference-inputs.ts';

const { market, scenarios } = referenceMarket();

const spotOf = new Map(market.underlyings.map(({ name, spot }) => [name, spot]));
const exposureOf = (positions: Book['positions']): number =>
  positions.reduce(
    (sum, { quantity, multiplier, instrument }) =>
      sum + Math.abs(quantity * multiplier) * spotOf.get(instrument.underlying)!,
    0,
  );

/** Every figure against brute force, and every bound against the distance found. */
async function check(
  engine: (typeof ENGINE_NAMES)[number],
  book: Book,
  on: Market,
  more: Partial<RiskRequest> = {},
) {
  const report = await rehearse(engine, { book, market: on, scenarios, basis: 'chebyshev', ...more });
  const { pnl, value, gross } = revalued(book, on, scenarios);
  const off = largestDifference(report.pnl!, pnl);
  const losses = sortedLosses(pnl);
  const truth = {
    value,
    var_95: valueAtRisk(losses, 0.95),
    var_975: valueAtRisk(losses, 0.975),
    var_99: valueAtRisk(losses, 0.99),
    es_95: expectedShortfall(losses, 0.95),
    es_975: expectedShortfall(losses, 0.975),
    es_99: expectedShortfall(losses, 0.99),
    worst: losses.at(-1)!,
  };
  for (const [name, expected] of Object.entries(truth)) {
    const { value: found, error } = report.figures[name as keyof typeof truth];
    expect(Math.abs(found - expected), name).toBeLessThanOrEqual(error.absolute + 1e-12 * gross);
    expect(error.known).toBe('measured');
  }
  expect(off).toBeLessThanOrEqual(report.figures.worst.error.absolute + 1e-12 * gross);
  const greeks = portfolioGreeks(holdingsOf(book), on);
  for (const greek of NET_GREEK_NAMES) {
    for (const { name } of on.underlyings) {
      const distance = Math.abs(report.netGreeks[greek][name]! - greeks[greek][name]!);
      const rounding = 1e-10 * Math.abs(greeks[greek][name]!) + 1e-13 * gross;
      expect(distance, `${greek} of ${name}`).toBeLessThanOrEqual(
        report.netGreeksError[greek][name]! + rounding,
      );
    }
  }
  return {
    report,
    gross,
    pnl: off / gross,
    var99: Math.abs(report.figures.var_99.value - truth.var_99) / Math.abs(truth.var_99),
    basis: report.parameters['basis'] as Record<
      string,
      { positions: number; reasons: Record<string, number> }
    >,
  };
}

describe.each(ENGINE_NAMES)('the reference portfolio through the chebyshev basis, %s', (engine) => {
  const { book } = loadReferenceInputs();
  it('has a P&L within 2e-7 of gross and a VaR99 within 2e-6 of brute force', async () => {
    const found = await check(engine, book, market, { precision: engine === 'ckks' ? 2e-7 : 1e-6 });
    expect(found.pnl).toBeLessThan(2e-7);
    expect(found.var99).toBeLessThan(2e-6);
    expect(found.report).toMatchObject({ engine, basis: 'chebyshev', positions: 2000 });
    expect(found.basis['listed']!.positions).toBe(0);
  }, 120_000);
});

describe('books of options that no venue lists', () => {
  const USUAL: OtcTerms = { spread: 1, years: [4 / 365, 2.4] };
  const smile = (_: SeededRandom, y: number): number => 1.02 - 0.15 * y + 0.06 * y * y;
  it.each<[string, Market, OtcTerms, number]>([
    ['on the marks of a smile', market, { ...USUAL, mark: smile }, 5e-8],
    ['on the surface of the market', withSurfaces(market), USUAL, 5e-8],
    [
      'on marks near the surface of the market',
      withSurfaces(market),
      { ...USUAL, mark: (random, y) => smile(random, y) * (1 + 0.003 * random.normal()) },
      2e-7,
    ],
  ])(
    '%s: P&L within 2e-7 of gross, VaR99 within 2e-6',
    async (_, on, terms, precision) => {
      const found = await check('plain', otcBook(new SeededRandom(1), on, 4000, terms), on, {
        precision,
      });
      expect(found.pnl).toBeLessThan(2e-7);
      expect(found.var99).toBeLessThan(2e-6);
    },
    120_000,
  );

  it('on marks that follow nothing: within 1e-5, and said so', async () => {
    const wild: OtcTerms = { ...USUAL, mark: (random) => Math.exp(random.between(-0.6, 0.6)) };
    const book = otcBook(new SeededRandom(3), market, 3000, wild);
    const found = await check('plain', book, market, { precision: 2e-5 });
    expect(found.pnl).toBeLessThan(1e-5);
  }, 120_000);

  it('larger than what is priced one by one: the error drawn from a sample holds', async () => {
    const book = otcBook(new SeededRandom(4), market, 20_000, { ...USUAL, mark: smile });
    const found = await check('plain', book, market);
    expect(found.pnl).toBeLessThan(2e-7);
    expect(JSON.stringify(found.basis)).toContain('drawn by exposure');
  }, 120_000);

  it.each([1, 3, 12])(
    'of %i positions: errors that do not average out get more nodes',
    async (count) => {
      for (const seed of [1, 2]) {
        const found = await check('plain', otcBook(new SeededRandom(seed), market, count), market);
        expect(found.pnl).toBeLessThan(1e-6);
        expect(found.basis['listed']!.positions).toBe(0);
      }
    },
    120_000,
  );

  it('refuses a precision that no size reaches', async () => {
    const wild: OtcTerms = { ...USUAL, mark: (random) => Math.exp(random.between(-0.6, 0.6)) };
    const book = otcBook(new SeededRandom(3), market, 500, wild);
    const request = { book, market, scenarios, basis: 'chebyshev', precision: 1e-10 } as const;
    await expect(rehearse('plain', request)).rejects.toThrow(PrecisionError);
  }, 120_000);
});

describe('adversarial books', () => {
  const smile = (_: SeededRandom, y: number): number => 1 - 0.1 * y + 0.05 * y * y;
  const book = (count: number, terms: Partial<OtcTerms>, seed = 6): Book =>
    otcBook(new SeededRandom(seed), market, count, {
      spread: 1,
      years: [4 / 365, 2.4],
      mark: smile,
      ...terms,
    });

  it('near expiry: what is inside is projected, what is not is listed with its reason', async () => {
    const found = await check('plain', book(600, { years: [0.2 / 365, 20 / 365] }), market);
    const { positions, reasons } = found.basis['listed']!;
    expect(reasons['expiry']).toBe(positions);
    expect(positions).toBeGreaterThan(100);
    expect(positions).toBeLessThan(500);
    expect(found.pnl).toBeLessThan(2e-7);
  }, 60_000);

  it('deep wings: five deviations out, against the notional', async () => {
    const found = await check('plain', book(600, { spread: 4 }), market, { precision: 1e-5 });
    expect(found.pnl).toBeLessThan(1e-5);
  }, 60_000);

  it('huge cancellation: a book and its opposite but for one option', async () => {
    const { positions } = book(500, {});
    const opposite = positions.slice(1).map((p) => ({ ...p, id: `${p.id}x`, quantity: -p.quantity }));
    const found = await check('plain', { positions: [...positions, ...opposite] }, market);
    const alone = { exposure: exposureOf(positions.slice(0, 1)) };
    expect(found.pnl * found.gross).toBeLessThan(1e-7 * alone.exposure);
  }, 60_000);

  it('one side only: all short puts on one underlying', async () => {
    const { positions } = book(300, {});
    const short = positions.map((p): Book['positions'][number] => ({
      ...p,
      quantity: -Math.abs(p.quantity),
      instrument: { ...p.instrument, type: 'put' } as typeof p.instrument,
    }));
    const [first] = short;
    const one = short.filter(({ instrument }) => instrument.underlying === first!.instrument.underlying);
    const found = await check('plain', { positions: one }, market);
    expect(found.pnl).toBeLessThan(1e-6);
  }, 60_000);

  it('a single option, encrypted', async () => {
    // Its premium is some thousandths of its notional.
    const found = await check('ckks', book(1, {}), market, { precision: 1e-5 });
    expect(found.pnl).toBeLessThan(1e-5);
  }, 60_000);

  it('nothing but forwards: exact', async () => {
    const positions = book(40, {}).positions.map((p) => ({
      ...p,
      instrument: {
        kind: 'forward' as const,
        underlying: p.instrument.underlying,
        strike: 1,
        expiryYears: 0.5,
      },
    }));
    const found = await check('plain', { positions }, market);
    expect(found.pnl).toBeLessThan(1e-12);
    expect(found.report.figures.worst.error.absolute).toBeLessThan(1e-9 * found.gross);
  }, 60_000);
});
