import { expect, it } from 'vitest';
import { record } from '../../../src/algebra/record.ts';
import { planCircuit, runInProcess } from '../../../src/mpc/index.ts';

it('a constant that opens is within the error promised, however few fraction bits there are', async () => {
  const value = -1.6337218729794682;
  const circuit = record((alg, { x }) => ({ y: alg.constant(Float64Array.of(value)), x }), {
    x: { length: 1, bound: 1 },
  });
  for (const fractionBits of [26, 30, 36]) {
    const plan = await planCircuit(circuit, { parties: 5, threshold: 2, fractionBits });
    const { outputs } = await runInProcess(plan, { x: Float64Array.of(0.5) });
    const off = Math.abs(outputs.y[0]! - value);
    expect(off).toBeGreaterThan(2 ** -52);
    expect(off).toBeLessThanOrEqual(plan.error.y.absolute);
    expect(plan.error.y.absolute).toBeLessThan(2 ** -fractionBits);
  }
});
