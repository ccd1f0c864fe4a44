import { describe, expect, it } from 'vitest';
import { executePlain } from '../../src/algebra/execute.ts';
import { planCkks } from '../../src/ckks/plan.ts';
import { rehearse } from '../../src/engine/rehearse.ts';
import { planCircuit } from '../../src/mpc/circuit/plan-circuit.ts';
import { runInProcess } from '../../src/mpc/run.ts';
import { factorExposures } from '../../src/pricing/portfolio/exposures.ts';
import { holdingsOf } from '../../src/pricing/portfolio/holdings.ts';
import { portfolioGreeks } from '../../src/pricing/portfolio/net-greeks.ts';
import { parametricRisk } from '../../src/pricing/portfolio/parametric.ts';
import { correlationOf, exposuresOf, varianceCircuit } from '../../src/risk/programs/parametric.ts';
import { normaliseBook } from '../../src/risk/valuation.ts';
import { loadReferenceInputs } from '../support/reference-inputs.ts';
import { SlotRunner } from '../support/slot-runner.ts';

const { book, market, scenarios } = loadReferenceInputs();
const greeks = portfolioGreeks(holdingsOf(book), market);
const exposures = factorExposures(greeks, market);
const truth = parametricRisk(exposures, market.dailyCovariance, 0.99);
const { deviations } = correlationOf(market);
const { z, l1 } = normaliseBook(exposures, deviations);
const circuit = varianceCircuit(market);

/** VaR and components from what the circuit gives. */
function finish(variance: number, contributions: ArrayLike<number>) {
  const sigma = l1 * Math.sqrt(variance);
  return {
    var: truth.z * sigma,
    componentVar: Array.from(contributions, (part) => (truth.z * part * l1 * l1) / sigma),
  };
}

function check(variance: number, contributions: ArrayLike<number>, relative: number): void {
  const found = finish(variance, contributions);
  expect(Math.abs(found.var / truth.var - 1)).toBeLessThan(relative);
  truth.componentVar.forEach((expected, f) => {
    expect(Math.abs(found.componentVar[f]! - expected)).toBeLessThan(relative * 10 * truth.var);
  });
}

describe('variance-covariance VaR with secret exposures', () => {
  it('in the clear', () => {
    const { variance, contributions } = executePlain(circuit, { exposures: z });
    check(variance[0]!, contributions, 1e-12);
  });

  it('on shares, within the error promised', async () => {
    const plan = await planCircuit(circuit, { parties: 3, threshold: 1 });
    const { outputs } = await runInProcess(plan, { exposures: z });
    const clear = executePlain(circuit, { exposures: z });
    expect(Math.abs(outputs.variance[0]! - clear.variance[0]!)).toBeLessThanOrEqual(
      plan.error.variance.absolute,
    );
    check(outputs.variance[0]!, outputs.contributions, 1e-5);
  }, 60_000);

  it('encrypted, within the error promised', async () => {
    const plan = planCkks(circuit, { precision: 1e-5, packing: 'slots' });
    using runner = await SlotRunner.create(plan.parameters);
    const results = await runner.run(plan.program, { exposures: z });
    const clear = executePlain(circuit, { exposures: z });
    const variance = results['variance']![0]![0]!;
    const contributions = results['contributions']![0]!.subarray(0, z.length);
    expect(Math.abs(variance - clear.variance[0]!)).toBeLessThanOrEqual(plan.error.variance.absolute);
    const doubt = plan.error.variance.absolute / clear.variance[0]!;
    expect(doubt).toBeLessThan(1e-2);
    check(variance, contributions, doubt);
  }, 60_000);

  it('is in the report of the factors basis, within its own error', async () => {
    const report = await rehearse('ckks', { book, market, scenarios, basis: 'factors' });
    const { parametric } = report.parameters['basis'] as {
      parametric: { var_99: { value: number; error: { absolute: number } } };
    };
    const off = Math.abs(parametric.var_99.value - truth.var);
    expect(off).toBeLessThanOrEqual(parametric.var_99.error.absolute);
    expect(parametric.var_99.error.absolute).toBeLessThan(1e-2 * truth.var);
    expect(exposuresOf(greeks, market)).toEqual(exposures);
  }, 60_000);
});
