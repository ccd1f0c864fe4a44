import { describe, expect, it } from 'vitest';
import type { Circuit } from '../../../../src/algebra/circuit.ts';
import { executePlain } from '../../../../src/algebra/execute.ts';
import { record } from '../../../../src/algebra/record.ts';
import { resultsOf } from '../../../../src/ckks/slots/blocks.ts';
import { planSlots } from '../../../../src/ckks/slots/plan.ts';
import { matrixOf } from '../../../../src/numeric/matrix.ts';
import { SeededRandom } from '../../../../src/numeric/seeded.ts';
import { SlotRunner } from '../../../support/slot-runner.ts';

const random = new SeededRandom(8);
const vector = (length: number) => Float64Array.from({ length }, () => random.between(-1, 1));
const spec = (length: number) => ({ x: { length, bound: 1 }, y: { length, bound: 1 } });
/** Every third element. */
const chosen = Float64Array.from({ length: 50 }, (_, i) => Number(i % 3 === 1));
const selection = matrixOf(
  7,
  50,
  Float64Array.from({ length: 350 }, (_, i) => Number(i % 50 === 3 + 6 * Math.floor(i / 50))),
);

/** 50 leaves gaps in a period of 64, 64 none, 5000 takes several blocks in the smaller rings. */
const CIRCUITS: readonly (readonly [name: string, circuit: Circuit<'x' | 'y', string>])[] = [
  ['dot', record((alg, { x, y }) => ({ z: alg.dot(x, y) }), spec(50))],
  ['dot of a whole period', record((alg, { x, y }) => ({ z: alg.dot(x, y) }), spec(64))],
  ['dot over blocks', record((alg, { x, y }) => ({ z: alg.scale(alg.dot(x, y), 1e-3) }), spec(5000))],
  ['sum', record((alg, { x, y }) => ({ z: alg.sum(alg.sub(x, y)) }), spec(50))],
  [
    'sum where gaps hold a number',
    record(
      (alg, { x, y }) => ({ z: alg.sum(alg.addPlain(alg.add(x, y), new Float64Array(50).fill(0.5))) }),
      spec(50),
    ),
  ],
  [
    'replicate',
    record((alg, { x, y }) => ({ z: alg.add(y, alg.replicate(alg.scale(alg.sum(x), 0.1), 50)) }), spec(50)),
  ],
  [
    'mask: a sum where gaps hold what a replicated value left there',
    record((alg, { x, y }) => {
      const mean = alg.replicate(alg.scale(alg.sum(x), 1 / 50), 50);
      const off = alg.sub(y, mean);
      return { z: alg.scale(alg.sum(alg.mul(off, off)), 1 / 50) };
    }, spec(50)),
  ],
  [
    'mask by public numbers',
    record((alg, { x, y }) => ({ z: alg.mulPlain(alg.add(x, y), chosen) }), spec(50)),
  ],
  [
    'select slots',
    record(
      (alg, { x, y }) => ({ z: alg.matVecPlain(selection, x), w: alg.matVecPlain(selection, alg.mul(x, y)) }),
      spec(50),
    ),
  ],
];

describe('vector operations on node-seal', () => {
  it.each(CIRCUITS)(
    '%s',
    async (_, circuit) => {
      for (const encryption of ['symmetric', 'public'] as const) {
        const plan = planSlots(circuit, { precision: 1e-5, encryption });
        using runner = await SlotRunner.create(plan.parameters);
        const { length } = circuit.inputs.x;
        const inputs = { x: vector(length), y: vector(length) };
        const found = await runner.run(plan.program, inputs, encryption);
        const exact: Readonly<Record<string, Float64Array>> = executePlain(circuit, inputs);
        for (const output of plan.program.outputs) {
          const values = resultsOf(output, found[output.name]!);
          const off = values.reduce(
            (most, value, i) => Math.max(most, Math.abs(value - exact[output.name]![i]!)),
            0,
          );
          expect(off, output.name).toBeLessThanOrEqual(plan.error[output.name]!.absolute);
          expect(plan.error[output.name]!.absolute).toBeLessThanOrEqual(1e-5);
        }
      }
    },
    60_000,
  );

  it('masks where gaps are unknown, and only there', () => {
    const products = (circuit: Circuit<'x' | 'y', string>) =>
      planSlots(circuit, { precision: 1e-4 }).program.plaintexts.filter(
        ({ values }) => typeof values !== 'number' && values.every((value) => value === 0 || value === 1),
      ).length;
    const byName = new Map(CIRCUITS);
    const masked = 'mask: a sum where gaps hold what a replicated value left there';
    expect(CIRCUITS.filter(([name]) => name === masked)).toHaveLength(1);
    expect(products(byName.get(masked)!)).toBe(1);
    expect(products(byName.get('sum where gaps hold a number')!)).toBe(0);
    expect(products(byName.get('dot')!)).toBe(0);
  });
});
