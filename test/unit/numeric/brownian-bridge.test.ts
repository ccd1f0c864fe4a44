import { describe, expect, it } from 'vitest';
import { brownianBridge, buildBrownianPaths } from '../../../src/numeric/brownian-bridge.ts';

/** The matrix that takes normals to the path: its product with its transpose must be min(t_i, t_j). */
function pathMatrix(times: Float64Array): Float64Array[] {
  const bridge = brownianBridge(times);
  const n = times.length;
  return Array.from({ length: n }, (_, level) => {
    const normals = new Float64Array(n);
    normals[level] = 1;
    const path = new Float64Array(n);
    buildBrownianPaths(bridge, normals, { stride: 1, offset: 0, count: 1 }, path, 0);
    return path;
  });
}

describe('Brownian bridge', () => {
  it.each([
    [[1]],
    [[0.5, 2]],
    [[0, 0.25, 1]],
    [[0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4]],
    [Array.from({ length: 52 }, (_, i) => (i + 1) / 52)],
  ])('has the covariance of Brownian motion at %j', (list) => {
    const times = Float64Array.from(list);
    const columns = pathMatrix(times);
    for (let i = 0; i < times.length; i++) {
      for (let j = 0; j <= i; j++) {
        const covariance = columns.reduce((sum, column) => sum + column[i]! * column[j]!, 0);
        expect(Math.abs(covariance - times[j]!)).toBeLessThan(1e-14 * times[i]! + 1e-300);
      }
    }
  });

  it('decides the end first: the first normal carries most of the variance of the average', () => {
    const times = Float64Array.from({ length: 64 }, (_, i) => (i + 1) / 64);
    const weights = pathMatrix(times).map((column) => column.reduce((sum, x) => sum + x, 0) / 64);
    const variance = weights.reduce((sum, weight) => sum + weight * weight, 0);
    // 3/4 in continuous time, against 3/64 for the first of 64 increments.
    expect(weights[0]! ** 2 / variance).toBeGreaterThan(0.74);
  });

  it('builds many interleaved paths like one at a time', () => {
    const times = Float64Array.of(0.3, 0.7, 1.5);
    const bridge = brownianBridge(times);
    const normals = Float64Array.from({ length: 3 * 2 * 4 }, (_, i) => Math.sin(i + 1));
    const out = new Float64Array(2 * 3 * 4);
    for (const asset of [0, 1]) {
      buildBrownianPaths(bridge, normals, { stride: 2, offset: asset, count: 4 }, out, asset * 3);
    }
    for (const asset of [0, 1]) {
      for (let p = 0; p < 4; p++) {
        const single = Float64Array.from({ length: 3 }, (_, level) => normals[(level * 2 + asset) * 4 + p]!);
        const path = new Float64Array(3);
        buildBrownianPaths(bridge, single, { stride: 1, offset: 0, count: 1 }, path, 0);
        expect([0, 1, 2].map((step) => out[(asset * 3 + step) * 4 + p])).toEqual([...path]);
      }
    }
  });
});
