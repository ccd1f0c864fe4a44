import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Circuit } from '../../../../src/algebra/circuit.ts';
import { executePlain } from '../../../../src/algebra/execute.ts';
import { record } from '../../../../src/algebra/record.ts';
import { PlanError } from '../../../../src/base/errors.ts';
import type { Chain } from '../../../../src/ckks/slots/chain.ts';
import { lowerCircuit } from '../../../../src/ckks/slots/lower.ts';
import { rotationsOf, type SlotProgram } from '../../../../src/ckks/slots/program.ts';
import { matrixOf } from '../../../../src/numeric/matrix.ts';
import { sealPrimes } from '../../../../src/numeric/ntt-primes.ts';
import { SeededRandom } from '../../../../src/numeric/seeded.ts';
import { ARITHMETIC_OPS, arithmeticCircuits } from '../../../support/arithmetic-circuits.ts';
import { interpretSlots } from '../../../support/slot-interpreter.ts';

const chainOf = (slots: number, levels: number): Chain => ({
  slots,
  primes: sealPrimes(8192, [49, ...Array<number>(levels).fill(40)]),
  scaleBits: 40,
});
const count = ({ instructions }: SlotProgram, op: string): number =>
  instructions.filter((instruction) => instruction.op === op).length;
const random = (length: number, seed = 1): Float64Array => {
  const draw = new SeededRandom(seed);
  return Float64Array.from({ length }, () => draw.between(-1, 1));
};

