import type { BarrierValues } from '../exotic/barrier-values.ts';
import type { ContractBatch } from './contract-batches.ts';
import type { ContractState } from './contract-values.ts';
import { cornersOf, expiryOf, type ModelledInstrument, nextEventOf } from './modelled.ts';

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

/** Largest steps: a fraction of the spot, and absolute for vol, years and rate. */
const SPOT_STEP = 2e-3;
const VOL_STEP = 1e-3;
const YEAR_STEP = 2e-4;
const RATE_STEP = 1e-3;

/**
 * Greeks of contracts with a model of their own: delta as the model gives it, in closed form or under the integral; gamma and vanna as differences of
 * delta, the others of the value. All differences are central and of fourth order, f' = (f(-2h) - 8 f(-h) + 8 f(h) - f(2h)) / 12 h and
 * f'' = (-f(-2h) + 16 f(-h) - 30 f + 16 f(h) - f(2h)) / 12 h^2 (Abramowitz and Stegun, table 25.2).
 *
 * Steps shrink near expiry, with small vols and towards barriers and extremes, across which no difference reaches; with the spot exactly there gamma is that
 * of the touched side. Near the exercise boundary of an American option, where gamma jumps, it is an average within 2 % of a deviation.
 * Accuracy: delta that of the model; relative to their largest values over spots gamma 1e-6, the others 1e-8, to 1e-5 for American options.
 * Cost: 17 values a contract.
 */
export function differenceGreeks({ today, contracts, value }: ContractBatch): DifferenceGreeks {
  const base = value(today);
  const along = (of: (steps: number) => Partial<ContractState>) =>
    [-2, -1, 1, 2].map((steps) => value({ ...today, ...of(steps) }));
  const places = contracts.map((contract, i) => spotPlaceOf(contract, today.spot[i]!, today.vol[i]!));
  const spotStep = (i: number) => places[i]!.step;
  const spots = along((n) => ({
    spot: today.spot.map((spot, i) => spot + (places[i]!.centre + n) * spotStep(i)),
  }));
  // A vol of zero has no left side: its step shrinks with it, and its vega is given as 0.
  const volSteps = today.vol.map((vol) => Math.min(VOL_STEP, vol / 50));
  const volStep = (i: number) => volSteps[i]!;
  const vols = along((n) => ({ vol: today.vol.map((vol, i) => vol + n * volStep(i)) }));
  const rates = along((n) => ({ rate: today.rate.map((rate) => rate + n * RATE_STEP) }));
  const yearSteps = Float64Array.from(contracts, (contract) =>
    Math.min(YEAR_STEP, nextEventOf(contract) / 40),
  );
  const times = along((n) => ({ elapsedYears: yearSteps.map((step) => n * step) }));

  const firstOf =
    (name: keyof BarrierValues) =>
    ([a, b, c, d]: readonly BarrierValues[], step: (i: number) => number) =>
      base.price.map((_, i) =>
        step(i) > 0
          ? (a![name][i]! - 8 * b![name][i]! + 8 * c![name][i]! - d![name][i]!) / (12 * step(i))
          : 0,
      );
  const ofPrice = firstOf('price');
  const ofDelta = firstOf('delta');
  const curvature = ([a, b, c, d]: readonly BarrierValues[], step: (i: number) => number) =>
    base.price.map((f, i) =>
      step(i) > 0
        ? (-a!.price[i]! + 16 * b!.price[i]! - 30 * f + 16 * c!.price[i]! - d!.price[i]!) /
          (12 * step(i) ** 2)
        : 0,
    );
  const slopes = ofPrice(spots, spotStep);
  return {
    value: base.price,
    // Without variance a delta may not exist: the average over the corner, then.
    delta: base.delta.map((delta, i) => (Number.isNaN(delta) ? slopes[i]! : delta)),
    gamma: ofDelta(spots, spotStep),
    vega: ofPrice(vols, volStep),
    theta: ofPrice(times, (i) => yearSteps[i]!),
    rho: ofPrice(rates, () => RATE_STEP),
    vanna: ofDelta(vols, volStep),
    volga: curvature(vols, volStep),
  };
}

/** Step of differences by the spot, and where their middle lies, in steps from the spot. */
type SpotPlace = { readonly step: number; readonly centre: number };

function spotPlaceOf(contract: ModelledInstrument, spot: number, vol: number): SpotPlace {
  const deviation = vol * Math.sqrt(expiryOf(contract));
  // A fiftieth of a deviation: as a part of the scale of the value 2e-8 after four orders.
  const usual = spot * (deviation > 0 ? Math.min(SPOT_STEP, Math.max(0.02 * deviation, 1e-7)) : SPOT_STEP);
  const corners = cornersOf(contract);
  const room = corners.reduce(
    (least, corner) => Math.min(least, Math.abs(spot - corner.spot)),
    Number.POSITIVE_INFINITY,
  );
  if (room > 0) return { step: Math.min(usual, room / 2.5), centre: 0 };
  const side = corners.find((corner) => corner.spot === spot)!.touched;
  return { step: usual / 1e5, centre: 2.5 * side };
}
