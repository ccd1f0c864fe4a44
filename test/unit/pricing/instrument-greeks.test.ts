import { describe, expect, it } from 'vitest';
import type { Instrument } from '../../../src/domain/instrument.ts';
import type { Market } from '../../../src/domain/market.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';
import { type UnitSecondOrderGreeks, unitSecondOrderGreeks } from '../../../src/pricing/unit-value.ts';

const [RATE, YIELD, VOL] = [0.04, 0.01, 0.3];
const HOUR = 1 / 8760;
const marketAt = (spot: number): Market => ({
  valuation: 'now',
  underlyings: [{ name: 'A', spot, rate: RATE, dividendYield: YIELD, referenceVol: VOL }],
  factors: [],
  dailyCovariance: matrixOf(0, 0),
});
const greeksAt = (spot: number, ...contracts: Instrument[]): UnitSecondOrderGreeks =>
  unitSecondOrderGreeks(contracts, marketAt(spot));
const dated = (expiryYears: number) => ({ underlying: 'A', vol: VOL, expiryYears }) as const;

/** How large each Greek of an option at the money gets: what errors are measured against. */
function scalesOf(spot: number, years: number): Record<keyof UnitSecondOrderGreeks, number> {
  const deviation = VOL * Math.sqrt(years);
  const vega = spot * Math.sqrt(years);
  return {
    value: spot,
    delta: 1,
    gamma: 1 / (spot * deviation),
    vega,
    theta: (spot * VOL) / Math.sqrt(years),
    rho: spot * years,
    vanna: 1 / VOL,
    volga: vega / VOL,
  };
}

describe('Greeks of contracts with a model of their own', () => {
  const years = [HOUR, 1 / 365, 0.1, 2];
  const distances = [-0.3, -0.02, -1e-3, -1e-5, -1e-8, 0, 1e-8, 1e-5, 1e-3, 4e-3, 0.02, 0.3];

  it.each(years)(
    'knock-in and knock-out make the European option at any distance from the barrier, T = %f',
    (t) => {
      for (const distance of distances) {
        for (const [barrierType, sign] of [
          ['down', 1],
          ['up', -1],
        ] as const) {
          const barrier = 100;
          const spot = barrier * (1 + sign * distance);
          const terms = { ...dated(t), type: 'call', strike: 100.2 } as const;
          const greeks = greeksAt(
            spot,
            { kind: 'barrier', ...terms, barrierType: `${barrierType}_in`, barrier, rebate: 0 },
            { kind: 'barrier', ...terms, barrierType: `${barrierType}_out`, barrier, rebate: 0 },
            { kind: 'option', ...terms },
          );
          const scales = scalesOf(spot, t);
          for (const [name, [inside, outside, whole]] of Object.entries(greeks)) {
            const off = Math.abs(inside! + outside! - whole!) / scales[name as keyof typeof scales];
            expect(off, `${name}, ${barrierType}, distance ${distance}`).toBeLessThan(1e-6);
          }
        }
      }
    },
  );

  const kinds: readonly [name: string, of: (t: number) => Instrument][] = [
    ['one_touch', (t) => ({ kind: 'one_touch', ...dated(t), direction: 'up', barrier: 100.5, cash: 100 })],
    [
      'double_barrier',
      (t) => ({
        kind: 'double_barrier',
        ...dated(t),
        type: 'call',
        strike: 100,
        knock: 'knock_out',
        lower: 97,
        upper: 105,
      }),
    ],
    [
      'barrier',
      (t) => ({
        kind: 'barrier',
        ...dated(t),
        type: 'put',
        strike: 101,
        barrierType: 'up_in',
        barrier: 102,
        rebate: 3,
      }),
    ],
    ['lookback', (t) => ({ kind: 'lookback', ...dated(t), type: 'call', currentExtreme: 99.6 })],
    ['digital', (t) => ({ kind: 'digital', ...dated(t), type: 'call', strike: 100.1, cash: 100 })],
    ['inverse', (t) => ({ kind: 'option', ...dated(t), type: 'call', strike: 100.1, settlement: 'inverse' })],
    [
      'asian',
      (t) => ({
        kind: 'asian',
        underlying: 'A',
        vol: VOL,
        type: 'call',
        strike: 100.1,
        fixingDays: [t * 200, t * 300, t * 365],
      }),
    ],
  ];
  it.each(kinds)(
    '%s: value, delta, gamma and theta meet the Black-Scholes equation, near expiry too',
    (name, of) => {
      for (const t of years) {
        for (const spot of [99.61, 100, 100.3, 100.4999, 101.5]) {
          const { value, delta, gamma, theta } = greeksAt(spot, of(t));
          // Touched: the cash is paid, and what is left is no claim on the spot.
          if (name === 'one_touch' && spot > 100.5) continue;
          // The coin pays no yield to the holder of a claim on coins.
          const rate = name === 'inverse' ? RATE - YIELD : RATE;
          const drift = (RATE - YIELD) * spot * delta[0]! + 0.5 * (VOL * spot) ** 2 * gamma[0]!;
          const off = Math.abs(theta[0]! + drift - rate * value[0]!);
          // A payoff that jumps has a theta of the size of the jump over the time that is left.
          const scale = scalesOf(spot, t).theta + (name === 'digital' || name === 'one_touch' ? 100 / t : 0);
          expect(off / scale, `T = ${t}, spot ${spot}`).toBeLessThan(1e-6);
        }
      }
    },
  );

  it('stand still where nothing is left to happen', () => {
    const touched = greeksAt(100, {
      kind: 'one_touch',
      ...dated(1),
      direction: 'down',
      barrier: 100,
      cash: 7,
    });
    for (const [name, [greek]] of Object.entries(touched)) expect(greek, name).toBe(name === 'value' ? 7 : 0);
  });

  it('an Asian option with a fixing today moves with the spot in full', () => {
    const asian = (fixingDays: readonly number[]): Instrument =>
      ({ kind: 'asian', underlying: 'A', vol: VOL, type: 'call', strike: 1e-6, fixingDays }) as const;
    const { value, delta, gamma, theta } = greeksAt(100, asian([0, 365]));
    const discount = Math.exp(-RATE);
    const forward = Math.exp(RATE - YIELD);
    expect(value[0]).toBeCloseTo((discount * 100 * (1 + forward)) / 2, 5);
    expect(delta[0]).toBeCloseTo((discount * (1 + forward)) / 2, 12);
    expect(gamma[0]).toBeCloseTo(0, 8);
    // The forward of the last fixing comes nearer; what is fixed earns the rate.
    expect(theta[0]).toBeCloseTo((discount * 100 * (RATE + YIELD * forward)) / 2, 6);
  });
});