function largestDifference(a: Float64Array, b: Float64Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe('lowerCircuit', () => {
  it('computes what the circuit computes, within the bounds that it states for every slot', () => {
    fc.assert(
      fc.property(
        arithmeticCircuits(8, 40, ARITHMETIC_OPS),
        fc.constantFrom(16, 64),
        ({ circuit, inputs }, slots) => {
          // Outputs that simplify to a constant are refused: they are public.
          fc.pre(Object.values(circuit.outputs).every((index) => circuit.nodes[index]!.op !== 'constant'));
          const chain = chainOf(slots, 20);
          const { program, bounds, nodeRegisters } = lowerCircuit(circuit, chain);
          const { outputs, registers } = interpretSlots(program, chain, inputs);
          const expected = executePlain(circuit, inputs);
          for (const [name, values] of Object.entries(outputs))
            expect(largestDifference(values, expected[name]!)).toBeLessThan(1e-11);
          registers.forEach((values, index) => {
            const { low, high } = bounds[index]!;
            const slack = 1e-12 * (1 + Math.abs(low) + Math.abs(high));
            expect(Math.min(...values)).toBeGreaterThanOrEqual(low - slack);
            expect(Math.max(...values)).toBeLessThanOrEqual(high + slack);
          });
          expect(nodeRegisters).toHaveLength(circuit.nodes.length);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('relinearises and rescales a sum of products once', () => {
    const spec = { length: 10, bound: 1 };
    const circuit = record(
      (alg, { a, b, c, d }) => ({ y: alg.sub(alg.add(alg.mul(a, b), alg.mul(c, d)), alg.mul(a, d)) }),
      { a: spec, b: spec, c: spec, d: spec },
    );
    const { program } = lowerCircuit(circuit, chainOf(16, 1));
    expect([count(program, 'multiply'), count(program, 'relinearise'), count(program, 'rescale')]).toEqual([
      3, 1, 1,
    ]);
  });

  it('spends no level on public numbers, signs, sums and repetition', () => {
    const circuit = record(
      (alg, { x }) => ({ y: alg.add(alg.scale(x, -0.3), alg.replicate(alg.scale(alg.sum(x), 0.1), 10)) }),
      { x: { length: 10, bound: 1 } },
    );
    const linear = record((alg, { x }) => ({ y: alg.scale(alg.sum(alg.scale(x, 0.25)), 3) }), {
      x: { length: 10, bound: 1 },
    });
    expect(lowerCircuit(linear, chainOf(16, 0)).program.outputs).toHaveLength(1);
    expect(lowerCircuit(circuit, chainOf(16, 1)).program.outputs).toHaveLength(1);
  });

  it('lets an input that is needed late enter late', () => {
    const spec = { length: 4, bound: 1 };
    const circuit = record(
      (alg, { x, w }) => {
        const square = alg.mul(x, x);
        return { y: alg.mul(w, alg.mul(square, square)) };
      },
      { x: spec, w: spec },
    );
    const { program } = lowerCircuit(circuit, chainOf(16, 3));
    expect(program.inputs.map(({ name, level }) => [name, level])).toEqual([
      ['x', 3],
      ['w', 1],
    ]);
    expect(count(program, 'mulPlain')).toBe(0);
  });

  it('multiplies by matrices of any shape with the rotations of its steps', () => {
    for (const [rows, cols, slots] of [
      [1, 1, 16],
      [5, 3, 16],
      [16, 16, 16],
      [3, 16, 16],
      [1, 16, 16],
      [16, 2, 16],
      [40, 7, 16],
      [7, 40, 16],
      [37, 53, 16],
      [10, 30, 64],
    ] as const) {
      const matrix = matrixOf(rows, cols, random(rows * cols));
      const x = random(cols, 2);
      const circuit = record((alg, { x }) => ({ y: alg.matVecPlain(matrix, x) }), {
        x: { length: cols, bound: 1 },
      });
      const chain = chainOf(slots, 1);
      for (const ownerFolds of [false, true]) {
        const { program } = lowerCircuit(circuit, chain, { ownerFolds });
        const { outputs } = interpretSlots(program, chain, { x });
        expect(largestDifference(outputs.y!, executePlain(circuit, { x }).y)).toBeLessThan(1e-12);
        if (ownerFolds) expect(rotationsOf(program).length).toBeLessThanOrEqual(2);
      }
    }
  });

  it('keeps a vector whole where more than matrices read it, or matrices of several heights', () => {
    const spec = { x: { length: 30, bound: 1 } };
    const [low, high] = [4, 13].map((rows) => matrixOf(rows, 30, random(30 * rows)));
    const circuits: readonly Circuit<'x', string>[] = [
      record((alg, { x }) => ({ y: alg.matVecPlain(low!, x), z: alg.sum(x) }), spec),
      record((alg, { x }) => ({ y: alg.matVecPlain(low!, x), z: alg.matVecPlain(high!, x) }), spec),
      record((alg, { x }) => ({ y: alg.matVecPlain(low!, alg.mul(x, x)) }), spec),
    ];
    const x = random(30, 2);
    const chain = chainOf(64, 2);
    for (const circuit of circuits) {
      const { program } = lowerCircuit(circuit, chain, { ownerFolds: true });
      expect(program.inputs[0]!.padding).toBe('repeat');
      const { outputs } = interpretSlots(program, chain, { x });
      const expected = executePlain(circuit, { x });
      for (const [name, values] of Object.entries(outputs))
        expect(largestDifference(values, expected[name]!)).toBeLessThan(1e-12);
    }
  });

  it('uses few rotations for a wide matrix, and two keys for a square one', () => {
    const product = (rows: number, cols: number, ownerFolds = false) => {
      const matrix = matrixOf(rows, cols, random(rows * cols));
      const circuit = record((alg, { x }) => ({ y: alg.matVecPlain(matrix, x) }), {
        x: { length: cols, bound: 1 },
      });
      return lowerCircuit(circuit, chainOf(1024, 1), { ownerFolds }).program;
    };
    // Four parts of 64 columns.
    const square = product(256, 256);
    expect([rotationsOf(square), count(square, 'rotate')]).toEqual([[1, 8, 256, 512], 7 + 7 + 2]);
    const full = product(1024, 1024);
    expect([rotationsOf(full), count(full, 'rotate')]).toEqual([[1, 32], 62]);
    const wide = product(16, 1024);
    expect(count(wide, 'rotate')).toBe(3 + 3 + 6);
    const own = product(16, 1024, true);
    expect([rotationsOf(own), count(own, 'rotate')]).toEqual([[1, 4], 3 + 3]);
  });

  it('refuses a circuit that is too deep, and values that are too large', () => {
    const spec = { x: { length: 4, bound: 1 } };
    const cube = record((alg, { x }) => ({ y: alg.mul(x, alg.mul(x, x)) }), spec);
    expect(() => lowerCircuit(cube, chainOf(16, 1))).toThrow(PlanError);
    expect(() => lowerCircuit(cube, chainOf(16, 1))).toThrow(/levels/);
    const none = record((alg, { x }) => ({ y: alg.scale(x, 0) }), spec);
    expect(() => lowerCircuit(none, chainOf(16, 1))).toThrow(/depends on no input/);
  });
});
