import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  continuousGeometricAsianPrices,
  geometricAsianPrices,
  turnbullWakemanAsianPrices,
} from '../../src/pricing/exotic/asian.ts';
import type { AsianInputs } from '../../src/pricing/exotic/asian-inputs.ts';
import type { LookbackKind } from '../../src/pricing/exotic/lookback.ts';
import { bendOf, between, type Case, check, drawn, european, lookback, one } from '../support/exotic.ts';
import { batchOf } from '../support/options.ts';

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
