import { describe, expect, it } from 'vitest';
import { RangeError, ShapeError } from '../../../src/base/errors.ts';
import type { GridSurface, SviSurface } from '../../../src/domain/market.ts';
import { sviCalendarGap } from '../../../src/pricing/models/svi-calendar.ts';
import { impliedVol, volSurface } from '../../../src/pricing/surface.ts';
import { checkSurface } from '../../../src/pricing/surface-arbitrage.ts';

type Slice = SviSurface['slices'][number];
const slice = (t: number, change: Partial<Slice> = {}): Slice => ({
  t,
  a: 0.02 * t,
  b: 0.1 * Math.sqrt(t),
  rho: -0.4,
  m: 0.02,
  sigma: 0.2,
  ...change,
});
const svi: SviSurface = { model: 'svi', slices: [slice(0.25), slice(0.5), slice(1), slice(2)] };
const grid: GridSurface = {
  model: 'grid',
  t: [0.5, 1, 2],
  k: [-0.4, -0.2, 0, 0.2, 0.4],
  vol: [
    [0.3, 0.26, 0.23, 0.22, 0.22],
    [0.28, 0.25, 0.23, 0.22, 0.215],
    [0.27, 0.245, 0.23, 0.222, 0.218],
  ],
};

describe('checkSurface', () => {
  it('finds nothing in a good surface', () => {
    expect(checkSurface(svi)).toEqual({ butterfly: [] });
    expect(checkSurface(grid)).toEqual({ butterfly: [] });
  });

  it('accepts equal slices and nodes: no variance between two expiries', () => {
    const still = slice(1);
    expect(checkSurface({ model: 'svi', slices: [still, { ...still, t: 1.5 }] }).butterfly).toEqual([]);
    const [row] = grid.vol as [number[]];
    const held = row.map((vol) => vol * Math.sqrt(0.5));
    expect(checkSurface({ ...grid, t: [0.5, 1], vol: [row, held] }).butterfly).toEqual([]);
  });

  it.each([
    ['level', { a: 0.015 }],
    ['wings', { b: 0.05 }],
    ['only the right wing', { rho: -0.6 }],
    ['rotation', { rho: 0.9, b: 0.072 }],
  ])('refuses calendar arbitrage between SVI slices: %s', (_, change) => {
    const slices = [slice(0.25), slice(0.5), slice(1, { a: 0.02 }), slice(2, { a: 0.02, b: 0.1, ...change })];
    expect(() => checkSurface({ model: 'svi', slices })).toThrow(RangeError);
    expect(() => volSurface({ model: 'svi', slices })).toThrow(
      /from t = 1 to t = 2 at k = .*calendar arbitrage/,
    );
  });

  it('refuses slices that cross only between all their centres, by 1e-9', () => {
    const early: Slice = { t: 1, a: 0.04, b: 0.1, rho: 0, m: 0, sigma: 0.1 };
    // A rounder and higher smile that dips under the first near k = 0.3 only.
    const later = (a: number): Slice => ({ t: 2, a, b: 0.12, rho: 0, m: 0, sigma: 0.4 });
    const touching = (low: number, high: number): number => {
      for (let i = 0; i < 60; i++) {
        const middle = 0.5 * (low + high);
        if (sviCalendarGap(early, later(middle)).gap < 0) low = middle;
        else high = middle;
      }
      return high;
    };
    const a = touching(-0.05, 0.1);
    expect(checkSurface({ model: 'svi', slices: [early, later(a + 1e-12)] }).butterfly).toEqual([]);
    expect(() => checkSurface({ model: 'svi', slices: [early, later(a - 1e-9)] })).toThrow(RangeError);
    const { k, gap } = sviCalendarGap(early, later(a - 1e-9));
    expect(gap).toBeCloseTo(-1e-9, 12);
    expect(Math.abs(k)).toBeLessThan(2);
  });

  it('refuses calendar arbitrage at a node of a grid', () => {
    const vol = grid.vol.map((row, i) => row.map((value, j) => (i === 1 && j === 3 ? 0.15 : value)));
    expect(() => checkSurface({ ...grid, vol })).toThrow(/from t = 0.5 to t = 1 at k = 0.2/);
  });

  it('refuses negative total variance and negative vols', () => {
    const slices = [slice(0.25, { a: -0.03 })];
    expect(() => checkSurface({ model: 'svi', slices })).toThrow(/total variance of at least 0/);
    const negative = [[0.2, -0.2, 0.2, 0.2, 0.2], ...grid.vol.slice(1)];
    expect(() => checkSurface({ ...grid, vol: negative })).toThrow(/at k = -0.2, t = 0.5/);
    const missing = [[0.2, Number.NaN, 0.2, 0.2, 0.2], ...grid.vol.slice(1)];
    expect(() => checkSurface({ ...grid, vol: missing })).toThrow(RangeError);
  });

  it('reports butterfly arbitrage of a slice with its strikes', () => {
    const vogt = { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 };
    const { butterfly } = checkSurface({
      model: 'svi',
      slices: [{ t: 1, ...vogt }, slice(2, { a: 0.2, b: 0.2, rho: 0 })],
    });
    expect(butterfly).toHaveLength(1);
    expect(butterfly[0]).toMatchObject({ t: 1 });
    expect(butterfly[0]!.amount).toBeLessThan(0);
    expect(butterfly[0]!.from).toBeGreaterThan(0.5);
  });

  it('reports butterflies and spreads of negative price on a grid', () => {
    const bent = { ...grid, t: [0.5], vol: [[0.3, 0.26, 0.4, 0.22, 0.22]] };
    const [found, ...rest] = checkSurface(bent).butterfly;
    expect(found).toMatchObject({ t: 0.5, from: -0.2, to: 0.2, at: 0 });
    expect(found!.amount).toBeLessThan(0);
    expect(rest).toEqual([]);
    const rising = { ...grid, t: [0.5], vol: [[0.3, 0.3, 0.3, 0.3, 2.5]] };
    expect(checkSurface(rising).butterfly.at(-1)).toMatchObject({
      from: 0.2,
      to: Number.POSITIVE_INFINITY,
      at: 0.4,
    });
    const single = { ...grid, t: [0.5], k: [0], vol: [[0.2]] };
    expect(checkSurface(single).butterfly).toEqual([]);
  });

  it('refuses malformed surfaces', () => {
    expect(() => checkSurface({ model: 'svi', slices: [] })).toThrow(ShapeError);
    expect(() => checkSurface({ model: 'svi', slices: [slice(1), slice(1)] })).toThrow(ShapeError);
    expect(() => checkSurface({ model: 'svi', slices: [slice(1, { sigma: 0 })] })).toThrow(RangeError);
    expect(() => checkSurface({ ...grid, vol: [[0.2]] })).toThrow(ShapeError);
    expect(() => checkSurface({ ...grid, k: [0, 0, 1, 2, 3] })).toThrow(ShapeError);
    expect(() => checkSurface({ ...grid, t: [] })).toThrow(ShapeError);
  });
});

