import { describe, expect, it } from 'vitest';
import { RangeError, ShapeError } from '../../../src/base/errors.ts';
import type { GridSurface, SviSurface } from '../../../src/domain/market.ts';
import { impliedVol } from '../../../src/pricing/surface.ts';

const flat = (t: number, a: number): SviSurface['slices'][number] => ({
  t,
  a,
  b: 0,
  rho: 0,
  m: 0,
  sigma: 0.1,
});
const svi: SviSurface = { model: 'svi', slices: [flat(0.5, 0.02), flat(1, 0.09)] };
const grid: GridSurface = {
  model: 'grid',
  t: [0.5, 1],
  k: [-0.1, 0, 0.2],
  vol: [
    [0.3, 0.2, 0.25],
    [0.32, 0.3, 0.31],
  ],
};

describe('implied vol of a surface', () => {
  it.each([
    ['at a slice', 0.5, 0.2],
    ['at the last slice', 1, 0.3],
    ['before the first: its vol', 0.1, 0.2],
    ['at t = 0', 0, 0.2],
    ['after the last: its vol', 3, 0.3],
    ['between: linear total variance', 0.75, Math.sqrt(0.055 / 0.75)],
  ])('svi %s', (_, t, vol) => {
    expect(impliedVol(svi, 0.1, t)).toBeCloseTo(vol, 15);
  });

  it.each([
    ['at a node', 0, 0.5, 0.2],
    ['between nodes of k: linear vol', 0.05, 0.5, 0.2125],
    ['left of the grid: flat', -1, 0.5, 0.3],
    ['right of the grid: flat', 1, 1, 0.31],
    ['between expiries: linear total variance', 0, 0.75, Math.sqrt((0.02 + 0.09) / 2 / 0.75)],
    ['before the first expiry: its vol', 0.2, 0.01, 0.25],
  ])('grid %s', (_, k, t, vol) => {
    expect(impliedVol(grid, k, t)).toBeCloseTo(vol, 15);
  });

  it('refuses negative variance, negative vol and bad arguments', () => {
    expect(() => impliedVol({ model: 'svi', slices: [flat(1, -0.01)] }, 0, 1)).toThrow(RangeError);
    expect(() => impliedVol({ ...grid, k: [0], vol: [[-0.2], [0.2]] }, 0, 0.5)).toThrow(RangeError);
    expect(() => impliedVol(svi, Number.NaN, 1)).toThrow(RangeError);
    expect(() => impliedVol(svi, 0, -1)).toThrow(RangeError);
  });

  it('refuses malformed surfaces', () => {
    expect(() => impliedVol({ model: 'svi', slices: [] }, 0, 1)).toThrow(ShapeError);
    expect(() => impliedVol({ model: 'svi', slices: [flat(1, 0.1), flat(1, 0.2)] }, 0, 1)).toThrow(
      ShapeError,
    );
    expect(() => impliedVol({ model: 'svi', slices: [flat(0, 0.1)] }, 0, 1)).toThrow(ShapeError);
    expect(() => impliedVol({ ...grid, vol: [[0.2], [0.2]] }, 0, 1)).toThrow(ShapeError);
    expect(() => impliedVol({ ...grid, k: [0, 0, 1] }, 0, 1)).toThrow(ShapeError);
  });
});
