import { describe, expect, it } from 'vitest';
import { fillExp } from '../../../src/numeric/exp-fill.ts';
import { inverseNormalCdf } from '../../../src/numeric/inverse-normal.ts';
import { fillNormals } from '../../../src/numeric/normal-fill.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';

describe('fillNormals', () => {
  const random = new SeededRandom(1);
  // Every octave of the tail, the ends, the middle and the edges of cells.
  const words = Uint32Array.from({ length: 40_000 }, (_, i) => {
    if (i < 64) return i;
    if (i < 128) return 2 ** 32 - 1 - (i - 64);
    if (i < 192) return 2 ** 31 - 32 + (i - 128);
    if (i < 704) return (i & 1 ? 2 : 1) * 2 ** ((i - 192) % 31) + ((i >> 5) % 3) - 1;
    return random.u32() >>> random.integer(0, 31);
  });
  const normals = new Float64Array(words.length);
  fillNormals(words, normals);

  it('agrees with the inverse distribution function to 3e-15 in every octave', () => {
    let worst = 0;
    words.forEach((word, i) => {
      const expected = inverseNormalCdf((word + 0.5) / 2 ** 32);
      worst = Math.max(worst, Math.abs(normals[i]! - expected) / (1 + Math.abs(expected)));
    });
    // Not below 0, as NaN would be.
    expect(worst).toBeGreaterThan(0);
    expect(worst).toBeLessThan(3e-15);
  });

  it('is antisymmetric to the last bit', () => {
    const complements = new Float64Array(words.length);
    fillNormals(
      words.map((word) => ~word),
      complements,
    );
    expect(complements).toEqual(normals.map((x) => -x));
  });

  it('increases with the word', () => {
    const ascending = Uint32Array.from({ length: 10_000 }, (_, i) => i * 429_496);
    const out = new Float64Array(ascending.length);
    fillNormals(ascending, out);
    expect(out.every((x, i) => i === 0 || x > out[i - 1]!)).toBe(true);
  });
});

describe('fillExp', () => {
  it('is within 1 ulp of Math.exp, and saturates', () => {
    const x = Float64Array.from({ length: 50_000 }, (_, i) => -708 + i * 0.02834);
    const out = new Float64Array(x.length);
    fillExp(x, out, 0, x.length);
    const worst = x.reduce((most, value, i) => Math.max(most, Math.abs(out[i]! / Math.exp(value) - 1)), 0);
    expect(worst).toBeLessThan(4.5e-16);
    const extremes = Float64Array.of(-1e300, -800, -745, 0, 709.7, 1e300);
    fillExp(extremes, extremes, 0, 6);
    expect([...extremes.subarray(0, 4)]).toEqual([0, 0, 0, 1]);
    expect(extremes[4]! / Math.exp(709.7)).toBeCloseTo(1, 12);
    expect(extremes[5]).toBe(extremes[4]);
  });

  it('writes only its range', () => {
    const out = Float64Array.of(7, 7, 7);
    fillExp(Float64Array.of(0, 0, 0), out, 1, 2);
    expect([...out]).toEqual([7, 1, 7]);
  });
});
