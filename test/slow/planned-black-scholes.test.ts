import { describe, expect, it } from 'vitest';
import { planCkks } from '../../src/ckks/plan.ts';
import { normalCdf } from '../../src/numeric/normal.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import {
  BLACK_SCHOLES_INPUTS,
  type BlackScholesInput,
  encryptedBlackScholes,
} from '../support/encrypted-black-scholes.ts';
import { SlotRunner } from '../support/slot-runner.ts';

const OPTIONS = 8192;

/** Options whose d1 and d2 stay within 10 and whose features stay within their declarations. */
function options(random: SeededRandom) {
  const inputs = Object.fromEntries(
    BLACK_SCHOLES_INPUTS.map((name) => [name, new Float64Array(OPTIONS)]),
  ) as Record<BlackScholesInput, Float64Array>;
  const prices = new Float64Array(OPTIONS);
  for (let i = 0; i < OPTIONS; ) {
    const forward = Math.exp(random.between(-0.09, 0.09));
    const strike = Math.min(2, Math.exp(random.between(-0.6, 0.6)));
    const volatility = random.between(0.126, 1);
    const rootTime = Math.sqrt(random.between(1 / 60, 3));
    const halfSign = random.pick([0.5, -0.5]);
    const spread = volatility * rootTime;
    const d1 = Math.log(forward / strike) / spread + spread / 2;
    const features = {
      logForward: Math.log(forward) / volatility,
      inverseVolatility: 1 / volatility,
      halfVolatility: volatility / 2,
      forwardValue: forward,
      inverseRootTime: 1 / rootTime,
      logStrike: Math.log(strike) / rootTime,
      rootTime,
      strikeValue: strike,
      halfSign,
    };
    const inside = Math.abs(features.logStrike) <= 4 && Math.abs(features.logForward) <= 1;
    if (!inside || Math.max(Math.abs(d1), Math.abs(d1 - spread)) > 10) continue;
    for (const name of BLACK_SCHOLES_INPUTS) inputs[name][i] = features[name];
    const sign = 2 * halfSign;
    prices[i] = sign * (forward * normalCdf(sign * d1) - strike * normalCdf(sign * (d1 - spread)));
    i++;
  }
  return { inputs, prices };
}

describe('encrypted Black-Scholes, planned', () => {
  it('prices 8192 options within the promised error, and within six bits of it', async () => {
    const { circuit } = encryptedBlackScholes(OPTIONS, 4e-9, 10);
    const plan = planCkks(circuit, { precision: 1e-7, packing: 'slots' });
    expect(plan.parameters.dataPrimeBits.slice(1)).toEqual(Array(7).fill(45));
    const { inputs, prices } = options(new SeededRandom(3));
    using runner = await SlotRunner.create(plan.parameters);
    const results = (await runner.run(plan.program, inputs))['price']![0]!;
    const worst = results.reduce((most, value, i) => Math.max(most, Math.abs(value - prices[i]!)), 0);
    expect(worst).toBeLessThanOrEqual(plan.error.price.absolute);
    expect(worst).toBeGreaterThan(plan.error.price.absolute / 64);
  }, 120_000);
});