describe('volSurface', () => {
  const times = [0, 0.01, 0.25, 0.3, 0.5, 0.77, 1, 1.9, 2, 2.1, 30];
  const points = times.flatMap((t) =>
    [-1, -0.4, -0.21, 0, 1e-9, 0.2, 0.33, 0.4, 5].map((k) => [k, t] as const),
  );
  it.each([
    ['svi', svi],
    ['grid', grid],
  ] as const)('%s: the same doubles as impliedVol', (_, surface) => {
    const { impliedVols, report } = volSurface(surface);
    expect(report.butterfly).toEqual([]);
    const k = Float64Array.from(points, ([at]) => at);
    const vols = impliedVols(
      k,
      Float64Array.from(points, ([, t]) => t),
    );
    points.forEach(([at, t], i) => {
      expect(vols[i], `k = ${at}, t = ${t}`).toBe(impliedVol(surface, at, t));
    });
    const out = new Float64Array(k.length);
    expect(impliedVols(k, 0.77, out)).toBe(out);
    expect(out[3]).toBe(impliedVol(surface, 0, 0.77));
  });

  it('has total variance that rises between the slices as well', () => {
    const { impliedVols } = volSurface(svi);
    const k = Float64Array.from({ length: 61 }, (_, i) => (i - 30) / 10);
    let before = new Float64Array(61);
    for (let t = 0.02; t < 3; t += 0.02) {
      const now = impliedVols(k, t).map((vol) => vol * vol * t);
      now.forEach((w, i) => {
        expect(w).toBeGreaterThanOrEqual(before[i]! * (1 - 1e-14));
      });
      before = now;
    }
  });

  it('does not follow later changes of the surface', () => {
    const mutable = { ...grid, vol: grid.vol.map((row) => [...row]) };
    const { impliedVols } = volSurface(mutable);
    mutable.vol[0]![2] = 9;
    expect(impliedVols(Float64Array.of(0), 0.5)[0]).toBeCloseTo(0.23, 15);
  });

  it('refuses bad points, naming their index', () => {
    const { impliedVols } = volSurface(svi);
    expect(() => impliedVols(Float64Array.of(0, Number.NaN), 1)).toThrow(/point 1/);
    expect(() => impliedVols(Float64Array.of(0, 0), Float64Array.of(1, -1))).toThrow(/point 1/);
    expect(() => impliedVols(Float64Array.of(0, 0), Float64Array.of(1))).toThrow(ShapeError);
    expect(() => impliedVols(Float64Array.of(0, 0), 1, new Float64Array(1))).toThrow(ShapeError);
  });
});
