import { describe, expect, it } from 'vitest';
import { EXP2_FRACTIONS, LOG_CENTRES, POWERS_OF_TWO } from '../../../src/numeric/exp-log-tables.ts';
import { SIGNED_MILLS } from '../../../src/numeric/mills-table.ts';
import { normalCdf } from '../../../src/numeric/normal.ts';

describe('tables of exp and log', () => {
  it('hold powers of two', () => {
    expect(EXP2_FRACTIONS[0]).toBe(1);
    expect(EXP2_FRACTIONS[64]).toBe(Math.SQRT2);
    expect([POWERS_OF_TWO[125], POWERS_OF_TWO[1200], POWERS_OF_TWO[2223]]).toEqual([0, 1, 2 ** 1023]);
  });

  it('centre the interval on either side of 1 at 1, so that ln 1 is 0 and small logarithms keep their digits', () => {
    const centres = Array.from({ length: 128 }, (_, j) => LOG_CENTRES[3 * j]!);
    expect(centres.filter((centre) => centre === 1)).toHaveLength(2);
    expect(Math.min(...centres)).toBeGreaterThan(0.6875);
    expect(Math.max(...centres)).toBeLessThan(1.375);
  });
});

describe('Mills table', () => {
  const cdf = (x: number): number => {
    const v = 16 * x;
    const i = Math.floor(v) + 1024;
    const u = v - (i - 1023.5);
    let q = 0;
    for (let k = 7; k >= 0; k--) q = q * u + SIGNED_MILLS[8 * i + k]!;
    return (i >> 10) + Math.exp(-0.5 * x * x) * q;
  };

  it('gives the distribution function to 1e-15, and relative to itself in the left tail', () => {
    for (let x = -37; x <= 39; x += 0.0137) {
      const truth = normalCdf(x);
      expect(Math.abs(cdf(x) - truth), `x = ${x}`).toBeLessThanOrEqual((1 + 0.2 * x * x) * 1e-15 * truth);
    }
  });

  it('covers both ends of what the loops look up', () => {
    expect([cdf(-39), cdf(39)]).toEqual([0, 1]);
  });
});
