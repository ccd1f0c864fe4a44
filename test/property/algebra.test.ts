import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { affineMapOf } from '../../src/algebra/affine.ts';
import { magnitudeOf } from '../../src/algebra/bounds.ts';
import { type AnyCircuit, argumentsOf } from '../../src/algebra/circuit.ts';
import { costOf } from '../../src/algebra/cost.ts';
import { executePlain } from '../../src/algebra/execute.ts';
import { matVec } from '../../src/numeric/matrix.ts';
import { linearCircuits, orderedCircuits } from '../support/random-circuits.ts';

/** Rounding of an element of a node: relative to the largest number that met in it or on the way to it. */
function roundingOf(circuit: AnyCircuit): readonly number[] {
  const largest: number[] = [];
  circuit.nodes.forEach((node, index) => {
    const own = Math.max(magnitudeOf(node.bound), node.bound.l1);
    largest[index] = argumentsOf(node).reduce((most, argument) => Math.max(most, largest[argument]!), own);
  });
  return largest.map((value) => 1e-13 * value);
}

/** Every element of every wire lies in its declared interval and 1-norm. */
function expectWithinBounds(circuit: AnyCircuit, outputs: Readonly<Record<string, Float64Array>>): void {
  const rounding = roundingOf(circuit);
  for (const [name, values] of Object.entries(outputs)) {
    const index = circuit.outputs[name]!;
    const { op, bound, length } = circuit.nodes[index]!;
    const slack = rounding[index]!;
    expect(values.length, `${name}: ${op}`).toBe(length);
    for (const value of values) {
      expect(value, `${name}: ${op}, low`).toBeGreaterThanOrEqual(bound.low - slack);
      expect(value, `${name}: ${op}, high`).toBeLessThanOrEqual(bound.high + slack);
    }
    const l1 = values.reduce((sum, value) => sum + Math.abs(value), 0);
    expect(l1, `${name}: ${op}, l1`).toBeLessThanOrEqual(bound.l1 + length * slack);
  }
}

describe('random linear programs', () => {
  it('equal their affine normal form', () => {
    fc.assert(
      fc.property(linearCircuits(), ({ circuit, inputs }) => {
        expect(costOf(circuit).linear).toBe(true);
        const map = affineMapOf(circuit);
        const x = new Float64Array(map.matrix.cols);
        for (const { name, offset } of map.inputs) x.set(inputs[name]!, offset);
        const y = matVec(map.matrix, x).map((value, i) => value + map.constant[i]!);
        const outputs = executePlain(circuit, inputs);
        expect(map.outputs.map(({ name }) => name)).toEqual(Object.keys(circuit.outputs));
        expect(map.outputs.reduce((sum, { length }) => sum + length, 0)).toBe(y.length);
        const rounding = roundingOf(circuit);
        for (const { name, offset, length } of map.outputs) {
          const slack = rounding[circuit.outputs[name]!]!;
          expect(outputs[name]!.length).toBe(length);
          outputs[name]!.forEach((value, i) => {
            expect(Math.abs(value - y[offset + i]!), name).toBeLessThanOrEqual(slack);
          });
        }
      }),
      { numRuns: 600 },
    );
  });

  it('stay within their bounds', () => {
    fc.assert(
      fc.property(linearCircuits(), ({ circuit, inputs }) => {
        expectWithinBounds(circuit, executePlain(circuit, inputs));
      }),
      { numRuns: 600 },
    );
  });
});

describe('random programs of any operation', () => {
  it('stay within their bounds', () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(orderedCircuits(), ({ circuit, written, inputs }) => {
        for (const { op } of written.nodes) met.add(op);
        expectWithinBounds(circuit, executePlain(circuit, inputs));
      }),
      { numRuns: 1000 },
    );
    // A generator that avoids an operation would prove nothing about it.
    expect(met.size).toBe(20);
  });
});
