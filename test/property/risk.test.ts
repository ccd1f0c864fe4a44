import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { executePlain } from '../../src/algebra/execute.ts';
import type { Instrument } from '../../src/domain/instrument.ts';
import { type ErrorBound, NET_GREEK_NAMES } from '../../src/domain/report.ts';
import { scenarioPnlSync } from '../../src/pricing/revalue.ts';
import { unitGreeks } from '../../src/pricing/unit-value.ts';
import { grossValue, listedBasis, projectOnListed } from '../../src/risk/bases/listed.ts';
import { denormalise, figuresOf } from '../../src/risk/finish.ts';
import { riskCircuit } from '../../src/risk/program.ts';
import { normaliseBook, valuationOf } from '../../src/risk/valuation.ts';
import { bookOf, market, scenariosOf } from '../support/small-market.ts';

const range = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const underlying = fc.constantFrom('A', 'B');
const instrument: fc.Arbitrary<Instrument> = fc.oneof(
  fc.record({
    kind: fc.constant('option' as const),
    underlying,
    type: fc.constantFrom('call' as const, 'put' as const),
    // Few strikes and expiries: positions then share contracts.
    strike: fc.constantFrom(40, 50, 60, 90, 100, 120),
    expiryYears: fc.constantFrom(0.02, 0.5, 2),
    vol: fc.constantFrom(0.1, 0.4),
  }),
  fc.record({
    kind: fc.constant('forward' as const),
    underlying,
    strike: range(30, 150),
    expiryYears: fc.constantFrom(0.25, 1),
  }),
  fc.record({ kind: fc.constant('spot' as const), underlying }),
);
const quantity = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((thousandths) => thousandths / 1000);
const holdings = fc.array(fc.tuple(quantity, instrument), { minLength: 1, maxLength: 12 });
const moves = fc.array(fc.tuple(range(-0.3, 0.3), range(-0.05, 0.1), range(-0.3, 0.3), range(-0.05, 0.1)), {
  minLength: 1,
  maxLength: 8,
});

const ERROR: ErrorBound = { absolute: 1e-13, known: 'measured' };
const errors = { pnl: ERROR, value: ERROR, greeks: ERROR };

describe('a random book through the risk circuit', () => {
  it('equals the sum of its positions, each revalued directly', async () => {
    await fc.assert(
      fc.asyncProperty(holdings, moves, async (held, moved) => {
        const book = bookOf(...held);
        const instruments = book.positions.map((position) => position.instrument);
        const scenarios = scenariosOf(...moved);
        const basis = listedBasis(instruments, market);
        const projected = projectOnListed(book, basis);
        const valuation = await valuationOf(basis, market, scenarios);
        const { z, l1 } = normaliseBook(projected.x, valuation.columnScale);
        const outputs = executePlain(riskCircuit(valuation), { book: z });
        for (const output of Object.values(outputs)) {
          for (const value of output) expect(Math.abs(value)).toBeLessThanOrEqual(1 + 1e-12);
        }
        const results = denormalise(valuation, outputs, errors, l1);

        const weights = book.positions.map(({ quantity, multiplier }) => quantity * multiplier);
        const unit = unitGreeks(instruments, market);
        const direct = (of: (i: number) => number): number =>
          weights.reduce((sum, w, i) => sum + w * of(i), 0);
        const gross = grossValue(book, projected, valuation.unitValue);
        const magnitude = weights.reduce((sum, w, i) => sum + Math.abs(w * unit.value[i]!), 0);
        expect(Math.abs(gross - magnitude)).toBeLessThanOrEqual(1e-12 * magnitude);

        // Books of forwards alone may be worth less than they move: L1 is then the measure of what is at stake.
        const tolerance = 1e-11 * Math.max(gross, l1 * 1e-2);
        const pnl = scenarioPnlSync(instruments, market, scenarios);
        for (let s = 0; s < pnl.rows; s++) {
          const expected = direct((i) => pnl.data[s * pnl.cols + i]!);
          expect(Math.abs(results.pnl[s]! - expected), `scenario ${s}`).toBeLessThanOrEqual(tolerance);
        }
        const value = direct((i) => unit.value[i]!);
        expect(Math.abs(results.value.value - value)).toBeLessThanOrEqual(tolerance);
        for (const greek of NET_GREEK_NAMES) {
          for (const { name } of market.underlyings) {
            const own = (i: number): number => (instruments[i]!.underlying === name ? unit[greek][i]! : 0);
            const size = weights.reduce((sum, w, i) => sum + Math.abs(w * own(i)), 0);
            const found = results.netGreeks[greek][name]!;
            expect(Math.abs(found - direct(own)), `${greek} of ${name}`).toBeLessThanOrEqual(1e-12 * size);
          }
        }
        const { worst, var_95 } = figuresOf(results);
        expect(worst.value).toBe(-Math.min(...results.pnl) + 0);
        expect(var_95.value).toBeLessThanOrEqual(worst.value);
      }),
      { numRuns: 200 },
    );
  });
});
