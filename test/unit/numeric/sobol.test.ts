import { describe, expect, it } from 'vitest';
import { RangeError } from '../../../src/base/errors.ts';
import { primitivePolynomials } from '../../../src/numeric/primitive-polynomials.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';
import { fillSobol, SOBOL_DIMENSIONS, scrambleSobol, sobolNet } from '../../../src/numeric/sobol.ts';
import { generatorRows, qualityOfPair, rankOf } from '../../support/nets.ts';

describe('primitive polynomials', () => {
  it('are as many as phi(2^n - 1) / n', () => {
    expect(Array.from({ length: 13 }, (_, i) => primitivePolynomials(i + 1).length)).toEqual([
      1, 1, 2, 2, 6, 6, 18, 16, 48, 60, 176, 144, 630,
    ]);
  });

  it('start as tabulated', () => {
    expect(primitivePolynomials(4)).toEqual([0b10011, 0b11001]);
    expect(primitivePolynomials(5)).toEqual([37, 41, 47, 55, 59, 61]);
  });
});

describe('Sobol points', () => {
  const net = sobolNet(SOBOL_DIMENSIONS);
  const pointsOf = (dimension: number, first: number, count: number, of = net): Uint32Array => {
    const out = new Uint32Array(count);
    fillSobol(of, dimension - 1, first, out);
    return out;
  };

  // Points 1, 2, 5, 33 and 63 in Gray code order of scipy 1.17 (scipy.stats.qmc.Sobol, unscrambled), which reads
  // the published file new-joe-kuo-6.21201; first and last dimensions of several degrees.
  it.each([
    [1, [2147483648, 3221225472, 3758096384, 2348810240, 67108864]],
    [2, [2147483648, 1073741824, 3758096384, 3288334336, 3422552064]],
    [3, [2147483648, 1073741824, 536870912, 872415232, 1543503872]],
    [10, [2147483648, 3221225472, 536870912, 2348810240, 2483027968]],
    [37, [2147483648, 1073741824, 536870912, 1140850688, 3690987520]],
    [102, [2147483648, 1073741824, 1610612736, 3154116608, 335544320]],
    [501, [2147483648, 1073741824, 3758096384, 1275068416, 2751463424]],
    [1000, [2147483648, 3221225472, 2684354560, 2483027968, 201326592]],
    [1111, [2147483648, 3221225472, 1610612736, 469762048, 67108864]],
  ])('dimension %i agrees with the published sequence', (dimension, expected) => {
    const points = pointsOf(dimension, 0, 64);
    expect([1, 2, 5, 33, 63].map((i) => points[i ^ (i >> 1)])).toEqual(expected);
  });

  it('every dimension is a (0, 1)-sequence: 2^m points lie in 2^m different intervals', () => {
    for (const m of [5, 10, 13]) {
      for (let dimension = 1; dimension <= SOBOL_DIMENSIONS; dimension += 37) {
        const intervals = new Set(Array.from(pointsOf(dimension, 2 ** m * 3, 2 ** m), (x) => x >>> (32 - m)));
        expect(intervals.size, `dimension ${dimension}`).toBe(2 ** m);
      }
    }
  });

  it('has property A up to dimension 32: the first digits of 2^d points are all different', () => {
    for (let d = 1; d <= 32; d++) {
      const mask = d === 32 ? 2 ** 32 - 1 : 2 ** d - 1;
      const rows = Array.from({ length: d }, (_, j) => (generatorRows(net, j, 1)[0]! & mask) >>> 0);
      expect(rankOf(rows), `d = ${d}`).toBe(d);
    }
  });

  it('projections on two of the first 20 dimensions have t of at most 5 for 2^10 points, scrambled or not', () => {
    const scrambled = scrambleSobol(sobolNet(20), new SeededRandom(7));
    let worst = 0;
    for (let a = 0; a < 20; a++) {
      for (let b = a + 1; b < 20; b++) {
        const t = qualityOfPair(net, a, b, 10);
        worst = Math.max(worst, t);
        expect(qualityOfPair(scrambled, a, b, 10)).toBe(t);
      }
    }
    expect(worst).toBe(5);
    expect(qualityOfPair(net, 0, 1, 10)).toBe(0);
  });

  it('any run of points is the same, wherever it starts', () => {
    const whole = pointsOf(6, 0, 3000);
    for (const [first, count] of [
      [1, 1],
      [77, 537],
      [1024, 1024],
      [1023, 1500],
    ] as const) {
      expect(pointsOf(6, first, count)).toEqual(whole.subarray(first, first + count));
    }
    const last = pointsOf(2, 2 ** 32 - 3, 3);
    expect(last).toHaveLength(3);
    expect(pointsOf(2, 2 ** 32 - 1, 1)[0]).toBe(last[2]);
  });

  it('refuses dimensions and points that it does not have', () => {
    expect(() => sobolNet(1112)).toThrow(/1 to 1111 dimensions.*found 1112/);
    expect(() => sobolNet(0)).toThrow(RangeError);
    expect(() => pointsOf(1112, 0, 1)).toThrow(/from 0 to 1110, found 1111/);
    expect(() => pointsOf(1, 2 ** 32, 1)).toThrow(RangeError);
    expect(() => pointsOf(1, -1, 1)).toThrow(RangeError);
  });
});

