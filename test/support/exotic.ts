import fc from 'fast-check';
import { blackScholesPrices } from '../../src/pricing/black-scholes.ts';
import { barrierPrices } from '../../src/pricing/exotic/barrier.ts';
import type { Direction, Knock } from '../../src/pricing/exotic/barrier-values.ts';
import { type DigitalKind, digitalGreeks } from '../../src/pricing/exotic/digital.ts';
import { doubleBarrierPrices } from '../../src/pricing/exotic/double-barrier.ts';
import { type LookbackKind, lookbackPrices } from '../../src/pricing/exotic/lookback.ts';
import { oneTouchPrices } from '../../src/pricing/exotic/one-touch.ts';
import { batchOf, type OptionTerms } from './options.ts';

/** A uniform-ish double that is a number. */
export const between = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true });
/** A batch of one. */
export const one = (x: number): Float64Array => Float64Array.of(x);

/** Terms of an option, with strike and levels in standard deviations from the spot; without q it is r. */
type Drawn = {
  readonly sign: number;
  readonly spot: number;
  readonly t: number;
  readonly r: number;
  readonly q: number | undefined;
  readonly vol: number;
  readonly moneyness: number;
  readonly distance: number;
  readonly other: number;
  readonly up: boolean;
};

/** Options whose strike and levels lie within four standard deviations, with rates of both signs. */
export const drawn: fc.Arbitrary<Drawn> = fc.record({
  sign: fc.constantFrom(1, -1),
  spot: between(1, 1000),
  t: between(0.003, 5),
  r: between(-0.1, 0.15),
  q: fc.oneof(between(-0.1, 0.15), fc.constant(undefined)),
  vol: between(0.03, 2),
  moneyness: between(-4, 4),
  distance: between(0.001, 4),
  other: between(0.001, 4),
  up: fc.boolean(),
});

/** One draw, with levels on both sides of the spot. */
export type Case = {
  readonly option: Required<OptionTerms>;
  readonly direction: Direction;
  /** A level on the side of `direction`, and one on the other side. */
  readonly level: number;
  readonly opposite: number;
  /** The present values that a price is made of. */
  readonly scale: number;
};

/** Checks a property on many draws. */
export function check(property: (drawn: Case) => void, numRuns = 300): void {
  fc.assert(
    fc.property(drawn, ({ moneyness, distance, other, up, q, ...terms }) => {
      const { spot, t, vol, r } = terms;
      const at = (deviations: number): number => spot * Math.exp(deviations * vol * Math.sqrt(t));
      // No q: r = q exactly.
      const option = { ...terms, q: q ?? r, strike: at(moneyness) };
      const side = up ? 1 : -1;
      const growth = Math.max(1, Math.exp(-r * t), Math.exp(-option.q * t));
      const [level, opposite] = [at(side * distance), at(-side * other)];
      // The mirror images of the levels are levels of lookbacks.
      const mirrored = spot ** 2 / level;
      const scale = growth * (spot + option.strike + level + opposite + mirrored);
      property({ option, direction: up ? 'up' : 'down', level, opposite, scale });
    }),
    { numRuns },
  );
}

/** The distance in spot over which a price bends: a deviation, or less where a strong drift makes (H/S)^(2 mu) steep. */
export function bendOf({ spot, t, r, q, vol }: Required<OptionTerms>): number {
  const mu = (r - q) / vol ** 2 - 0.5;
  return spot * Math.min(1, vol * Math.sqrt(t), 1 / (1 + 2 * Math.abs(mu)));
}

/** Black-Scholes-Merton price. */
export const european = (option: OptionTerms): number => blackScholesPrices(batchOf(option))[0]!;
/** Price and delta of a single-barrier option. */
export const barrier = (
  option: OptionTerms,
  direction: Direction,
  knock: Knock,
  level: number,
  rebate = 0,
): [number, number] => {
  const { price, delta } = barrierPrices({
    direction: [direction],
    knock: [knock],
    option: batchOf(option),
    barrier: one(level),
    rebate: one(rebate),
  });
  return [price[0]!, delta[0]!];
};
/** Price and delta of a double-barrier option. */
export const corridor = (
  option: OptionTerms,
  knock: Knock,
  lower: number,
  upper: number,
): [number, number] => {
  const { price, delta } = doubleBarrierPrices({
    knock: [knock],
    option: batchOf(option),
    lower: one(lower),
    upper: one(upper),
  });
  return [price[0]!, delta[0]!];
};
/** Price and delta of a one-touch option on one unit of cash. */
export const touch = (
  option: OptionTerms,
  direction: Direction,
  payment: 'hit' | 'expiry',
  level: number,
): [number, number] => {
  const { price, delta } = oneTouchPrices({
    ...batchOf(option),
    direction: [direction],
    payment: [payment],
    barrier: one(level),
    cash: one(1),
  });
  return [price[0]!, delta[0]!];
};
/** Price and delta of a lookback option. */
export const lookback = (option: OptionTerms, kind: LookbackKind, extreme: number): [number, number] => {
  const { price, delta } = lookbackPrices({ ...batchOf(option), kind: [kind], currentExtreme: one(extreme) });
  return [price[0]!, delta[0]!];
};
/** Price of a digital option, on one unit of cash or asset. */
export const digital = (option: OptionTerms, kind: DigitalKind): number =>
  digitalGreeks({ kind: [kind], cash: one(1), option: batchOf(option) }).price[0]!;
