import { describe, expect, it } from 'vitest';
import { executePlain } from '../../../src/algebra/execute.ts';
import { RangeError } from '../../../src/base/errors.ts';
import { type ErrorBound, FIGURE_NAMES } from '../../../src/domain/report.ts';
import { listedBasis } from '../../../src/risk/bases/listed.ts';
import { denormalise, figuresOf } from '../../../src/risk/finish.ts';
import { riskCircuit } from '../../../src/risk/program.ts';
import { normaliseBook, valuationOf } from '../../../src/risk/valuation.ts';
import { forward, market, option, scenariosOf, spot } from '../../support/small-market.ts';

const basis = listedBasis([spot('B'), option('A', 'call', 100), forward('A', 95)], market);
const valuation = await valuationOf(
  basis,
  market,
  scenariosOf([0.01, 0, -0.02, 0.02], [-0.05, 0.1, 0.03, 0]),
);
const bound = (absolute: number, known: ErrorBound['known'] = 'proved'): ErrorBound => ({ absolute, known });
const noError = { pnl: bound(0), value: bound(0), greeks: bound(0) };

describe('denormalise', () => {
  const outputs = {
    pnl: Float64Array.of(0.5, -0.25),
    value: Float64Array.of(-0.125),
    greeks: new Float64Array(8),
  };
  const error = { pnl: bound(1e-9), value: bound(2e-9, 'measured'), greeks: bound(3e-9) };
  const row = valuation.greekRows.findIndex(
    ({ greek, underlying }) => greek === 'delta' && underlying === 'A',
  );
  outputs.greeks[row] = 0.5;
  const results = denormalise(valuation, outputs, error, 1000);

  it('multiplies results and their errors by L1 and the row scales', () => {
    expect([...results.pnl]).toEqual([500, -250]);
    expect(results.pnlError).toEqual({ absolute: 1e-9 * 1000, known: 'proved' });
    expect(results.value.value).toBe(-0.125 * valuation.valueScale * 1000);
    expect(results.value.error).toEqual({
      absolute: 2e-9 * (valuation.valueScale * 1000),
      known: 'measured',
    });
    expect(results.netGreeks.delta['A']).toBe(0.5 * valuation.greekScale[row]! * 1000);
    expect(results.netGreeksError.delta['A']).toBe(3e-9 * valuation.greekScale[row]! * 1000);
  });

  it('names every Greek of every underlying', () => {
    for (const greek of ['delta', 'gamma', 'vega', 'theta'] as const) {
      expect(Object.keys(results.netGreeks[greek])).toEqual(['B', 'A']);
      expect(Object.keys(results.netGreeksError[greek])).toEqual(['B', 'A']);
    }
    // Nothing on B has gamma: its row is zero, and exactly so.
    expect([results.netGreeks.gamma['B'], results.netGreeksError.gamma['B']]).toEqual([0, 0]);
  });

  it('leaves the outputs as they are', () => {
    expect([...outputs.pnl]).toEqual([0.5, -0.25]);
  });
});

describe('figuresOf', () => {
  const figures = (pnl: Float64Array, absolute = 0.5) =>
    figuresOf({
      ...denormalise(valuation, { pnl, value: Float64Array.of(1), greeks: new Float64Array(8) }, noError, 1),
      pnlError: bound(absolute),
      value: { value: 42, error: bound(0.125) },
    });

  it('of the P&L 100, 99 ... 1, -1 ... -100: by hand', () => {
    const pnl = Float64Array.from({ length: 200 }, (_, i) => (i < 100 ? 100 - i : 99 - i));
    const of = figures(pnl);
    expect(Object.keys(of).sort()).toEqual([...FIGURE_NAMES].sort());
    expect([of.var_95.value, of.var_975.value, of.var_99.value, of.worst.value]).toEqual([90, 95, 98, 100]);
    // The mean of the worst 10, 5 and 2.
    expect([of.es_95.value, of.es_975.value, of.es_99.value]).toEqual([95.5, 98, 99.5]);
  });

  it('inherit the error bound of the P&L; the value has its own', () => {
    const { value, ...tail } = figures(Float64Array.of(1, 2, 3));
    expect(value).toEqual({ value: 42, error: { absolute: 0.125, known: 'proved' } });
    for (const figure of Object.values(tail))
      expect(figure.error).toEqual({ absolute: 0.5, known: 'proved' });
  });

  it('move by no more than the P&L does', () => {
    const pnl = Float64Array.from({ length: 150 }, (_, i) => Math.sin(7 * i) * 1000);
    const moved = pnl.map((value, i) => value + 0.5 * Math.cos(5 * i));
    const [before, after] = [figures(pnl), figures(moved)];
    for (const name of FIGURE_NAMES) {
      expect(Math.abs(before[name].value - after[name].value), name).toBeLessThanOrEqual(0.5);
    }
  });

  it('never rank a scenario that has no P&L', () => {
    expect(() => figures(Float64Array.of(1, Number.NaN, 3))).toThrow(RangeError);
  });
});

describe('a book that holds nothing', () => {
  it('has zero figures and zero Greeks, without a NaN on the way', () => {
    const { z, l1 } = normaliseBook(new Float64Array(3), valuation.columnScale);
    const outputs = executePlain(riskCircuit(valuation), { book: z });
    const results = denormalise(valuation, outputs, noError, l1);
    for (const figure of Object.values(figuresOf(results))) expect(figure.value).toBe(0);
    for (const net of Object.values(results.netGreeks)) expect(Object.values(net)).toEqual([0, 0]);
  });
});
