import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addEigenSeries, addImageSeries } from '../../src/pricing/exotic/double-barrier-series.ts';
import { totalTermsAt } from '../../src/pricing/exotic/reflected-payoff.ts';
import {
  barrier,
  bendOf,
  between,
  check,
  corridor,
  digital,
  drawn,
  european,
  touch,
} from '../support/exotic.ts';
import { batchOf } from '../support/options.ts';

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
