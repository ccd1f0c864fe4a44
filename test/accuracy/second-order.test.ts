import { describe, expect, it } from 'vitest';
import { executePlain } from '../../src/algebra/execute.ts';
import { planCkks } from '../../src/ckks/plan.ts';
import { planCircuit, runInProcess } from '../../src/mpc/index.ts';
import { matrixOf, matVec } from '../../src/numeric/matrix.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { cornishFisherVar, deltaGammaMoments } from '../../src/pricing/portfolio/delta-gamma.ts';
import { holdingsOf } from '../../src/pricing/portfolio/holdings.ts';
import { portfolioGreeks } from '../../src/pricing/portfolio/net-greeks.ts';
import { CUMULANTS, momentsCircuit, quadraticBook, readMoments } from '../../src/risk/programs/moments.ts';
import {
  type ChargeStructure,
  chargeCircuit,
  chargeRows,
  readCharge,
} from '../../src/risk/programs/secret-charge.ts';
import { readCharges } from '../../src/risk/programs/sensitivities.ts';
import { normaliseBook } from '../../src/risk/valuation.ts';
import { loadReferenceInputs } from '../support/reference-inputs.ts';
import { SlotRunner } from '../support/slot-runner.ts';

describe('Cornish-Fisher moments of a secret book', () => {
  const { book, market } = loadReferenceInputs();
  const greeks = portfolioGreeks(holdingsOf(book), market);
  const truth = deltaGammaMoments(greeks, market);
  const { inputs, size } = quadraticBook(greeks, market);
  const circuit = momentsCircuit(market);
  const clear = executePlain(circuit, inputs);

  it('are those of the plaintext engine', () => {
    const found = readMoments(clear, size);
    expect(found.mean).toBeCloseTo(truth.mean, 6);
    expect(found.variance / truth.variance - 1).toBeCloseTo(0, 12);
    expect(found.skewness).toBeCloseTo(truth.skewness, 12);
    expect(found.excessKurtosis).toBeCloseTo(truth.excessKurtosis, 12);
  });

  it('on shares: all four, within the errors promised, and the VaR that follows', async () => {
    const plan = await planCircuit(circuit, { parties: 3, threshold: 1 });
    const { outputs } = await runInProcess(plan, inputs);
    for (const name of CUMULANTS) {
      const off = Math.abs(outputs[name][0]! - clear[name][0]!);
      expect(off, name).toBeLessThanOrEqual(plan.error[name].absolute);
    }
    const expected = cornishFisherVar(truth, 0.99).var;
    expect(Math.abs(cornishFisherVar(readMoments(outputs, size), 0.99).var / expected - 1)).toBeLessThan(
      1e-8,
    );
  }, 60_000);

  it('encrypted: mean and variance, within the errors promised', async () => {
    const two = momentsCircuit(market, ['mean', 'variance']);
    const plan = planCkks(two, { precision: 1e-6, packing: 'slots' });
    using runner = await SlotRunner.create(plan.parameters);
    const results = await runner.run(plan.program, inputs);
    for (const name of ['mean', 'variance'] as const) {
      const off = Math.abs(results[name]![0]![0]! - clear[name][0]!);
      expect(off, name).toBeLessThanOrEqual(plan.error[name].absolute);
    }
  }, 60_000);
});

describe('nested charges of a secret book, in full on shares', () => {
  const random = new SeededRandom(4);
  const [count, cols] = [12, 30];
  const weighted = matrixOf(count, cols);
  for (let j = 0; j < cols; j++) weighted.data[(j % count) * cols + j] = random.between(-5, 5);
  const rows = chargeRows(weighted);
  const buckets = [
    [0, 1, 2],
    [3, 4, 5],
    [6, 7, 8],
    [9, 10, 11],
  ];
  const structures: [ChargeStructure['correlations'], 'semiHonest' | 'malicious'][] = [
    [{ within: 0.5, across: 0.2 }, 'malicious'],
    [{ within: -0.2, across: 0.9 }, 'semiHonest'],
    [{ within: 0, across: -1 }, 'semiHonest'],
  ];

  it.each(structures)(
    'correlations %j, %s: the plaintext charge, within the error promised',
    async (correlations, security) => {
      // All one way, so that sums across buckets are large, and negative under the root where they are correlated to -1.
      const x = Float64Array.from({ length: cols }, (_, j) => {
        const size = 0.5 + Math.abs(random.normal());
        return correlations.across < 0
          ? Math.sign(weighted.data[(j % count) * cols + j]!) * size
          : random.normal();
      });
      const truth = readCharges(matVec(weighted, x), buckets, correlations);
      expect(truth.results.medium.alternativeSumUsed).toBe(correlations.across < 0);
      const { z, l1 } = normaliseBook(x, rows.columnScale);
      const circuit = chargeCircuit(rows, { buckets, correlations });
      const clear = executePlain(circuit, { book: z });
      expect(readCharge(clear, l1)).toBeCloseTo(truth.charge, 6);
      const plan = await planCircuit(circuit, { parties: 3, threshold: 1, security });
      const { outputs } = await runInProcess(plan, { book: z });
      const off = Math.abs(outputs.square[0]! - clear.square[0]!);
      expect(off).toBeLessThanOrEqual(plan.error.square.absolute);
      expect(off).toBeLessThan(1e-8);
    },
    60_000,
  );

  it('refuses a bucket of what there is not, twice the same, and correlations beyond 1', () => {
    const correlations = { within: 0.5, across: 0.2 };
    expect(() => chargeCircuit(rows, { buckets: [[0, 12]], correlations })).toThrow(/found 12/);
    expect(() => chargeCircuit(rows, { buckets: [[0], [0]], correlations })).toThrow(/found 0 twice/);
    const beyond = { within: 0.5, across: 1.2 };
    expect(() => chargeCircuit(rows, { buckets, correlations: beyond })).toThrow(/correlation across/);
  });
});
