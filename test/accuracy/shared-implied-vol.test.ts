import { describe, expect, it } from 'vitest';
import { executePlain } from '../../src/algebra/execute.ts';
import { impliedVolsOnShares } from '../../src/engine/shared-pricing.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { blackScholesPrices } from '../../src/pricing/black-scholes.ts';
import {
  quoteFeatures,
  sharedImpliedVol,
  strikeFeatures,
} from '../../src/risk/pricing/shared-implied-vol.ts';

/** Options within the default domain, and their undiscounted call prices. */
function batch(count: number, seed: number) {
  const random = new SeededRandom(seed);
  const column = (of: (i: number) => number) => Float64Array.from({ length: count }, (_, i) => of(i));
  const expiryYears = column(() => random.between(0.2, 2));
  const vol = column((i) => random.between(0.1, 0.8) / Math.sqrt(expiryYears[i]!));
  const forward = column(() => random.between(80, 125));
  const strike = column((i) => {
    const most = Math.min(0.3, 2 * vol[i]! * Math.sqrt(expiryYears[i]!));
    return forward[i]! * Math.exp(random.between(-most, most));
  });
  const zero = column(() => 0);
  const quote = blackScholesPrices({
    sign: column(() => 1),
    spot: forward,
    strike,
    expiryYears,
    vol,
    rate: zero,
    dividendYield: zero,
  });
  return {
    vol,
    quotes: { forward, quote },
    terms: { strike, expiryYears },
    inputs: { ...quoteFeatures({ forward, quote }, 100), ...strikeFeatures({ strike, expiryYears }, 100) },
  };
}

describe('implied volatility of secret quotes and strikes', () => {
  it('converges everywhere in the domain', () => {
    const { vol, inputs } = batch(20_000, 1);
    const found = executePlain(sharedImpliedVol(vol.length), inputs);
    let worst = 0;
    found.vol.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - vol[i]!));
    });
    expect(worst).toBeLessThan(1e-8);
    expect(found.converged.every((bit) => bit === 1)).toBe(true);
  });

  it.each(['malicious', 'semiHonest'] as const)(
    'on shares, %s, within 1e-6',
    async (security) => {
      const { vol, quotes, terms } = batch(6, 2);
      const { outputs, error } = await impliedVolsOnShares({ quotes, terms, unit: 100, security });
      expect(error.vol.absolute).toBeLessThan(1e-6);
      outputs.vol.forEach((value, i) => {
        expect(Math.abs(value - vol[i]!)).toBeLessThanOrEqual(error.vol.absolute);
      });
      expect([...outputs.converged]).toEqual(new Array(6).fill(1));
    },
    60_000,
  );

  it('says so where a quote is out of the domain', () => {
    const { inputs } = batch(4, 3);
    const quote = inputs.quote.map((q, i) => (i === 2 ? 0.9 : q));
    const { converged, vol } = executePlain(sharedImpliedVol(4), { ...inputs, quote });
    expect([0, 1, 3].map((i) => converged[i])).toEqual([1, 1, 1]);
    expect(vol.every(Number.isFinite)).toBe(true);
  });
});
