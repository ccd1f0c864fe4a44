import { expect } from 'vitest';

/** Fails at the first element where two columns differ; NaN equals NaN, and -0 is not 0. */
export function expectSameBits(found: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  expect(found.length, what).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    if (!Object.is(found[i], expected[i])) {
      expect.fail(`${what}, element ${i}: expected ${expected[i]}, found ${found[i]}`);
    }
  }
}
