import { describe, expect, it } from 'vitest';
import { DEFAULT_RELEASE_BUDGET } from '../../src/ckks/flooding.ts';
import { planCkks } from '../../src/ckks/plan.ts';
import type { SlotPlan } from '../../src/ckks/slots/plan.ts';
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

async function worstError(plan: SlotPlan<BlackScholesInput, 'price'>): Promise<number> {
  const { inputs, prices } = options(new SeededRandom(3));
  using runner = await SlotRunner.create(plan.parameters);
  const results = (await runner.run(plan.program, inputs))['price']![0]!.subarray(0, OPTIONS);
  return results.reduce((most, value, i) => Math.max(most, Math.abs(value - prices[i]!)), 0);
}

describe('encrypted Black-Scholes, planned', () => {
  it.each([
    [1e-7, 4e-9, [49, ...Array<number>(7).fill(45)], 49],
    // Two last primes, and a special one that makes room for them.
    [1e-8, 3e-9, [26, 26, ...Array<number>(7).fill(49)], 35],
  ] as const)(
    'prices 8192 options within the promised error, and within six bits of it, at %d',
    async (precision, ofSeries, primes, special) => {
      const { circuit } = encryptedBlackScholes(OPTIONS, ofSeries, 10);
      const plan = planCkks(circuit, { precision, packing: 'slots' });
      expect(plan.parameters).toMatchObject({
        degree: 16384,
        dataPrimeBits: primes,
        specialPrimeBits: special,
      });
      const worst = await worstError(plan);
      expect(worst).toBeLessThanOrEqual(plan.error.price.absolute);
      expect(worst).toBeGreaterThan(plan.error.price.absolute / 64);
    },
    120_000,
  );

  it('leaves room for the default release budget, with two primes a level at N = 32768', async () => {
    const { circuit } = encryptedBlackScholes(OPTIONS, 3e-9, 10);
    const plan = planCkks(circuit, { precision: 1e-6, packing: 'slots', release: DEFAULT_RELEASE_BUDGET });
    expect(plan.parameters.dataPrimeBits).toHaveLength(16);
    expect(plan.flooding!.error).toBeLessThan(1e-6);
    // Of a raw decryption, before flooding: series and doubles are all that is left.
    expect(await worstError(plan)).toBeLessThan(plan.error.price.absolute - plan.flooding!.error);
  }, 300_000);
});
