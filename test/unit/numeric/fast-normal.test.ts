import { describe, expect, it } from 'vitest';
import { fastExp, fastExpm1, signedTail, unitStep, withinNormal } from '../../../src/numeric/fast-normal.ts';
import { normalCdf } from '../../../src/numeric/normal.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';

describe('fast exponential and normal distribution', () => {
  const random = new SeededRandom(11);

  it('fastExp is Math.exp within two units in the last place', () => {
    for (let i = 0; i < 2000; i++) {
      const x = random.between(-700, 700);
      expect(Math.abs(fastExp(x) / Math.exp(x) - 1), `x = ${x}`).toBeLessThan(5e-16);
    }
    expect(fastExp(0)).toBe(1);
    expect(fastExp(-800)).toBe(0);
  });

  it('fastExpm1 keeps its relative accuracy next to zero', () => {
    for (let i = 0; i < 2000; i++) {
      const x = random.pick([-1, 1]) * Math.exp(random.between(-40, 5));
      // The table's step is where it loses most: e^(ln 2/256) - 1 is 0.0027.
      expect(Math.abs(fastExpm1(x) / Math.expm1(x) - 1), `x = ${x}`).toBeLessThan(1e-13);
      if (Math.abs(x) < 2e-3) expect(Math.abs(fastExpm1(x) / Math.expm1(x) - 1)).toBeLessThan(5e-16);
    }
  });

  it('step and tail make the distribution function', () => {
    for (let i = 0; i < 2000; i++) {
      const x = random.between(-37, 37);
      const found = unitStep(x) + Math.exp(-0.5 * x * x) * signedTail(x);
      // The exponential of a rounded square is what limits the far tail.
      expect(Math.abs(found / normalCdf(x) - 1), `x = ${x}`).toBeLessThan(2e-13);
    }
    expect(withinNormal(50)).toBe(37);
    expect(withinNormal(-50)).toBe(-37);
    expect(withinNormal(1.5)).toBe(1.5);
  });
});
