import { describe, expect, it } from 'vitest';
import { executePlain } from '../../../src/algebra/execute.ts';
import { recordOrdered } from '../../../src/algebra/record.ts';
import { seriesFor } from '../../../src/algebra/series/library.ts';
import { planCircuit } from '../../../src/mpc/circuit/plan-circuit.ts';
import { runInProcess } from '../../../src/mpc/run.ts';

/** Squares what is clamped again and again: operation by operation, its error grows past every mask. */
function iterated(gain: number) {
  const exp = seriesFor('exp', [-1.1, 1.1], 1e-9);
  return recordOrdered(
    (alg, { x }) => {
      const ends = [-1, 1].map((end) => alg.constant(new Float64Array(4).fill(end)));
      const clamped = (value: typeof x) =>
        alg.scale(alg.max(alg.scale(alg.max(value, ends[0]!), -1), ends[0]!), -1);
      let y = clamped(alg.scale(x, gain));
      // Both ends are within reach: a clamp that bounds imply would be simplified away.
      const shift = alg.constant(new Float64Array(4).fill(1.25));
      for (let i = 0; i < 6; i++) y = clamped(alg.scale(alg.sub(alg.poly(exp, y), shift), 2));
      return { y };
    },
    { x: { length: 4, bound: 1 } },
  );
}

describe('values that comparisons clamp', () => {
  it.each([1, 2 ** 16, 2 ** 19])(
    'have no larger error than their ends allow, for a gain of %d',
    async (gain) => {
      const circuit = iterated(gain);
      const x = Float64Array.of(0.7 / gain, -0.2 / gain, 0.9, -1);
      for (const fractionBits of [28, 34]) {
        const plan = await planCircuit(circuit, {
          parties: 3,
          threshold: 1,
          security: 'semiHonest',
          fractionBits,
        });
        const { outputs } = await runInProcess(plan, { x });
        const expected = executePlain(circuit, { x });
        expect(plan.error.y.absolute).toBeLessThan(2.1);
        outputs.y.forEach((value, i) => {
          expect(Math.abs(value - expected.y[i]!)).toBeLessThanOrEqual(plan.error.y.absolute);
          expect(Math.abs(value)).toBeLessThanOrEqual(1 + 2 ** -20);
        });
      }
    },
    30_000,
  );

  it('have the error of their argument where that is small', async () => {
    const plan = await planCircuit(iterated(1), {
      parties: 3,
      threshold: 1,
      security: 'semiHonest',
      fractionBits: 34,
    });
    expect(plan.error.y.absolute).toBeLessThan(1e-3);
  });
});
