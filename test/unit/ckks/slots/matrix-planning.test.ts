import { describe, expect, it } from 'vitest';
import { record } from '../../../../src/algebra/record.ts';
import { alikeInBlocks, takesLevel } from '../../../../src/ckks/slots/block-shape.ts';
import { layoutOf } from '../../../../src/ckks/slots/layout.ts';
import { diagonalsOf } from '../../../../src/ckks/slots/matrix-diagonals.ts';
import { stepsOf } from '../../../../src/ckks/slots/matrix-steps.ts';
import { planSlots } from '../../../../src/ckks/slots/plan.ts';
import { probe } from '../../../../src/ckks/slots/probe.ts';
import { type Matrix, matrixOf } from '../../../../src/numeric/matrix.ts';
import { SeededRandom } from '../../../../src/numeric/seeded.ts';
import { encryptedBlackScholes } from '../../../../src/risk/pricing/encrypted-black-scholes.ts';

const random = new SeededRandom(3);
const numbers = (length: number) => Float64Array.from({ length }, () => random.between(-1, 1));
const matrix = (rows: number, cols: number): Matrix => matrixOf(rows, cols, numbers(rows * cols));
const spec = (length: number) => ({ length, bound: 1 });

describe('diagonals of a matrix', () => {
  it.each([
    ['wide', 12, 50, 64],
    ['tall', 50, 12, 64],
    ['in blocks', 100, 150, 64],
  ])('have the sizes of their entries, the same object each time: %s', (_, rows, cols, slots) => {
    const m = matrix(rows, cols);
    const periods = { rows: layoutOf(rows, slots).period, cols: layoutOf(cols, slots).period };
    for (const runs of ['own', 'any'] as const) {
      if (runs === 'any' && Math.max(rows, cols) > slots) continue;
      const steps = stepsOf({ ...periods, slots, runs, foldable: runs === 'any' });
      const { diagonal, largest } = diagonalsOf(m, slots, steps);
      let most = 0;
      for (let rowBlock = 0; rowBlock * slots < rows; rowBlock++)
        for (let colBlock = 0; colBlock * slots < cols; colBlock++)
          for (let turn = 0; turn < steps.runs.length; turn += steps.baby)
            for (let baby = 0; baby < steps.baby; baby++) {
              const found = diagonal(rowBlock, colBlock, turn, baby);
              const size = found === undefined ? 0 : Math.max(...found.make().map(Math.abs));
              expect(size).toBe(found?.bound.high ?? 0);
              most = Math.max(most, size);
              expect(diagonal(rowBlock, colBlock, turn, baby)).toBe(found);
            }
      expect(most).toBe(largest);
      expect(largest).toBe(Math.max(...m.data.map(Math.abs)));
    }
  });

  it('are not made by planning', () => {
    const m = matrix(100, 300);
    const circuit = record((alg, { x }) => ({ y: alg.matVecPlain(m, x) }), { x: spec(300) });
    let read = 0;
    const data = new Proxy(m.data, {
      get(of, key) {
        read++;
        return Reflect.get(of, key);
      },
    });
    const watched: Matrix = { ...m, data };
    const nodes = circuit.nodes.map((node) =>
      node.op === 'matVecPlain' ? { ...node, matrix: watched } : node,
    );
    const plan = planSlots({ ...circuit, nodes } as typeof circuit, { precision: 1e-4 });
    // Once for all rings that hold it in one block.
    expect(read).toBe(100 * 300);
    const made = plan.program.plaintexts.find((plaintext) => plaintext.made === true)!;
    expect(made.values).toBeInstanceOf(Float64Array);
    expect(read).toBeGreaterThan(100 * 300);
  });
});

describe('what is known of a circuit before it is cut into blocks', () => {
  const whole = 8192;
  const slots = [1024, 2048, 4096];
  const cubic = {
    coefficients: Float64Array.of(0.1, 0.5, 0, 0.2),
    domain: [-1, 1] as const,
    error: 0,
  };

  it.each([
    ['encrypted Black-Scholes', encryptedBlackScholes({ length: whole })],
    [
      'public operands',
      record(
        (alg, { x }) => ({ y: alg.addPlain(alg.mulPlain(alg.mul(x, x), numbers(5000)), numbers(5000)) }),
        {
          x: spec(5000),
        },
      ),
    ],
    ['a series', record((alg, { x }) => ({ y: alg.poly(cubic, x) }), { x: spec(6000) })],
  ])('is what a probe in blocks finds, where every block goes through the same: %s', (_, circuit) => {
    const { levels, headroomBits, switchesKeys, depths } = probe(circuit, whole, true);
    for (const each of slots) {
      expect(alikeInBlocks(circuit, each, whole)).toBe(true);
      const inBlocks = probe(circuit, each, true);
      expect({ ...inBlocks, headroomBits }).toEqual({ levels, headroomBits, switchesKeys, depths });
      expect(inBlocks.headroomBits).toBeLessThanOrEqual(headroomBits);
    }
  });

  it('is nothing where slots meet, or lengths differ', () => {
    const sums = record((alg, { x }) => ({ s: alg.sum(x) }), { x: spec(5000) });
    const both = record((alg, { x, z }) => ({ a: alg.mul(x, x), b: alg.mul(z, z) }), {
      x: spec(5000),
      z: spec(10),
    });
    // Three whole blocks leave no slot empty; one of 4096 does.
    const three = record((alg, { x }) => ({ y: alg.mul(x, x) }), { x: spec(3072) });
    expect(alikeInBlocks(sums, 1024, whole)).toBe(false);
    expect(alikeInBlocks(both, 1024, whole)).toBe(false);
    expect(alikeInBlocks(three, 1024, 4096)).toBe(false);
  });

  it('is that products of secrets and matrices take a level', () => {
    const m = matrix(4, 3);
    const takes = [
      record((alg, { x }) => ({ y: alg.mul(x, x) }), { x: spec(3) }),
      record((alg, { x }) => ({ y: alg.dot(x, x) }), { x: spec(3) }),
      record((alg, { x }) => ({ y: alg.matVecPlain(m, x) }), { x: spec(3) }),
    ];
    const free = record((alg, { x }) => ({ y: alg.sum(alg.scale(x, 3)) }), { x: spec(3) });
    for (const circuit of takes) {
      expect(takesLevel(circuit)).toBe(true);
      expect(probe(circuit, 1024, true).levels).toBeGreaterThan(0);
    }
    expect(takesLevel(free)).toBe(false);
    expect(probe(free, 1024, true).levels).toBe(0);
  });
});
