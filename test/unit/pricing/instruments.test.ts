import { describe, expect, it } from 'vitest';
import type { Instrument } from '../../../src/domain/instrument.ts';
import type { Market } from '../../../src/domain/market.ts';
import { matrixOf, rowOf } from '../../../src/numeric/matrix.ts';
import { inverseOptionGreeks } from '../../../src/pricing/crypto/inverse-option.ts';
import { barrierPrices } from '../../../src/pricing/exotic/barrier.ts';
import { digitalGreeks } from '../../../src/pricing/exotic/digital.ts';
import { portfolioPnlSync } from '../../../src/pricing/portfolio/pnl.ts';
import { scenarioPnlSync } from '../../../src/pricing/revalue.ts';
import { unitGreeks, unitSecondOrderGreeks, unitValues } from '../../../src/pricing/unit-value.ts';

const on = { underlying: 'A', vol: 0.6 } as const;
const dated = { ...on, expiryYears: 0.5 } as const;
const CONTRACTS: readonly Instrument[] = [
  { kind: 'option', ...dated, type: 'call', strike: 110 },
  { kind: 'option', ...dated, type: 'put', strike: 110, settlement: 'inverse' },
  { kind: 'forward', underlying: 'A', strike: 95, expiryYears: 0.25 },
  { kind: 'spot', underlying: 'A' },
  { kind: 'future', underlying: 'A', strike: 90, expiryYears: 0.25 },
  { kind: 'future', underlying: 'A', strike: 90, expiryYears: 0.25, settlement: 'inverse' },
  { kind: 'perpetual', underlying: 'A', strike: 98 },
  { kind: 'perpetual', underlying: 'A', strike: 98, settlement: 'inverse' },
  { kind: 'digital', ...dated, type: 'call', strike: 105, cash: 10 },
  { kind: 'digital', ...dated, type: 'put', strike: 105 },
  { kind: 'one_touch', ...dated, direction: 'up', barrier: 130, cash: 5 },
  { kind: 'barrier', ...dated, type: 'call', strike: 100, barrierType: 'down_out', barrier: 80, rebate: 1 },
  { kind: 'double_barrier', ...dated, type: 'call', strike: 100, knock: 'knock_out', lower: 60, upper: 160 },
  { kind: 'asian', ...on, type: 'call', strike: 100, fixingDays: [30, 60, 90, 120] },
  { kind: 'lookback', ...dated, type: 'call', currentExtreme: 95 },
  { kind: 'lookback', ...dated, type: 'put', strike: 100, currentExtreme: 90 },
  { kind: 'option', ...dated, type: 'put', strike: 110, exercise: 'american' },
];

const marketAt = (spot: number, rate = 0.04): Market => ({
  valuation: 'now',
  underlyings: [{ name: 'A', spot, rate, dividendYield: 0.01, referenceVol: 0.6 }],
  factors: [],
  dailyCovariance: matrixOf(0, 0),
});
const market = marketAt(100);
const withVol = (instrument: Instrument, vol: number): Instrument =>
  'vol' in instrument ? ({ ...instrument, vol } as Instrument) : instrument;

