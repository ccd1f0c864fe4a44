/** Compile-time tests, as algebra.test-d.ts. */

import type { Circuit } from '../../src/algebra/circuit.ts';
import { record, recordOrdered } from '../../src/algebra/record.ts';
import { type CircuitPlan, type MpcResult, planCircuit, planMpc, runInProcess } from '../../src/mpc/index.ts';

const spec = { length: 3, bound: 1 };
const scheme = { parties: 3, threshold: 1 };
const product: Circuit<'x' | 'y', 'z'> = record((alg, { x, y }) => ({ z: alg.mul(x, y) }), {
  x: spec,
  y: spec,
});
const median: Circuit<'x', 'median', 'ordered'> = recordOrdered(
  (alg, { x }) => ({ median: alg.kthSmallest(x, 2) }),
  { x: spec },
);

export async function plansAndRunsKeepNames(vector: Float64Array): Promise<Float64Array> {
  const plan: CircuitPlan<'x' | 'y', 'z'> = await planCircuit(product, { ...scheme, owners: { x: 'desk' } });
  const result: MpcResult<'z'> = await runInProcess(plan, { x: vector, y: vector });
  // @ts-expect-error an input is missing
  await runInProcess(plan, { x: vector });
  // @ts-expect-error there is no such output
  result.outputs.w;
  // @ts-expect-error there is no such input
  await planCircuit(product, { ...scheme, owners: { w: 'desk' } });
  // @ts-expect-error security is asked for by these names only
  await planCircuit(product, { ...scheme, security: 'none' });
  return result.outputs.z;
}

export async function comparisonsRunOnShares(vector: Float64Array): Promise<Float64Array> {
  const plan = await planCircuit(median, scheme);
  // Against parties that deviate a linear plan is a circuit plan.
  planMpc(product, { ...scheme, security: 'semiHonest' });
  // @ts-expect-error planMpc is for semi-honest parties
  planMpc(product, { ...scheme, security: 'malicious' });
  return (await runInProcess(plan, { x: vector })).outputs.median;
}
