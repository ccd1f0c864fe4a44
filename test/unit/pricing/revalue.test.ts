import { describe, expect, it } from 'vitest';
import { AbortError, RangeError, ShapeError } from '../../../src/base/errors.ts';
import type { Instrument } from '../../../src/domain/instrument.ts';
import type { Factor, Market } from '../../../src/domain/market.ts';
import { type ScenarioSet, VOL_FLOOR } from '../../../src/domain/scenarios.ts';
import { matrixOf, rowOf } from '../../../src/numeric/matrix.ts';
import { scenarioPnl, scenarioPnlSync } from '../../../src/pricing/revalue.ts';
import { unitGreeks, unitValues } from '../../../src/pricing/unit-value.ts';

const factors: Factor[] = [
  { name: 'A:vol_shift', underlying: 'A', kind: 'vol_shift' },
  { name: 'A:spot_return', underlying: 'A', kind: 'spot_return' },
  { name: 'GONE:spot_return', underlying: 'GONE', kind: 'spot_return' },
];
const market: Market = {
  valuation: 't = 0',
  underlyings: [
    { name: 'B', spot: 50, rate: 0.01, dividendYield: 0, referenceVol: 0.3 },
    {
      name: 'A',
      spot: 100,
      rate: 0.03,
      dividendYield: 0.01,
      referenceVol: 0.2,
      surface: { model: 'grid', t: [1], k: [-1, 1], vol: [[0.3, 0.1]] },
    },
  ],
  factors,
  dailyCovariance: matrixOf(3, 3),
};
const instruments: Instrument[] = [
  { kind: 'option', underlying: 'A', type: 'call', strike: 110, expiryYears: 1 },
  { kind: 'forward', underlying: 'A', strike: 90, expiryYears: 2 },
  { kind: 'option', underlying: 'B', type: 'put', strike: 55, expiryYears: 0.5, vol: 0.4 },
  { kind: 'spot', underlying: 'A' },
  { kind: 'option', underlying: 'A', type: 'put', strike: 105, expiryYears: 0, vol: 0.4 },
];

function scenarios(...moves: number[][]): ScenarioSet {
  return {
    labels: moves.map((_, s) => `s${s}`),
    factors,
    moves: matrixOf(moves.length, 3, Float64Array.from(moves.flat())),
  };
}

describe('unit values', () => {
  it('take the surface where an option has no vol', () => {
    const k = Math.log(110 / 100) - 0.02;
    const marked: Instrument = { ...instruments[0]!, vol: 0.2 - 0.1 * k } as Instrument;
    expect(unitValues([instruments[0]!], market)[0]).toBeCloseTo(unitValues([marked], market)[0]!, 13);
  });

  it('know forwards and spot', () => {
    const greeks = unitGreeks(instruments, market);
    const dq = Math.exp(-0.02);
    const dr = Math.exp(-0.06);
    expect(greeks.value[1]).toBe(100 * dq - 90 * dr);
    expect(greeks.delta[1]).toBe(dq);
    expect(greeks.theta[1]).toBeCloseTo(0.01 * 100 * dq - 0.03 * 90 * dr, 14);
    expect(greeks.rho[1]).toBeCloseTo(2 * 90 * dr, 12);
    expect([greeks.value[3], greeks.delta[3], greeks.gamma[3], greeks.theta[3]]).toEqual([100, 1, 0, 0]);
    expect(greeks.value[4]).toBe(5);
  });

  it('refuse an unknown underlying and a missing vol', () => {
    expect(() => unitValues([{ kind: 'spot', underlying: 'C' }], market)).toThrow(ShapeError);
    const unmarked: Instrument = { kind: 'option', underlying: 'B', type: 'put', strike: 1, expiryYears: 1 };
    expect(() => unitValues([unmarked], market)).toThrow(RangeError);
  });
});

describe('scenario P&L', () => {
  it('is exactly zero without moves', () => {
    expect([...scenarioPnlSync(instruments, market, scenarios([0, 0, 0])).data]).toEqual([0, 0, 0, 0, 0]);
  });

  it('equals the difference of unit values, with the vol of today (sticky strike)', () => {
    const matrix = scenarioPnlSync(instruments, market, scenarios([0.05, -0.2, 0.9], [-1, 0.1, 0]));
    const vol = 0.2 - 0.1 * (Math.log(1.1) - 0.02);
    const base = unitValues(instruments, market);
    [
      [80, vol + 0.05],
      [110, VOL_FLOOR],
    ].forEach(([spot, moved], s) => {
      const under: Market = {
        ...market,
        underlyings: [market.underlyings[0]!, { ...market.underlyings[1]!, spot: spot! }],
      };
      const after = unitValues(
        [{ ...instruments[0]!, vol: moved! } as Instrument, ...instruments.slice(1)],
        under,
      );
      rowOf(matrix, s).forEach((pnl, i) => {
        expect(pnl, `scenario ${s}, instrument ${i}`).toBeCloseTo(after[i]! - base[i]!, 12);
      });
    });
  });

  it('refuses impossible moves and ambiguous factors', () => {
    expect(() => scenarioPnlSync(instruments, market, scenarios([0, -1, 0]))).toThrow(RangeError);
    expect(() => scenarioPnlSync(instruments, market, scenarios([Number.NaN, 0, 0]))).toThrow(RangeError);
    const twice = { ...scenarios([0, 0, 0]), factors: [factors[0]!, factors[0]!, factors[1]!] };
    expect(() => scenarioPnlSync(instruments, market, twice)).toThrow(ShapeError);
    expect(() => scenarioPnlSync(instruments, market, { ...twice, factors: [factors[0]!] })).toThrow(
      ShapeError,
    );
  });

  it('reports progress and stops when asked', async () => {
    const seen: number[] = [];
    const many = scenarios(...Array.from({ length: 90_000 }, () => [0, 0.01, 0]));
    const abort = new AbortController();
    const run = scenarioPnl(instruments, market, many, {
      signal: abort.signal,
      onProgress: ({ done, total }) => {
        seen.push(done);
        expect(total).toBe(90_000);
        abort.abort();
      },
    });
    await expect(run).rejects.toThrow(AbortError);
    expect(seen).toEqual([80_000]);
  });
});
