import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { executePlain } from '../../src/algebra/index.ts';
import { planCircuit } from '../../src/mpc/circuit/plan-circuit.ts';
import type { Security } from '../../src/mpc/engine/protocol.ts';
import { runInProcess } from '../../src/mpc/run.ts';
import { closestComparison } from '../support/closest-comparison.ts';
import { orderedCircuits } from '../support/random-circuits.ts';

const cases: [parties: number, threshold: number, security: Security, exactTruncation: boolean][] = [
  [3, 1, 'malicious', false],
  [3, 1, 'semiHonest', false],
  [3, 1, 'semiHonest', true],
  [4, 1, 'malicious', false],
  [5, 2, 'semiHonest', false],
];

describe.each(cases)('n = %d, t = %d, %s, exact %s', (parties, threshold, security, exactTruncation) => {
  test('circuits give what they give in the clear, within the error and at the cost that was planned', async () => {
    await fc.assert(
      fc.asyncProperty(orderedCircuits(5), async (random) => {
        const { circuit, inputs } = random;
        const plan = await planCircuit(circuit, { parties, threshold, security, exactTruncation });
        const { outputs, cost, fieldProducts } = await runInProcess(plan, inputs);
        const { rounds, messages, bytesUp, bytesBetween, bytesDown } = plan;
        expect(cost).toEqual({ rounds, messages, bytesUp, bytesBetween, bytesDown });
        expect(fieldProducts).toBe(plan.fieldProducts);
        if (closestComparison(circuit, inputs) < 1e-4) return;
        const expected = executePlain(circuit, inputs);
        for (const [name, value] of Object.entries(expected)) {
          const { absolute } = plan.error[name]!;
          value.forEach((y, i) => {
            // The reference is in double precision itself.
            expect(Math.abs(outputs[name]![i]! - y)).toBeLessThanOrEqual(
              absolute + 1e-12 * (1 + Math.abs(y)),
            );
          });
        }
      }),
      { numRuns: 20 },
    );
  }, 60_000);
});
