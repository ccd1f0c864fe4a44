import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planCircuit } from '../../src/mpc/circuit/plan-circuit.ts';
import { runInProcess } from '../../src/mpc/run.ts';
import { matrixOf, matVec } from '../../src/numeric/matrix.ts';
import { spanRisk } from '../../src/pricing/portfolio/span.ts';
import { marginCircuit, nettedExposureCircuit, spanArray } from '../../src/risk/programs/secret-margin.ts';
import { forward, market, option } from '../support/small-market.ts';

const CONTRACTS = [
  option('A', 'call', 100),
  option('A', 'put', 90),
  option('B', 'call', 55, 0.5),
  forward('B', 50),
];
const PARAMETERS = { priceScanRange: [0.12, 0.15], volScanRange: [0.25, 0.3] };

const units = fc
  .array(fc.integer({ min: -20, max: 20 }), { minLength: 4, maxLength: 4 })
  .filter((values) => values.some((value) => value !== 0));

describe('margin of a secret book', () => {
  it('is the scan risk of the plaintext, with floors', async () => {
    const { array, scale } = spanArray(CONTRACTS, market, PARAMETERS);
    const floor = Float64Array.of(0, 0.01);
    const circuit = marginCircuit(array, floor);
    const plan = await planCircuit(circuit, { parties: 3, threshold: 1 });
    await fc.assert(
      fc.asyncProperty(units, async (values) => {
        const l1 = values.reduce((sum, value) => sum + Math.abs(value), 0);
        const book = Float64Array.from(values, (value) => value / l1);
        const { outputs } = await runInProcess(plan, { book });
        const holdings = { instruments: CONTRACTS, units: Float64Array.from(values) };
        const { scanRisk } = spanRisk(holdings, market, PARAMETERS);
        const expected = market.underlyings.map(({ name }, u) =>
          Math.max(scanRisk[name]!, floor[u]! * l1 * scale),
        );
        const slack = 1e-12;
        expected.forEach((margin, u) => {
          const off = Math.abs(outputs.margin[u]! - margin / (l1 * scale));
          expect(off).toBeLessThanOrEqual(plan.error.margin.absolute + slack);
        });
        const total = expected.reduce((sum, margin) => sum + margin, 0);
        expect(Math.abs(outputs.total[0]! - total / (l1 * scale))).toBeLessThanOrEqual(
          plan.error.total.absolute + slack,
        );
        expect(plan.error.total.absolute).toBeLessThan(1e-8);
      }),
      { numRuns: 3 },
    );
  }, 60_000);

  it('nets within sets and not between them', async () => {
    const value = matrixOf(3, 4, Float64Array.of(1, -0.5, 0, 0, 0, 0, 0.25, 0, 0, 0, 0, -1));
    const plan = await planCircuit(nettedExposureCircuit(value), { parties: 3, threshold: 1 });
    await fc.assert(
      fc.asyncProperty(units, async (values) => {
        const l1 = values.reduce((sum, v) => sum + Math.abs(v), 0);
        const book = Float64Array.from(values, (v) => v / l1);
        const { outputs } = await runInProcess(plan, { book });
        const expected = matVec(value, book).reduce((sum, v) => sum + Math.max(v, 0), 0);
        expect(Math.abs(outputs.exposure[0]! - expected)).toBeLessThanOrEqual(
          plan.error.exposure.absolute + 1e-14,
        );
      }),
      { numRuns: 3 },
    );
  }, 60_000);
});
