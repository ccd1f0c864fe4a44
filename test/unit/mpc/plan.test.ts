import { describe, expect, test } from 'vitest';
import { type Circuit, record, recordOrdered } from '../../../src/algebra/index.ts';
import { planMpc } from '../../../src/mpc/plan.ts';
import { matrixOf } from '../../../src/numeric/matrix.ts';

const scheme = { parties: 3, threshold: 1 };
const codeOf = (code: string) => expect.objectContaining({ code });

function matrixCircuit(entry: number, bound = 1, l1 = 1): Circuit<'x', 'y'> {
  const matrix = matrixOf(2, 3, new Float64Array(6).fill(entry));
  return record((alg, { x }) => ({ y: alg.matVecPlain(matrix, x) }), { x: { length: 3, bound, l1 } });
}

describe('planMpc', () => {
  test('states what the session is', () => {
    const plan = planMpc(matrixCircuit(1), scheme);
    expect(plan).toMatchObject({
      field: 'M127',
      security: 'semiHonest',
      ...scheme,
      rounds: 2,
      messages: 6,
      endpoints: 5,
    });
  });

  test('an error near 2^-53 of the result, whatever the units', () => {
    for (const entry of [1e-9, 0.3, 1, 7e8]) {
      for (const l1 of [1e-6, 1, 3e9]) {
        const plan = planMpc(matrixCircuit(entry, l1, l1), scheme);
        expect(plan.error.y.known).toBe('proved');
        expect(plan.error.y.absolute / (entry * l1)).toBeLessThan(2 ** -50);
      }
    }
  });

  test('participants with different plans know it', () => {
    const digests = new Set([
      planMpc(matrixCircuit(1), scheme).digest,
      planMpc(matrixCircuit(2), scheme).digest,
      planMpc(matrixCircuit(1), { parties: 4, threshold: 1 }).digest,
      planMpc(matrixCircuit(1), { ...scheme, recipients: { y: ['someone else'] } }).digest,
      planMpc(matrixCircuit(1), { ...scheme, frameBytes: 100 }).digest,
    ]);
    expect(digests.size).toBe(5);
    expect(planMpc(matrixCircuit(1), scheme).digest).toBe(planMpc(matrixCircuit(1), scheme).digest);
  });

  test('refuses circuits that are not linear and says what is', () => {
    const inputs = { x: { length: 3, bound: 1 } };
    const product = record((alg, { x }) => ({ y: alg.mul(x, x) }), inputs);
    const ordered = recordOrdered((alg, { x }) => ({ y: alg.kthSmallest(x, 1) }), inputs);
    expect(() => planMpc(product, scheme)).toThrowError(/matVecPlain.*found mul/);
    expect(() => planMpc(ordered, scheme)).toThrowError(codeOf('unsupported'));
  });

  test('refuses a precision that the field does not have', () => {
    expect(() => planMpc(matrixCircuit(1), { ...scheme, precision: 1e-17 })).toThrowError(
      codeOf('precision'),
    );
    expect(planMpc(matrixCircuit(1), { ...scheme, precision: 1e-12 }).error.y.absolute).toBeLessThan(1e-12);
  });

  test('refuses what cannot be scaled into the field', () => {
    expect(() => planMpc(matrixCircuit(1, 1e300, 1e300), scheme)).toThrowError(codeOf('plan'));
    expect(() => planMpc(matrixCircuit(1e300), scheme)).toThrowError(codeOf('plan'));
  });

  test('refuses bad schemes, frames and audiences', () => {
    expect(() => planMpc(matrixCircuit(1), { parties: 4, threshold: 2 })).toThrowError(codeOf('parameters'));
    expect(() => planMpc(matrixCircuit(1), { ...scheme, frameBytes: 40 })).toThrowError(codeOf('plan'));
    expect(() => planMpc(matrixCircuit(1), { ...scheme, frameBytes: 2 ** 30 })).toThrowError(codeOf('plan'));
    expect(() => planMpc(matrixCircuit(1), { ...scheme, recipients: { y: [] } })).toThrowError(
      codeOf('plan'),
    );
    const asked = { ...scheme, security: 'malicious' as 'semiHonest' };
    expect(() => planMpc(matrixCircuit(1), asked)).toThrowError(codeOf('unsupported'));
  });
});
