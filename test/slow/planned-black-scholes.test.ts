import { describe, expect, it } from 'vitest';
import { planCkks } from '../../src/ckks/plan.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { encryptedBlackScholes } from '../../src/risk/pricing/encrypted-black-scholes.ts';
import { featuresOf, randomOptions } from '../support/pricing-batches.ts';
import { SlotRunner } from '../support/slot-runner.ts';

const OPTIONS = 8192;

describe('encrypted Black-Scholes, planned', () => {
  it('prices 8192 options within the promised error, and within six bits of it', async () => {
    const circuit = encryptedBlackScholes({ length: OPTIONS });
    const plan = planCkks(circuit, { precision: 1.5e-7, packing: 'slots' });
    expect(plan.parameters.dataPrimeBits).toHaveLength(8);
    const batch = randomOptions(new SeededRandom(3), OPTIONS);
    using runner = await SlotRunner.create(plan.parameters);
    const results = (await runner.run(plan.program, featuresOf(batch)))['price']![0]!;
    const worst = results.reduce((most, value, i) => {
      const expected = batch.expected.price[i]! / batch.reference.forward[i]!;
      return Math.max(most, Math.abs(value - expected));
    }, 0);
    expect(worst).toBeLessThanOrEqual(plan.error.price.absolute);
    expect(worst).toBeGreaterThan(plan.error.price.absolute / 64);
  }, 120_000);
});