describe('every kind of contract', () => {
  it('is revalued in a scenario as it is valued in the moved market', () => {
    const moves = [
      [0.1, 0.05],
      [-0.25, 0.2],
      [0.35, -0.1],
      [0, 0],
    ] as const;
    const pnl = scenarioPnlSync(CONTRACTS, market, {
      labels: moves.map((_, i) => String(i)),
      factors: [
        { name: 'A:spot_return', underlying: 'A', kind: 'spot_return' },
        { name: 'A:vol_shift', underlying: 'A', kind: 'vol_shift' },
      ],
      moves: matrixOf(moves.length, 2, Float64Array.from(moves.flat())),
    });
    const base = unitValues(CONTRACTS, market);
    moves.forEach(([move, shift], s) => {
      const moved = unitValues(
        CONTRACTS.map((contract) => withVol(contract, 0.6 + shift)),
        marketAt(100 * (1 + move)),
      );
      CONTRACTS.forEach((contract, i) => {
        const found = pnl.data[s * CONTRACTS.length + i]!;
        expect(Math.abs(found - (moved[i]! - base[i]!)), contract.kind).toBeLessThan(1e-11);
      });
    });
  });

  it('counts in the P&L of a portfolio, with its units', () => {
    const units = Float64Array.from(CONTRACTS, (_, i) => 3 - 0.4 * i);
    const moves = {
      spotReturns: matrixOf(2, 1, Float64Array.of(-0.1, 0.2)),
      volShifts: matrixOf(2, 1, Float64Array.of(0.1, -0.05)),
    };
    const each = scenarioPnlSync(CONTRACTS, market, moves);
    const together = portfolioPnlSync({ instruments: CONTRACTS, units }, market, moves);
    for (let s = 0; s < 2; s++) {
      const expected = rowOf(each, s).reduce((sum, pnl, i) => sum + units[i]! * pnl, 0);
      expect(together.data[s]).toBeCloseTo(expected, 10);
    }
  });

  it('has Greeks that are the derivatives of its value', () => {
    const greeks = unitSecondOrderGreeks(CONTRACTS, market);
    const value = (spot: number, vol = 0.6, rate = 0.04) =>
      unitValues(
        CONTRACTS.map((contract) => withVol(contract, vol)),
        marketAt(spot, rate),
      );
    const h = 0.02;
    const [up, down, base] = [value(100 + h), value(100 - h), value(100)];
    const [moreVol, lessVol] = [value(100, 0.6001), value(100, 0.5999)];
    const [higher, lower] = [value(100, 0.6, 0.0401), value(100, 0.6, 0.0399)];
    CONTRACTS.forEach(({ kind }, i) => {
      expect(Math.abs(greeks.value[i]! - base[i]!), kind).toBeLessThan(1e-12);
      expect(Math.abs(greeks.delta[i]! - (up[i]! - down[i]!) / (2 * h)), kind).toBeLessThan(1e-6);
      expect(Math.abs(greeks.gamma[i]! - (up[i]! - 2 * base[i]! + down[i]!) / h ** 2), kind).toBeLessThan(
        1e-5,
      );
      expect(Math.abs(greeks.vega[i]! - (moreVol[i]! - lessVol[i]!) / 2e-4), kind).toBeLessThan(1e-4);
      expect(Math.abs(greeks.rho[i]! - (higher[i]! - lower[i]!) / 2e-4), kind).toBeLessThan(1e-4);
    });
  });

  it('has the closed-form Greeks where there are some', () => {
    const greeks = unitGreeks(CONTRACTS, market);
    const of = (x: number) => Float64Array.of(x);
    const terms = (sign: number, strike: number) => ({
      sign: of(sign),
      spot: of(100),
      strike: of(strike),
      expiryYears: of(0.5),
      rate: of(0.04),
      dividendYield: of(0.01),
      vol: of(0.6),
    });
    const digital = digitalGreeks({ kind: ['cash'], cash: of(10), option: terms(1, 105) });
    for (const name of ['delta', 'gamma', 'vega'] as const) {
      expect(Math.abs(greeks[name][8]! - digital[name][0]!), name).toBeLessThan(1e-8);
    }
    const knockOut = { direction: ['down'], knock: ['out'], barrier: of(80), rebate: of(1) } as const;
    const barrier = barrierPrices({ ...knockOut, option: terms(1, 100) });
    expect(greeks.value[11]).toBe(barrier.price[0]);
    expect(Math.abs(greeks.delta[11]! - barrier.delta[0]!)).toBeLessThan(1e-8);
  });

  it('values coin-settled contracts at the spot', () => {
    const values = unitValues(CONTRACTS, market);
    const forward = 100 * Math.exp(0.03 * 0.5);
    const { priceCoin } = inverseOptionGreeks({
      sign: Float64Array.of(-1),
      forward: Float64Array.of(forward),
      strike: Float64Array.of(110),
      expiryYears: Float64Array.of(0.5),
      vol: Float64Array.of(0.6),
    });
    expect(values[1]).toBeCloseTo(100 * priceCoin[0]!, 12);
    const future = 100 * Math.exp(0.03 * 0.25);
    expect(values[4]).toBeCloseTo(future - 90, 12);
    expect(values[5]).toBeCloseTo(100 * (1 / 90 - 1 / future), 12);
    expect(values[6]).toBeCloseTo(2, 12);
    expect(values[7]).toBeCloseTo(100 * (1 / 98 - 1 / 100), 12);
  });

  it('knows what has happened at a barrier', () => {
    const values = unitValues(CONTRACTS, marketAt(140));
    expect(values[10]).toBe(5);
    expect(unitValues(CONTRACTS, marketAt(70))[11]).toBe(1);
    expect(unitValues(CONTRACTS, marketAt(170))[12]).toBe(0);
  });
});
