import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ENGINE_NAMES, NET_GREEK_NAMES, type Report } from '../../src/domain/report.ts';
import { rehearse } from '../../src/engine/rehearse.ts';
import { loadReferenceInputs, referencePath } from '../support/reference-inputs.ts';

type Expected = {
  value: { total: number; gross_absolute: number };
  net_greeks: Record<string, Record<string, number>>;
  historical: { full_revaluation: Record<string, { var_type1: number; es_acerbi_tasche: number }> };
};

const expected = JSON.parse(readFileSync(referencePath('expected.json'), 'utf8')) as Expected;
const inputs = loadReferenceInputs();
const { gross, expectedPnl } = inputs;
const historical = expected.historical.full_revaluation;
const truth = {
  value: expected.value.total,
  var_95: historical['0.95']!.var_type1,
  var_975: historical['0.975']!.var_type1,
  var_99: historical['0.99']!.var_type1,
  es_95: historical['0.95']!.es_acerbi_tasche,
  es_975: historical['0.975']!.es_acerbi_tasche,
  es_99: historical['0.99']!.es_acerbi_tasche,
  worst: -expectedPnl.reduce((least, value) => Math.min(least, value)),
};

/** Engine, wanted precision, and what its P&L vector must meet as a fraction of gross. */
const CASES = [
  ['plain', 1e-6, 1e-11],
  ['ckks', 1e-6, 1e-6],
  ['ckks', 1e-8, 1e-8],
  ['mpc', 1e-8, 1e-8],
] as const;

describe.each(CASES)('%s at precision %d on the reference portfolio', (engine, precision, limit) => {
  let report: Report;
  beforeAll(async () => {
    report = await rehearse(engine, { ...inputs, precision });
  });

  it('has the P&L vector of the expectation', () => {
    expect(report.pnl).toHaveLength(500);
    const worst = report.pnl!.reduce(
      (most, value, s) => Math.max(most, Math.abs(value - expectedPnl[s]!)),
      0,
    );
    expect(worst).toBeLessThanOrEqual(limit * gross);
    // and the bound that was promised beforehand
    expect(worst).toBeLessThanOrEqual(report.figures.worst.error.absolute);
    expect(report.figures.worst.error.absolute).toBeLessThanOrEqual(precision * gross);
  });

  it.each(Object.entries(truth))('has the expected %s within its own bound', (name, value) => {
    const figure = report.figures[name as keyof typeof truth];
    const off = Math.abs(figure.value - value);
    expect(off).toBeLessThanOrEqual(figure.error.absolute + 1e-13 * gross);
    if (engine === 'plain') expect(off).toBeLessThanOrEqual(1e-11 * gross);
  });

  it.each(NET_GREEK_NAMES)('has the expected net %s within its own bound', (greek) => {
    for (const [underlying, value] of Object.entries(expected.net_greeks[greek]!)) {
      const off = Math.abs(report.netGreeks[greek][underlying]! - value);
      expect(off, underlying).toBeLessThanOrEqual(
        report.netGreeksError[greek][underlying]! + 1e-12 * Math.abs(value),
      );
    }
  });

  it('says what was opened', () => {
    expect(ENGINE_NAMES).toContain(report.engine);
    expect(report.opened).toEqual(['pnl', 'value', 'netGreeks']);
    expect(report).toMatchObject({
      engine,
      basis: 'listed',
      positions: 2000,
      scenarios: 500,
      currency: 'USD',
    });
  });
});
