import type { ContractBatch } from './contract-batches.ts';
import type { ContractState } from './contract-values.ts';

/** Value and Greeks of a batch, an element a contract. */
export type DifferenceGreeks = {
  readonly value: Float64Array;
  readonly delta: Float64Array;
  readonly gamma: Float64Array;
  readonly vega: Float64Array;
  readonly theta: Float64Array;
  readonly rho: Float64Array;
  readonly vanna: Float64Array;
  readonly volga: Float64Array;
};

/** Steps: a fraction of the spot, and absolute for vol, years and rate. */
const SPOT_STEP = 2e-3;
const VOL_STEP = 1e-3;
const YEAR_STEP = 2e-4;
const RATE_STEP = 1e-3;

/**
 * Greeks by central differences of fourth order, f' = (f(-2h) - 8 f(-h) + 8 f(h) - f(2h)) / 12 h and
 * f'' = (-f(-2h) + 16 f(-h) - 30 f + 16 f(h) - f(2h)) / 12 h^2 (Abramowitz and Stegun, table 25.2), by the value of
 * the contract itself, so for every kind alike. Near a barrier, a strike at expiry or an exercise boundary, where a value has a corner
 * within two steps, they are averages over it. Accuracy elsewhere: about 1e-9 of spot for first derivatives;
 * vanna is of second order.
 * Cost: 21 values a contract.
 */
export function differenceGreeks({ today, value }: ContractBatch): DifferenceGreeks {
  const base = value(today);
  const moved = (change: Partial<ContractState>) => value({ ...today, ...change });
  const along = (of: (steps: number) => Partial<ContractState>) =>
    [-2, -1, 1, 2].map((steps) => moved(of(steps)));
  const spots = along((n) => ({ spot: today.spot.map((s) => s * (1 + n * SPOT_STEP)) }));
  // A vol of zero has no left side: its step shrinks with it, and its vega is given as 0.
  const volSteps = today.vol.map((vol) => Math.min(VOL_STEP, vol / 4));
  const vols = along((n) => ({ vol: today.vol.map((vol, i) => vol + n * volSteps[i]!) }));
  const rates = along((n) => ({ rate: today.rate.map((rate) => rate + n * RATE_STEP) }));
  const times = along((n) => ({ elapsedYears: n * YEAR_STEP }));
  const first = ([a, b, c, d]: readonly Float64Array[], step: (i: number) => number) =>
    base.map((_, i) => (step(i) > 0 ? (a![i]! - 8 * b![i]! + 8 * c![i]! - d![i]!) / (12 * step(i)) : 0));
  const second = ([a, b, c, d]: readonly Float64Array[], step: (i: number) => number) =>
    base.map((f, i) =>
      step(i) > 0 ? (-a![i]! + 16 * b![i]! - 30 * f + 16 * c![i]! - d![i]!) / (12 * step(i) ** 2) : 0,
    );
  const spotStep = (i: number) => today.spot[i]! * SPOT_STEP;
  const volStep = (i: number) => volSteps[i]!;
  const corner = (m: number, n: number) =>
    moved({
      spot: today.spot.map((s) => s * (1 + m * SPOT_STEP)),
      vol: today.vol.map((vol, i) => vol + n * volStep(i)),
    });
  const corners = [corner(1, 1), corner(1, -1), corner(-1, 1), corner(-1, -1)] as const;
  return {
    value: base,
    delta: first(spots, spotStep),
    gamma: second(spots, spotStep),
    vega: first(vols, volStep),
    theta: first(times, () => YEAR_STEP),
    rho: first(rates, () => RATE_STEP),
    vanna: base.map((_, i) => {
      const [pp, pm, mp, mm] = corners;
      const area = 4 * spotStep(i) * volStep(i);
      return area > 0 ? (pp[i]! - pm[i]! - mp[i]! + mm[i]!) / area : 0;
    }),
    volga: second(vols, volStep),
  };
}
