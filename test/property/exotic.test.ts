import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blackScholesPrices } from '../../src/pricing/black-scholes.ts';
import {
  type AsianInputs,
  continuousGeometricAsianPrices,
  geometricAsianPrices,
  turnbullWakemanAsianPrices,
} from '../../src/pricing/exotic/asian.ts';
import { barrierPrices } from '../../src/pricing/exotic/barrier.ts';
import type { Direction, Knock } from '../../src/pricing/exotic/barrier-values.ts';
import { type DigitalKind, digitalGreeks } from '../../src/pricing/exotic/digital.ts';
import { doubleBarrierPrices } from '../../src/pricing/exotic/double-barrier.ts';
import { addEigenSeries, addImageSeries } from '../../src/pricing/exotic/double-barrier-series.ts';
import { type LookbackKind, lookbackPrices } from '../../src/pricing/exotic/lookback.ts';
import { oneTouchPrices } from '../../src/pricing/exotic/one-touch.ts';
import { totalTermsAt } from '../../src/pricing/exotic/reflected-payoff.ts';
import { batchOf, type OptionTerms } from '../support/options.ts';

const between = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const one = (x: number): Float64Array => Float64Array.of(x);

/** Options whose strike and levels lie within four standard deviations, with rates of both signs. */
const drawn = fc.record({
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
type Case = {
  readonly option: Required<OptionTerms>;
  readonly direction: Direction;
  /** A level on the side of `direction`, and one on the other side. */
  readonly level: number;
  readonly opposite: number;
  /** The present values that a price is made of. */
  readonly scale: number;
};
function check(property: (drawn: Case) => void, numRuns = 300): void {
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
function bendOf({ spot, t, r, q, vol }: Required<OptionTerms>): number {
  const mu = (r - q) / vol ** 2 - 0.5;
  return spot * Math.min(1, vol * Math.sqrt(t), 1 / (1 + 2 * Math.abs(mu)));
}

const european = (option: OptionTerms): number => blackScholesPrices(batchOf(option))[0]!;
const barrier = (
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
const corridor = (option: OptionTerms, knock: Knock, lower: number, upper: number): [number, number] => {
  const { price, delta } = doubleBarrierPrices({
    knock: [knock],
    option: batchOf(option),
    lower: one(lower),
    upper: one(upper),
  });
  return [price[0]!, delta[0]!];
};
const touch = (
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
const lookback = (option: OptionTerms, kind: LookbackKind, extreme: number): [number, number] => {
  const { price, delta } = lookbackPrices({ ...batchOf(option), kind: [kind], currentExtreme: one(extreme) });
  return [price[0]!, delta[0]!];
};
const digital = (option: OptionTerms, kind: DigitalKind): number =>
  digitalGreeks({ kind: [kind], cash: one(1), option: batchOf(option) }).price[0]!;

describe('single barriers', () => {
  it('in + out = European, for prices and deltas, without rebate', () => {
    check(({ option, direction, level, scale }) => {
      const [inPrice, inDelta] = barrier(option, direction, 'in', level);
      const [outPrice, outDelta] = barrier(option, direction, 'out', level);
      expect(Math.abs(inPrice + outPrice - european(option))).toBeLessThan(4e-15 * scale);
      const [, delta] = barrier(option, direction, 'in', option.spot);
      const deviation = option.vol * Math.sqrt(option.t);
      expect(Math.abs(inDelta + outDelta - delta)).toBeLessThan(
        (1e-14 * scale * (1 + 1 / deviation)) / option.spot,
      );
    });
  });

  it('lie between nothing and the European option, and a nearer barrier is nearer to it', () => {
    check(({ option, direction, level, scale }) => {
      const nearer = Math.sqrt(level * option.spot);
      const [far] = barrier(option, direction, 'in', level);
      const [near] = barrier(option, direction, 'in', nearer);
      expect(far).toBeGreaterThanOrEqual(0);
      expect(near).toBeGreaterThanOrEqual(far - 4e-15 * scale);
      expect(near).toBeLessThanOrEqual(european(option) + 4e-15 * scale);
    });
  });

  it('a rebate is a one-touch: at hit for out, at expiry without a hit for in', () => {
    check(({ option, direction, level, scale }) => {
      const discount = Math.exp(-option.r * option.t);
      const [out] = barrier(option, direction, 'out', level, 1);
      const [bare] = barrier(option, direction, 'out', level);
      const slack = 4e-15 * (scale + discount + 1);
      expect(Math.abs(out - bare - touch(option, direction, 'hit', level)[0])).toBeLessThan(slack);
      const [knockIn] = barrier(option, direction, 'in', level, 1);
      const [bareIn] = barrier(option, direction, 'in', level);
      const untouched = discount - touch(option, direction, 'expiry', level)[0];
      expect(Math.abs(knockIn - bareIn - untouched)).toBeLessThan(slack);
    });
  });

  it('delta is the derivative', () => {
    check(({ option, direction, level, scale }) => {
      const bend = bendOf(option);
      const step = 1e-4 * bend;
      // Not across the barrier, where the price has a corner.
      if (Math.abs(level - option.spot) < 10 * step) return;
      for (const knock of ['in', 'out'] as const) {
        const at = (spot: number): number =>
          barrier({ ...option, spot }, direction, knock, level, 0.1 * scale)[0];
        const difference = (at(option.spot + step) - at(option.spot - step)) / (2 * step);
        const [, delta] = barrier(option, direction, knock, level, 0.1 * scale);
        expect(Math.abs(delta - difference)).toBeLessThan((1e-7 * scale) / bend + (1e-15 * scale) / step);
      }
    });
  });
});

describe('double barriers', () => {
  it('in + out = European, out below both single knock-outs, worth nothing outside', () => {
    check(({ option, direction, level, opposite, scale }) => {
      const [lower, upper] = direction === 'up' ? [opposite, level] : [level, opposite];
      const [out] = corridor(option, 'out', lower, upper);
      const [knockIn] = corridor(option, 'in', lower, upper);
      expect(Math.abs(out + knockIn - european(option))).toBeLessThan(5e-15 * scale);
      expect(out).toBeGreaterThanOrEqual(0);
      expect(out).toBeLessThanOrEqual(barrier(option, 'up', 'out', upper)[0] + 5e-15 * scale);
      expect(out).toBeLessThanOrEqual(barrier(option, 'down', 'out', lower)[0] + 5e-15 * scale);
      expect(corridor({ ...option, spot: upper }, 'out', lower, upper)).toEqual([0, 0]);
    });
  });

  it('are single barriers where the other one is out of reach', () => {
    check(({ option, direction, level, scale }) => {
      const away =
        option.spot * Math.exp((direction === 'up' ? -1 : 1) * 60 * option.vol * Math.sqrt(option.t));
      const drift = Math.abs(option.r - option.q - 0.5 * option.vol ** 2) * Math.sqrt(option.t);
      // A strong drift reaches even that.
      if (away < 1e-90 || away > 1e90 || drift > 20 * option.vol) return;
      const [lower, upper] = direction === 'up' ? [away, level] : [level, away];
      const [price, delta] = corridor(option, 'out', lower, upper);
      const [single, singleDelta] = barrier(option, direction, 'out', level);
      expect(Math.abs(price - single)).toBeLessThan(5e-15 * scale);
      const deviation = option.vol * Math.sqrt(option.t);
      expect(Math.abs(delta - singleDelta)).toBeLessThan((1e-14 * scale * (1 + 1 / deviation)) / option.spot);
    });
  });

  it('both series agree where both converge', () => {
    fc.assert(
      fc.property(drawn, between(0.25, 0.8), between(0.01, 0.99), (terms, ratio, share) => {
        const { spot, t, vol, sign, moneyness } = terms;
        const deviation = vol * Math.sqrt(t);
        const width = deviation / ratio;
        const corridor = {
          lower: spot * Math.exp(-share * width),
          upper: spot * Math.exp((1 - share) * width),
        };
        // Drifts of at most one standard deviation.
        const [r, carry] = [terms.r, Math.sign(terms.r) * Math.min(Math.abs(terms.r) * t, deviation)];
        const strike = spot * Math.exp(0.3 * moneyness * deviation);
        const option = batchOf({ sign, spot, strike, t, r, q: r - carry / t, vol });
        const images = { value: 0, logDelta: 0 };
        const functions = { value: 0, logDelta: 0 };
        addImageSeries(images, totalTermsAt(option, 0), corridor, 1, true);
        addEigenSeries(functions, totalTermsAt(option, 0), corridor, 1);
        const scale = (spot + strike) * Math.exp(Math.abs(r) * t + Math.abs(carry));
        expect(Math.abs(images.value - functions.value)).toBeLessThan(1e-14 * scale);
        expect(Math.abs(images.logDelta - functions.logDelta)).toBeLessThan(
          1e-13 * scale * (1 + 1 / deviation),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('one-touch', () => {
  it('lies between digital and certainty; at hit is worth more than at expiry exactly when rates are positive', () => {
    check(({ option, direction, level }) => {
      const discount = Math.exp(-option.r * option.t);
      const [atExpiry] = touch(option, direction, 'expiry', level);
      const [atHit] = touch(option, direction, 'hit', level);
      const slack = 4e-15 * (1 + discount);
      // Ending beyond the barrier is one way of touching it.
      const beyond = digital({ ...option, strike: level, sign: direction === 'up' ? 1 : -1 }, 'cash');
      expect(atExpiry).toBeGreaterThanOrEqual(beyond - slack);
      expect(atExpiry).toBeLessThanOrEqual(discount + slack);
      if (option.r >= 0) expect(atHit).toBeGreaterThanOrEqual(atExpiry - slack);
      else expect(atHit).toBeLessThanOrEqual(atExpiry + slack);
      expect(atHit).toBeLessThanOrEqual(Math.max(1, discount) + slack);
    });
  });

  it('delta is the derivative, for complex exponents too', () => {
    check(({ option, direction, level }) => {
      const bend = bendOf(option);
      const step = 1e-4 * bend;
      if (Math.abs(level - option.spot) < 10 * step) return;
      for (const payment of ['hit', 'expiry'] as const) {
        const at = (spot: number): number => touch({ ...option, spot }, direction, payment, level)[0];
        const difference = (at(option.spot + step) - at(option.spot - step)) / (2 * step);
        const [, delta] = touch(option, direction, payment, level);
        const growth = Math.max(1, Math.exp(-option.r * option.t));
        expect(Math.abs(delta - difference)).toBeLessThan(growth * (1e-7 / bend + 4e-15 / step));
      }
    });
  });
});

describe('digitals', () => {
  it('asset - strike x cash is the European option; call + put is certain', () => {
    check(({ option, scale }) => {
      const value = option.sign * (digital(option, 'asset') - option.strike * digital(option, 'cash'));
      expect(Math.abs(value - european(option))).toBeLessThan(4e-15 * scale);
      const other = { ...option, sign: -option.sign };
      const discount = Math.exp(-option.r * option.t);
      expect(Math.abs(digital(option, 'cash') + digital(other, 'cash') - discount)).toBeLessThan(
        2e-15 * discount,
      );
    });
  });
});

describe('lookbacks', () => {
  /** The running extreme that an option looks at: `level` or its mirror image on the other side of the spot. */
  const extremeOf = (kind: LookbackKind, { option, level, direction }: Case): number => {
    const maximum = (kind === 'fixed') === option.sign > 0;
    return (direction === 'up') === maximum ? level : option.spot ** 2 / level;
  };

  it('floating + asset or cash = fixed struck at the extreme', () => {
    check((drawn) => {
      const { option, scale } = drawn;
      const M = extremeOf('floating', drawn);
      // max - S_T = (max - M)+ + M - S_T for the put, and its mirror image for the call.
      const [floating] = lookback(option, 'floating', M);
      const [fixed] = lookback({ ...option, sign: -option.sign, strike: M }, 'fixed', M);
      const forward = option.spot * Math.exp(-option.q * option.t) - M * Math.exp(-option.r * option.t);
      expect(Math.abs(floating - option.sign * forward - fixed)).toBeLessThan(
        1e-14 * (scale + M) * (1 + option.vol ** 2 * option.t),
      );
    });
  });

  it('are worth at least the European option at the extreme or strike, and more with a farther extreme', () => {
    check((drawn) => {
      const { option, scale } = drawn;
      const slack = 1e-14 * scale * (1 + option.vol ** 2 * option.t);
      const M = extremeOf('floating', drawn);
      expect(lookback(option, 'floating', M)[0]).toBeGreaterThanOrEqual(
        european({ ...option, strike: M }) - slack,
      );
      const N = extremeOf('fixed', drawn);
      const [fixed] = lookback(option, 'fixed', N);
      expect(fixed).toBeGreaterThanOrEqual(european(option) - slack);
      const [fresh] = lookback(option, 'fixed', option.spot);
      expect(fixed).toBeGreaterThanOrEqual(fresh - slack);
    });
  });

  it('do not notice a gap between r and q that is too small for digits', () => {
    check((drawn) => {
      const { option } = drawn;
      for (const kind of ['floating', 'fixed'] as const) {
        const at = (q: number): number[] => lookback({ ...option, r: 0, q }, kind, extremeOf(kind, drawn));
        expect(at(6e-323)).toEqual(at(0));
        expect(at(-2e-308)).toEqual(at(0));
      }
    }, 100);
  });

  it('move smoothly through r = q', () => {
    check((drawn) => {
      const { option, scale } = drawn;
      for (const kind of ['floating', 'fixed'] as const) {
        const at = (gap: number): number =>
          lookback({ ...option, q: option.r + gap }, kind, extremeOf(kind, drawn))[0];
        const deviation = 1 + option.vol ** 2 * option.t;
        // A second difference over 2e-6 is of the order 1e-12 t^2, and nothing else is left.
        const bend = Math.abs(at(1e-6) - 2 * at(0) + at(-1e-6));
        expect(bend).toBeLessThan(
          scale * (4e-12 * option.t * (1 + option.t / option.vol ** 2) + 4e-15) * deviation,
        );
      }
    });
  });

  it('delta is the derivative with the extreme so far unchanged', () => {
    check((drawn) => {
      const { option, scale } = drawn;
      const deviation = option.vol * Math.sqrt(option.t);
      const bend = bendOf(option);
      const step = 1e-4 * bend;
      for (const kind of ['floating', 'fixed'] as const) {
        const M = extremeOf(kind, drawn);
        if (Math.abs(M - option.spot) < 10 * step) continue;
        const at = (spot: number): number => lookback({ ...option, spot }, kind, M)[0];
        const difference = (at(option.spot + step) - at(option.spot - step)) / (2 * step);
        const [, delta] = lookback(option, kind, M);
        expect(Math.abs(delta - difference)).toBeLessThan(
          (1 + deviation ** 2) * ((3e-7 * scale) / bend + (1e-14 * scale) / step),
        );
      }
    });
  });
});

describe('Asians', () => {
  const checkFixings = (property: (inputs: AsianInputs, put: AsianInputs, scale: number) => void): void => {
    const times = fc.array(between(0, 3), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(drawn, times, (terms, fixings) => {
        const { spot, r, q, vol } = terms;
        const strike = spot * Math.exp(0.5 * terms.moneyness * vol);
        const option = { spot, strike, t: 1, r, q: q ?? r, vol };
        const fixingYears = [Float64Array.from(fixings).sort()];
        const scale = (spot + strike) * Math.exp(0.6);
        property(
          { ...batchOf(option), fixingYears },
          { ...batchOf({ ...option, sign: -1 }), fixingYears },
          scale,
        );
      }),
      { numRuns: 200 },
    );
  };

  it('call - put = discounted mean - strike, with the exact arithmetic mean', () => {
    checkFixings((call, put, scale) => {
      const fixings = call.fixingYears[0]!;
      const [r, q, T] = [call.rate[0]!, call.dividendYield[0]!, fixings.at(-1)!];
      const mean = fixings.reduce((sum, t) => sum + Math.exp((r - q) * t), 0) / fixings.length;
      const parity = Math.exp(-r * T) * (call.spot[0]! * mean - call.strike[0]!);
      const found = turnbullWakemanAsianPrices(call)[0]! - turnbullWakemanAsianPrices(put)[0]!;
      expect(Math.abs(found - parity)).toBeLessThan(4e-15 * scale);
    });
  });

  it('the geometric mean is not above the arithmetic one: its call - put is worth no more', () => {
    checkFixings((call, put, scale) => {
      const geometric = geometricAsianPrices(call)[0]! - geometricAsianPrices(put)[0]!;
      const arithmetic = turnbullWakemanAsianPrices(call)[0]! - turnbullWakemanAsianPrices(put)[0]!;
      expect(geometric).toBeLessThanOrEqual(arithmetic + 4e-15 * scale);
    });
  });

  it('many fixings tend to the continuous average', () => {
    check(({ option }) => {
      const count = 2000;
      const years = Float64Array.from({ length: count }, (_, i) => ((i + 0.5) * option.t) / count);
      // The midpoints, and a payment at expiry: the last fixing is half a step before it.
      const inputs = { ...batchOf(option), fixingYears: [years] };
      const discrete = geometricAsianPrices(inputs)[0]!;
      const continuous = continuousGeometricAsianPrices({ ...inputs, fixingYears: [one(option.t)] })[0]!;
      const late = Math.expm1((Math.abs(option.r) * option.t) / count);
      const scale = (option.spot + option.strike) * Math.exp(0.15 * option.t);
      expect(Math.abs(discrete - continuous)).toBeLessThan(scale * (2 * late + 2e-5 * (1 + option.vol)));
    }, 50);
  });
});
