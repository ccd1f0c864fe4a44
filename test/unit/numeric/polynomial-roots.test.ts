import { describe, expect, it } from 'vitest';
import { RangeError } from '../../../src/base/errors.ts';
import { goldenMinimum } from '../../../src/numeric/golden-section.ts';
import {
  polynomialAt,
  polynomialProduct,
  polynomialSum,
  signChanges,
} from '../../../src/numeric/polynomial-roots.ts';

/** The monic polynomial with these roots. */
const withRoots = (...roots: readonly number[]): number[] =>
  roots.reduce<number[]>((p, root) => polynomialProduct(p, [-root, 1]), [1]);

describe('sign changes of a polynomial', () => {
  it('are its simple roots, ascending', () => {
    const roots = [-3, -1.5, -0.1, 0.2, 0.21, 1, 4, 7.5];
    signChanges(withRoots(...roots), -5, 10).forEach((root, i) => {
      expect(Math.abs(root - roots[i]!), `root ${i}`).toBeLessThan(1e-9);
    });
    expect(signChanges(withRoots(...roots), -5, 10)).toHaveLength(roots.length);
    expect(signChanges(withRoots(...roots), 0, 2)).toHaveLength(3);
  });

  it('leave out what only touches zero, and keep odd multiplicities', () => {
    expect(signChanges(polynomialProduct(withRoots(2, 2), [1]), -5, 5)).toEqual([]);
    const [root, ...others] = signChanges(withRoots(1, 1, 1), -5, 5);
    expect(root).toBeCloseTo(1, 4);
    expect(others).toEqual([]);
    expect(signChanges([1, 0, 1], -10, 10)).toEqual([]);
  });

  it('take constants, zero leading coefficients and degenerate intervals', () => {
    expect(signChanges([], 0, 1)).toEqual([]);
    expect(signChanges([0], 0, 1)).toEqual([]);
    expect(signChanges([3], 0, 1)).toEqual([]);
    expect(signChanges([-1, 2, 0, 0], 0, 1)).toEqual([0.5]);
    expect(signChanges([-1, 2], 0.5, 0.5)).toEqual([]);
  });

  it('find roots of very different sizes', () => {
    const found = signChanges(withRoots(1e-8, 1e-3, 1, 100), 0, 1000);
    [1e-8, 1e-3, 1, 100].forEach((root, i) => {
      expect(Math.abs(found[i]! / root - 1)).toBeLessThan(1e-12);
    });
  });

  it('refuse what is not finite', () => {
    expect(() => signChanges([1, Number.NaN], 0, 1)).toThrow(RangeError);
    expect(() => signChanges([1, 1], 1, 0)).toThrow(RangeError);
    expect(() => signChanges([1, 1], 0, Number.POSITIVE_INFINITY)).toThrow(RangeError);
  });

  it('arithmetic', () => {
    expect(polynomialProduct([1, 2], [3, 0, 1])).toEqual([3, 6, 1, 2]);
    expect(polynomialSum([1, 2], 2, [1, 1, 1])).toEqual([3, 5, 1]);
    expect(polynomialAt([3, 6, 1, 2], 2)).toBe(35);
  });
});

describe('golden section', () => {
  it('finds the minimum to eight digits of the distance', () => {
    expect(Math.abs(goldenMinimum((x) => (x - 0.3) ** 2, -1, 2) - 0.3)).toBeLessThan(3e-8);
    expect(Math.abs(goldenMinimum((x) => Math.abs(x), -1, 2))).toBeLessThan(3e-8);
    expect(Math.abs(goldenMinimum((x) => x, 0, 1))).toBeLessThan(3e-8);
  });
});
