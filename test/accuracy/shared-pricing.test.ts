import { describe, expect, it } from 'vitest';
import { priceOnShares, simulateOnShares } from '../../src/engine/shared-pricing.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { allocateGreeks, blackScholesGreeks } from '../../src/pricing/black-scholes.ts';
import type { PayoffSpec } from '../../src/pricing/montecarlo/payoff.ts';
import { simulate } from '../../src/pricing/montecarlo/simulate.ts';
import type { SimulatedPayoff, SimulationDomain } from '../../src/risk/pricing/shared-simulation.ts';

const COUNT = 24;
const random = new SeededRandom(3);
const column = (of: () => number) => Float64Array.from({ length: COUNT }, of);

describe('Black-Scholes on shares, market and contracts of two owners', () => {
  it.each(['malicious', 'semiHonest'] as const)(
    '%s: price, delta, gamma and vega within the errors promised',
    async (security) => {
      const spot = column(() => 100);
      const vol = column(() => random.between(0.15, 0.5));
      const expiryYears = column(() => random.between(0.05, 2));
      const strike = spot.map((S) => S * random.between(0.7, 1.4));
      const sign = column(() => (random.between(0, 1) < 0.5 ? -1 : 1));
      const [rate, q] = [0.03, 0.01];
      const inputs = {
        sign,
        spot,
        strike,
        expiryYears,
        vol,
        rate: column(() => rate),
        dividendYield: column(() => q),
      };
      const expected = blackScholesGreeks(inputs, allocateGreeks(COUNT));
      const forward = spot.map((S, i) => S * Math.exp((rate - q) * expiryYears[i]!));
      const discount = expiryYears.map((T) => Math.exp(-rate * T));
      // What is public: about where forwards and vols lie.
      const reference = {
        forward: forward.map((F) => F * Math.exp(random.between(-0.01, 0.01))),
        vol: vol.map((v) => v * Math.exp(random.between(-0.1, 0.1))),
        forwardBand: column(() => 0.01),
        volBand: 0.1,
        discount,
      };
      const { outputs, error } = await priceOnShares({
        market: { forward, vol },
        terms: { sign, strike, expiryYears },
        reference,
        outputs: ['price', 'cashDelta', 'cashGamma', 'vega'],
        security,
      });
      const least = 1 / 512;
      for (let i = 0; i < COUNT; i++) {
        const F = reference.forward[i]!;
        const near = (name: keyof typeof outputs, value: number) => {
          expect(Math.abs(outputs[name][i]! - value), name).toBeLessThanOrEqual(error[name].absolute + 1e-12);
          expect(error[name].absolute).toBeLessThan(1e-6);
        };
        near('price', expected.price[i]! / F);
        near('cashDelta', (expected.delta[i]! * spot[i]!) / F);
        near('cashGamma', ((expected.gamma[i]! * spot[i]! ** 2) / F) * least);
        near('vega', (expected.vega[i]! * reference.vol[i]!) / F);
      }
    },
    60_000,
  );
});

const DOMAIN: SimulationDomain = {
  logSpot: 0.25,
  vol: 0.4,
  carry: 0.05,
  rate: 0.08,
  expiryYears: 1,
  strike: 2,
};

describe('Monte Carlo on shares', () => {
  const [rate, expiryYears, strike, barrier] = [0.03, 0.8, 97, 130];
  const one = {
    spots: Float64Array.of(104),
    vols: Float64Array.of(0.31),
    dividendYields: Float64Array.of(0.01),
    rate,
  };
  const two = {
    spots: Float64Array.of(104, 88),
    vols: Float64Array.of(0.31, 0.22),
    dividendYields: Float64Array.of(0.01, 0),
    rate,
  };
  const correlation = [
    [1, 0.4],
    [0.4, 1],
  ];
  const weights = Float64Array.of(0.6, 0.5);
  const cases: [SimulatedPayoff, PayoffSpec, number[]][] = [
    [{ kind: 'european', type: 'put' }, { kind: 'european', type: 'put', strike }, [1]],
    [
      { kind: 'asian', type: 'call' },
      { kind: 'asian', average: 'arithmetic', type: 'call', strike },
      [0.25, 0.5, 0.75, 1],
    ],
    [{ kind: 'basket', type: 'call' }, { kind: 'basket', type: 'call', strike, weights: [...weights] }, [1]],
    [
      { kind: 'upAndOut', type: 'call' },
      { kind: 'barrier', barrierType: 'up_out', type: 'call', strike, barrier, monitoring: 'discrete' },
      [0.25, 0.5, 0.75, 1],
    ],
  ];
  it.each(cases)(
    '$kind: the plaintext run on the same paths, within 1e-6 of spot',
    async (payoff, plain, fractions) => {
      const market = payoff.kind === 'basket' ? two : one;
      const unit = payoff.kind === 'basket' ? 50 : 100;
      const sampling = {
        seed: 11,
        paths: 200,
        fractions,
        ...(payoff.kind === 'basket' ? { correlation } : {}),
      };
      const result = await simulateOnShares({
        simulation: { payoff, sampling, domain: DOMAIN },
        unit,
        market,
        terms: { strike, expiryYears, barrier, weights },
      });
      const expected = simulate({
        market: {
          spots: [...market.spots],
          vols: [...market.vols],
          dividendYields: [...market.dividendYields],
          rate,
          ...(payoff.kind === 'basket' ? { correlation } : {}),
        },
        times: fractions.map((f) => f * expiryYears),
        payoff: plain,
        sampling: { kind: 'pseudo', seed: 11, paths: 200 },
      });
      expect(expected.price.value).toBeGreaterThan(1);
      expect(result.error.absolute).toBeLessThan(1e-6 * unit);
      expect(Math.abs(result.price - expected.price.value)).toBeLessThanOrEqual(
        result.error.absolute + 1e-10,
      );
      expect(Math.abs(result.standardError - expected.price.standardError)).toBeLessThan(1e-6 * unit);
    },
    60_000,
  );
});
