import { describe, expect, it } from 'vitest';
import { RangeError } from '../../../src/base/errors.ts';
import { gaussLegendre } from '../../../src/numeric/gauss-legendre.ts';

describe('gaussLegendre', () => {
  it.each([1, 2, 3, 8, 20, 64, 401])('%i points integrate every power up to 2 points - 1', (points) => {
    const { nodes, weights } = gaussLegendre(points);
    for (const power of [0, 1, points, 2 * points - 1]) {
      const sum = nodes.reduce((total, x, i) => total + weights[i]! * x ** power, 0);
      expect(Math.abs(sum * (power + 1) - 1), `x^${power}`).toBeLessThan(1e-13);
    }
  });

  it('nodes ascend inside (0, 1) and mirror each other', () => {
    const { nodes, weights } = gaussLegendre(9);
    for (let i = 0; i < 9; i++) {
      expect(nodes[i]).toBeGreaterThan(i === 0 ? 0 : nodes[i - 1]!);
      expect(nodes[i]! + nodes[8 - i]!).toBeCloseTo(1, 15);
      expect(weights[i]).toBe(weights[8 - i]);
    }
    expect(nodes[4]).toBeCloseTo(0.5, 15);
  });

  it('does not integrate the next even power', () => {
    const { nodes, weights } = gaussLegendre(3);
    const sum = nodes.reduce((total, x, i) => total + weights[i]! * x ** 6, 0);
    expect(Math.abs(sum * 7 - 1)).toBeGreaterThan(1e-4);
  });

  it.each([0, -1, 2.5, 2001, Number.NaN])('refuses %d points', (points) => {
    expect(() => gaussLegendre(points)).toThrow(RangeError);
  });
});
