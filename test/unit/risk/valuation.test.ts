import { describe, expect, it } from 'vitest';
import { checkInput } from '../../../src/algebra/plain.ts';
import { AbortError, RangeError, ShapeError } from '../../../src/base/errors.ts';
import type { Instrument } from '../../../src/domain/instrument.ts';
import { NET_GREEK_NAMES } from '../../../src/domain/report.ts';
import { scenarioPnlSync } from '../../../src/pricing/revalue.ts';
import { unitGreeks } from '../../../src/pricing/unit-value.ts';
import { listedBasis } from '../../../src/risk/bases/listed.ts';
import { riskCircuit } from '../../../src/risk/program.ts';
import { normaliseBook, type Valuation, valuationOf } from '../../../src/risk/valuation.ts';
import { forward, market, option, scenariosOf, spot } from '../../support/small-market.ts';

const contracts = [
  option('A', 'call', 110),
  option('B', 'put', 45),
  spot('A'),
  forward('B', 52),
  option('A', 'put', 90),
];
const scenarios = scenariosOf([0.01, 0.01, -0.02, 0.02], [-0.05, 0.1, 0.03, -0.01], [0, 0, 0, 0]);
const basis = listedBasis(contracts, market);
const valuation = await valuationOf(basis, market, scenarios);
const close = (found: number, expected: number, scale = Math.abs(expected)): void =>
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-14 * scale);

/** What one unit of contract j gets back from a matrix, unscaled. */
const unscaled = (matrix: Valuation['pnl'], row: number, j: number, of = valuation): number =>
  matrix.data[row * matrix.cols + j]! * of.columnScale[j]!;

describe('valuationOf', () => {
  it('scales every entry into [-1, 1], and every row but P&L to reach 1', () => {
    for (const matrix of [valuation.pnl, valuation.value, valuation.greeks]) {
      expect(matrix.data.every((entry) => Math.abs(entry) <= 1)).toBe(true);
    }
    const largest = (row: Float64Array): number =>
      row.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
    expect(largest(valuation.value.data)).toBe(1);
    valuation.greekScale.forEach((scale, r) => {
      const row = valuation.greeks.data.subarray(r * contracts.length, (r + 1) * contracts.length);
      expect(largest(row)).toBe(scale > 0 ? 1 : 0);
    });
  });

  it('recovers every P&L, value and Greek of every contract', () => {
    const pnl = scenarioPnlSync(basis.contracts, market, scenarios);
    const unit = unitGreeks(basis.contracts, market);
    expect(valuation.unitValue).toEqual(unit.value);
    basis.contracts.forEach(({ underlying }, j) => {
      for (let s = 0; s < 3; s++) close(unscaled(valuation.pnl, s, j), pnl.data[s * pnl.cols + j]!);
      close(unscaled(valuation.value, 0, j) * valuation.valueScale, unit.value[j]!);
      valuation.greekRows.forEach(({ greek, underlying: of }, r) => {
        const expected = of === underlying ? unit[greek][j]! : 0;
        close(unscaled(valuation.greeks, r, j) * valuation.greekScale[r]!, expected);
      });
    });
  });

  it("has a row for each Greek of each underlying, in the market's order", () => {
    const rows = ['B', 'A'].flatMap((underlying) => NET_GREEK_NAMES.map((greek) => ({ greek, underlying })));
    expect(valuation.greekRows).toEqual(rows);
  });

  it('a column is scaled by its largest move, and by no less than an eighth of its value', () => {
    const [putB, forwardB, callA, spotA] = [0, 1, 2, 3];
    const pnl = scenarioPnlSync(basis.contracts, market, scenarios);
    const move = (j: number): number =>
      [0, 1, 2].reduce((most, s) => Math.max(most, Math.abs(pnl.data[s * pnl.cols + j]!)), 0);
    expect(valuation.columnScale[forwardB!]).toBe(move(forwardB!));
    expect(valuation.columnScale[putB!]).toBe(move(putB!));
    expect(valuation.columnScale[callA!]).toBe(move(callA!));
    // Spot A moves by 3 at most, an eighth of its value is more.
    expect(valuation.columnScale[spotA!]).toBe(12.5);
  });

  it('keeps the delta of a forward that has no value and no P&L', async () => {
    // Struck at its forward price (no rates), in scenarios that move vols only.
    const vols = scenariosOf([0, 0.05, 0, 0.05], [0, -0.05, 0, 0.1]);
    const fair = listedBasis([forward('A', 100), option('A', 'call', 100)], market);
    const of = await valuationOf(fair, market, vols);
    expect(of.unitValue[0]).toBe(0);
    const row = of.greekRows.findIndex(({ greek, underlying }) => greek === 'delta' && underlying === 'A');
    close(unscaled(of.greeks, row, 0, of) * of.greekScale[row]!, 1);
  });

  it('survives contracts that are worth next to nothing, down to the smallest double', async () => {
    const strikes = Array.from({ length: 120 }, (_, i) => 100 * Math.exp(0.2 * (30 + i / 6)));
    const far = listedBasis(
      strikes.map((strike) => option('A', 'call', strike)),
      market,
    );
    const of = await valuationOf(far, market, scenarios);
    // 1 / scale would be infinite.
    expect(of.columnScale.some((scale) => scale > 0 && scale < 5e-309)).toBe(true);
    for (const matrix of [of.pnl, of.value, of.greeks]) {
      expect(matrix.data.every((entry) => Math.abs(entry) <= 1)).toBe(true);
    }
    expect(() => riskCircuit(of)).not.toThrow();
  });

  it('its digest covers contracts, market and scenarios', async () => {
    const digest = async (of: Instrument[], on = market, under = scenarios): Promise<string> =>
      (await valuationOf(listedBasis(of, on), on, under)).digest;
    const [first, ...rest] = market.underlyings;
    const moved = { ...market, underlyings: [{ ...first!, spot: 50.00000000000001 }, ...rest] };
    const digests = await Promise.all([
      digest(contracts),
      digest(contracts.slice(1)),
      digest(contracts, moved),
      digest(contracts, market, scenariosOf([0.01, 0.01, -0.02, 0.02])),
      digest(contracts, market, { ...scenarios, labels: ['s0', 's1', 'x'] }),
    ]);
    expect(new Set(digests).size).toBe(5);
    expect(digests[0]).toBe(valuation.digest);
    expect(valuation.basis).toBe(basis.digest);
  });

  it('stops when asked', async () => {
    const signal = AbortSignal.abort();
    await expect(valuationOf(basis, market, scenarios, { signal })).rejects.toThrow(AbortError);
  });
});

