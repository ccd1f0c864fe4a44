import { describe, expect, it } from 'vitest';
import { executePlain } from '../../src/algebra/execute.ts';
import { RangeError, ShapeError } from '../../src/base/errors.ts';
import { simulateAmericanOnShares } from '../../src/engine/shared-pricing.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { americanPrices } from '../../src/pricing/american/american.ts';
import { type AmericanSimulation, sharedAmerican } from '../../src/risk/pricing/shared-american.ts';
import {
  type SimulationDomain,
  simulationMarket,
  simulationTerms,
} from '../../src/risk/pricing/shared-simulation.ts';
import { closestComparison } from '../support/closest-comparison.ts';
import { type TextbookAmerican, textbookLongstaffSchwartz } from '../support/textbook-longstaff-schwartz.ts';

const UNIT = 100;
const DOMAIN: SimulationDomain = {
  logSpot: 0.3,
  vol: 0.5,
  carry: 0.1,
  rate: 0.1,
  expiryYears: 2,
  strike: 1.5,
};
const equal = (dates: number) => Array.from({ length: dates }, (_, i) => (i + 1) / dates);

type Option = Omit<TextbookAmerican, 'functions' | 'sampling'>;

const marketOf = ({ spot, vol, rate, dividendYield }: Option) => ({
  spots: Float64Array.of(spot),
  vols: Float64Array.of(vol),
  dividendYields: Float64Array.of(dividendYield),
  rate,
});

function inputsOf(option: Option) {
  return {
    ...simulationMarket(marketOf(option), UNIT),
    ...simulationTerms({ kind: 'european', type: option.type }, option, UNIT),
  } as Record<'logSpot' | 'vol' | 'carry' | 'rate' | 'expiry' | 'rootExpiry' | 'strike', Float64Array>;
}

function inTheClear(option: Option, simulation: AmericanSimulation) {
  const { price, variance } = executePlain(sharedAmerican(simulation), inputsOf(option));
  return { price: price[0]! * UNIT, standardError: Math.sqrt(variance[0]!) * UNIT };
}

function randomOption(random: SeededRandom): Option {
  const type = random.pick(['put', 'call'] as const);
  return {
    type,
    spot: random.between(80, 125),
    strike: random.between(80, 125),
    vol: random.between(0.1, 0.5),
    rate: random.between(0, 0.1),
    dividendYield: random.between(0, 0.08),
    expiryYears: random.between(0.1, 2),
  };
}

describe('American options by Longstaff and Schwartz, as a circuit', () => {
  it('equals the textbook algorithm on the same paths, whatever is in the money', () => {
    const random = new SeededRandom(5);
    let exercised = 0;
    for (let i = 0; i < 24; i++) {
      const option = randomOption(random);
      const functions = random.pick([1, 2, 3, 3]);
      const sampling = {
        seed: i,
        paths: random.pick([40, 256, 500]),
        fractions: equal(random.pick([1, 3, 6])),
      };
      const expected = textbookLongstaffSchwartz({ ...option, functions, sampling });
      const found = inTheClear(option, { type: option.type, sampling, functions, domain: DOMAIN });
      expect(Math.abs(found.price - expected.price), `option ${i}`).toBeLessThan(1e-6);
      expect(Math.abs(found.standardError - expected.standardError), `option ${i}`).toBeLessThan(1e-6);
      if (expected.standardError === 0) exercised++;
    }
    expect(exercised).toBeGreaterThan(0);
    expect(exercised).toBeLessThan(12);
  });

  it('is within its statistical error of the American price', () => {
    const options: Option[] = [
      { type: 'put', spot: 100, strike: 100, vol: 0.2, rate: 0.05, dividendYield: 0, expiryYears: 1 },
      { type: 'put', spot: 90, strike: 100, vol: 0.3, rate: 0.06, dividendYield: 0.02, expiryYears: 1 },
      { type: 'put', spot: 115, strike: 100, vol: 0.25, rate: 0.05, dividendYield: 0, expiryYears: 0.5 },
      { type: 'call', spot: 100, strike: 100, vol: 0.25, rate: 0.03, dividendYield: 0.07, expiryYears: 1 },
    ];
    const one = (value: number) => Float64Array.of(value);
    for (const option of options) {
      const american = americanPrices({
        sign: one(option.type === 'put' ? -1 : 1),
        spot: one(option.spot),
        strike: one(option.strike),
        expiryYears: one(option.expiryYears),
        rate: one(option.rate),
        dividendYield: one(option.dividendYield),
        vol: one(option.vol),
      })[0]!;
      const sampling = { seed: 2, paths: 2000, fractions: equal(20) };
      const { price, standardError } = inTheClear(option, { type: option.type, sampling, domain: DOMAIN });
      expect(standardError).toBeLessThan(0.35);
      expect(Math.abs(price - american)).toBeLessThan(3 * standardError);
    }
  });

  it.each(['malicious', 'semiHonest'] as const)(
    'on shares, %s: price and standard error within what the plan proves',
    async (security) => {
      const option: Option = {
        type: security === 'malicious' ? 'put' : 'call',
        spot: 102,
        strike: 99,
        vol: 0.27,
        rate: 0.06,
        dividendYield: 0.05,
        expiryYears: 0.9,
      };
      const simulation: AmericanSimulation = {
        type: option.type,
        sampling: { seed: security === 'malicious' ? 3 : 4, paths: 256, fractions: equal(4) },
        domain: { ...DOMAIN, logSpot: 0.15, vol: 0.35, expiryYears: 1 },
      };
      // Values of holding are some 1e-8 off on shares: no decision may go either way.
      expect(closestComparison(sharedAmerican(simulation), inputsOf(option))).toBeGreaterThan(1e-6);
      const expected = inTheClear(option, simulation);
      const result = await simulateAmericanOnShares({
        simulation,
        unit: UNIT,
        market: marketOf(option),
        terms: option,
        security,
      });
      expect(expected.price).toBeGreaterThan(5);
      expect(result.error.known).toBe('proved');
      expect(result.error.absolute).toBeLessThan(1e-6 * UNIT);
      expect(Math.abs(result.price - expected.price)).toBeLessThanOrEqual(result.error.absolute);
      expect(Math.abs(result.standardError - expected.standardError)).toBeLessThan(1e-6 * UNIT);
    },
    60_000,
  );

  it('refuses what it cannot price, before anything is shared', () => {
    const sampling = { seed: 1, paths: 100, fractions: equal(2) };
    const terms: AmericanSimulation = { type: 'put', sampling, domain: DOMAIN };
    for (const functions of [0, 1.5, 4, Number.NaN]) {
      expect(() => sharedAmerican({ ...terms, functions })).toThrow(RangeError);
    }
    const correlation = [
      [1, 0],
      [0, 1],
    ];
    expect(() => sharedAmerican({ ...terms, sampling: { ...sampling, correlation } })).toThrow(ShapeError);
    expect(() => sharedAmerican({ ...terms, domain: { ...DOMAIN, vol: 0 } })).toThrow(RangeError);
  });
});
