import { describe, expect, it } from 'vitest';
import { RangeError } from '../../src/base/errors.ts';
import { impliedVol } from '../../src/pricing/surface.ts';
import { readVectors } from '../support/vectors.ts';

describe('svi_raw.csv', () => {
  it('implied vol within 1e-14 relative; negative total variance is refused', () => {
    const file = readVectors('svi_raw.csv');
    const [a, b, rho, m, sigma, k, t, variance, vol] = (
      ['a', 'b', 'rho', 'm', 'sigma', 'k', 't', 'total_variance', 'implied_vol'] as const
    ).map((name) => file.numbers(name)) as Float64Array[];
    for (let i = 0; i < file.rows; i++) {
      const surface = {
        model: 'svi' as const,
        slices: [{ t: t![i]!, a: a![i]!, b: b![i]!, rho: rho![i]!, m: m![i]!, sigma: sigma![i]! }],
      };
      if (variance![i]! < 0) expect(() => impliedVol(surface, k![i]!, t![i]!)).toThrow(RangeError);
      else {
        const error = Math.abs(impliedVol(surface, k![i]!, t![i]!) / vol![i]! - 1);
        // w is a difference of terms of this size.
        const cancellation = (Math.abs(a![i]!) + b![i]!) / variance![i]!;
        expect(error, `row ${i}`).toBeLessThanOrEqual(1e-15 * (1 + cancellation));
      }
    }
  });
});