describe('normaliseBook', () => {
  const spec = { length: 2, bound: 1, l1: 1 };

  it('divides exposures by their sum of magnitudes', () => {
    const { z, l1 } = normaliseBook(Float64Array.of(10, -3), Float64Array.of(2, 10));
    expect(l1).toBe(50);
    expect([...z]).toEqual([0.4, -0.6]);
  });

  it('a book without exposure is zero, not NaN', () => {
    for (const [x, scale] of [
      [Float64Array.of(0, 0), Float64Array.of(2, 10)],
      [Float64Array.of(5, -5), Float64Array.of(0, 0)],
    ] as const) {
      const { z, l1 } = normaliseBook(x, scale);
      expect([Math.abs(z[0]!), Math.abs(z[1]!), l1]).toEqual([0, 0, 0]);
      expect(() => checkInput('book', z, spec)).not.toThrow();
    }
  });

  it.each([
    ['NaN', [Number.NaN, 1], [1, 1]],
    ['an infinity', [Infinity, 1], [1, 1]],
    ['an infinity in a contract without scale', [Infinity, 1], [0, 1]],
    ['a sum that is infinite while no exposure is', [1e308, 1e308], [1, 1]],
    ['an exposure that overflows', [1e308, 1], [1e10, 1]],
  ])('%s is refused here or by checkInput: no such book is ever protected', (_, x, scale) => {
    expect(() => {
      const { z } = normaliseBook(Float64Array.from(x), Float64Array.from(scale));
      checkInput('book', z, spec);
    }).toThrow(RangeError);
  });

  it('refuses a book in another basis', () => {
    expect(() => normaliseBook(new Float64Array(2), new Float64Array(3))).toThrow(ShapeError);
    expect(() => normaliseBook(new Float64Array(3), new Float64Array(2))).toThrow(ShapeError);
  });

  it.each([10, 1000, 100_000, 500_000])(
    'a book of %d equal exposures passes its own check: rounding adds up',
    (n) => {
      for (const exposure of [0.1, 1 / 3, 0.7, 1.1]) {
        const { z } = normaliseBook(new Float64Array(n).fill(exposure), new Float64Array(n).fill(1));
        expect(() => checkInput('book', z, { length: n, bound: 1, l1: 1 }), `${exposure}`).not.toThrow();
      }
    },
  );

  it('and one that exceeds it by more than rounding does not', () => {
    const z = new Float64Array(100_000).fill(1.00000001e-5);
    expect(() => checkInput('book', z, { length: z.length, bound: 1, l1: 1 })).toThrow(RangeError);
  });
});