describe('scrambled Sobol points', () => {
  it('are reproducible from a seed and independent between seeds', () => {
    const net = sobolNet(3);
    const points = (seed: number): Uint32Array => {
      const out = new Uint32Array(16);
      fillSobol(scrambleSobol(net, new SeededRandom(seed)), 2, 0, out);
      return out;
    };
    expect(points(1)).toEqual(points(1));
    expect(points(1)).not.toEqual(points(2));
  });

  it('make every point uniform: over 4000 scramblings, moments and a chi-square test of one point', () => {
    const net = sobolNet(5);
    const random = new SeededRandom(11);
    const bins = new Float64Array(16);
    const point = new Uint32Array(1);
    let sum = 0;
    const runs = 4000;
    for (let i = 0; i < runs; i++) {
      fillSobol(scrambleSobol(net, random), 4, 13, point);
      sum += point[0]! / 2 ** 32;
      bins[point[0]! >>> 28]!++;
    }
    expect(Math.abs(sum / runs - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / runs));
    const chiSquare = bins.reduce((total, n) => total + (n - runs / 16) ** 2 / (runs / 16), 0);
    // 99.99 % quantile with 15 degrees of freedom.
    expect(chiSquare).toBeLessThan(44.3);
  });

  it('integrate a smooth function of 8 variables without bias, with an error that falls like 1/n and not 1/sqrt(n)', () => {
    // prod (1 + (x_i - 1/2) / 2): its integral is 1 and its variance (1 + 1/48)^8 - 1.
    const net = sobolNet(8);
    const random = new SeededRandom(3);
    const rootMeanSquare = (points: number): number => {
      const scramblings = 32;
      let squares = 0;
      let mean = 0;
      for (let s = 0; s < scramblings; s++) {
        const scrambled = scrambleSobol(net, random);
        const product = new Float64Array(points).fill(1);
        const words = new Uint32Array(points);
        for (let d = 0; d < 8; d++) {
          fillSobol(scrambled, d, 0, words);
          for (let i = 0; i < points; i++) product[i]! *= 1 + ((words[i]! + 0.5) / 2 ** 32 - 0.5) / 2;
        }
        const error = product.reduce((sum, x) => sum + x, 0) / points - 1;
        squares += error * error;
        mean += error;
      }
      const rms = Math.sqrt(squares / scramblings);
      // Unbiased: the mean of the errors is within four of its own standard errors.
      expect(Math.abs(mean / scramblings)).toBeLessThan((4 * rms) / Math.sqrt(scramblings));
      return rms;
    };
    const coarse = rootMeanSquare(256);
    const fine = rootMeanSquare(4096);
    const pseudo = Math.sqrt(((1 + 1 / 48) ** 8 - 1) / 4096);
    // Measured: 9.6e-4 and 3.9e-5, a factor of 24 for 16 times the points; 6.6e-3 for 4096 pseudo-random points.
    expect(coarse / fine).toBeGreaterThan(16);
    expect(pseudo / fine).toBeGreaterThan(40);
  });
});
