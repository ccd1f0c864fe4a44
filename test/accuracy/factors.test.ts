import { describe, expect, it } from 'vitest';
import { ENGINE_NAMES, FIGURE_NAMES, type FigureName } from '../../src/domain/report.ts';
import { rehearse } from '../../src/engine/rehearse.ts';
import { loadReferenceInputs } from '../support/reference-inputs.ts';
import { readVectors } from '../support/vectors.ts';

describe.each(ENGINE_NAMES)('the reference portfolio through the factors basis, %s', (engine) => {
  it('has the P&L of the second-order expansion, and states how far full revaluation is from it', async () => {
    const { book, market, scenarios, gross, expectedPnl } = loadReferenceInputs();
    const request = { book, market, scenarios, basis: 'factors' } as const;
    const report = await rehearse(engine, request);
    const full = await rehearse('plain', { book, market, scenarios });
    const expected = readVectors('portfolio/expected_scenario_pnl.csv');
    const secondOrder = expected.numbers('full_second_order');
    const away = (of: ArrayLike<number>): number =>
      report.pnl!.reduce((most, pnl, s) => Math.max(most, Math.abs(pnl - of[s]!)), 0);
    expect(away(secondOrder)).toBeLessThan(1e-6 * gross);
    // The error that every figure carries is the distance from full revaluation, and is called measured.
    const distance = away(expectedPnl);
    expect(distance).toBeGreaterThan(1e-3 * gross);
    for (const name of FIGURE_NAMES) {
      const { value, error } = report.figures[name];
      expect(Math.abs(value - full.figures[name].value), name).toBeLessThanOrEqual(
        error.absolute + 1e-12 * gross,
      );
      expect(error.known).toBe('measured');
      if (name !== 'value') expect(error.absolute).toBeGreaterThanOrEqual(distance - 1e-6 * gross);
    }
    const { figureDifference, model } = report.parameters['basis'] as {
      figureDifference: Record<FigureName, number>;
      model: string;
    };
    expect(model).toContain('approximation');
    for (const name of FIGURE_NAMES) {
      const stated = report.figures[name].value + figureDifference[name];
      expect(Math.abs(stated - full.figures[name].value), name).toBeLessThan(1e-6 * gross);
    }
  }, 60_000);
});
