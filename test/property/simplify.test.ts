import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { magnitudeOf } from '../../src/algebra/bounds.ts';
import { type AnyCircuit, argumentsOf, type Circuit } from '../../src/algebra/circuit.ts';
import { type CircuitCost, costOf } from '../../src/algebra/cost.ts';
import { executePlain } from '../../src/algebra/execute.ts';
import { simplify } from '../../src/algebra/simplify.ts';
import { linearCircuits, orderedCircuits } from '../support/random-circuits.ts';

/** Rounding of every output: relative to the largest number that met on the way to it. */
function roundingOf(circuit: AnyCircuit): Record<string, number> {
  const largest: number[] = [];
  circuit.nodes.forEach((node, index) => {
    const own = Math.max(magnitudeOf(node.bound), node.bound.l1);
    largest[index] = argumentsOf(node).reduce((most, argument) => Math.max(most, largest[argument]!), own);
  });
  return Object.fromEntries(
    Object.entries(circuit.outputs).map(([name, index]) => [name, 1e-12 * largest[index]!]),
  );
}

function expectEqualValues(
  a: AnyCircuit,
  b: AnyCircuit,
  inputs: Readonly<Record<string, Float64Array>>,
): void {
  const [expected, found] = [executePlain(a, inputs), executePlain(b, inputs)];
  const slack = roundingOf(a);
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    expect(found[name]!.length).toBe(values.length);
    values.forEach((value, i) => {
      expect(Math.abs(found[name]![i]! - value), name).toBeLessThanOrEqual(slack[name]!);
    });
  }
}

/** No part of the cost grows; a secret product may turn into a public one. */
function expectNoDearer(simplified: CircuitCost, written: CircuitCost): void {
  expect(simplified.depth).toBeLessThanOrEqual(written.depth);
  expect(simplified.secretDepth).toBeLessThanOrEqual(written.secretDepth);
  expect(simplified.secretProducts).toBeLessThanOrEqual(written.secretProducts);
  expect(simplified.comparisons).toBeLessThanOrEqual(written.comparisons);
  expect(simplified.plainProducts + simplified.secretProducts).toBeLessThanOrEqual(
    written.plainProducts + written.secretProducts,
  );
}

/** Comparisons jump: only programs whose results are continuous can be compared within rounding. */
const continuous = (circuit: AnyCircuit): boolean =>
  circuit.nodes.every(({ op }) => op !== 'lessThan' && op !== 'select');

describe('a simplified linear circuit', () => {
  it('computes the same, at no more cost', () => {
    fc.assert(
      fc.property(linearCircuits(16), ({ circuit, written, inputs }) => {
        expectEqualValues(written, circuit, inputs);
        expectNoDearer(costOf(circuit), costOf(written));
      }),
      { numRuns: 1500 },
    );
  });
});

describe('a simplified circuit of any operation', () => {
  it('computes the same', () => {
    let compared = 0;
    fc.assert(
      fc.property(orderedCircuits(12), ({ circuit, written, inputs }) => {
        if (!continuous(written)) return;
        compared++;
        expectEqualValues(written, circuit, inputs);
      }),
      { numRuns: 2000 },
    );
    expect(compared).toBeGreaterThan(300);
  });

  it('costs no more, and does not change when it is simplified again', () => {
    let smaller = 0;
    fc.assert(
      fc.property(orderedCircuits(14), ({ circuit, written }) => {
        expectNoDearer(costOf(circuit), costOf(written));
        const again = simplify(circuit);
        expect(again.digest).toBe(circuit.digest);
        expect(again.nodes.map(({ op }) => op)).toEqual(circuit.nodes.map(({ op }) => op));
        expect(Object.keys(again.outputs)).toEqual(Object.keys(written.outputs));
        if (circuit.nodes.length < written.nodes.length) smaller++;
      }),
      { numRuns: 1500 },
    );
    expect(smaller).toBeGreaterThan(300);
  });

  it('has no node that nothing needs, no node twice, and constants only where they are shown or compared', () => {
    fc.assert(
      fc.property(orderedCircuits(14), ({ circuit }: { circuit: Circuit<string, string, 'ordered'> }) => {
        const used = new Set(Object.values(circuit.outputs));
        for (const node of circuit.nodes) for (const argument of argumentsOf(node)) used.add(argument);
        const ordered = new Set(['lessThan', 'select', 'max', 'kthSmallest', 'smallest', 'sort', 'matMul']);
        circuit.nodes.forEach((node, index) => {
          if (node.op !== 'input') expect(used.has(index), `${index}: ${node.op}`).toBe(true);
          for (const argument of argumentsOf(node)) {
            expect(argument).toBeLessThan(index);
            if (circuit.nodes[argument]!.op === 'constant') expect(ordered.has(node.op), node.op).toBe(true);
          }
        });
        const written = circuit.nodes.map(({ bound: _, ...operation }) => JSON.stringify(operation));
        expect(new Set(written).size).toBe(written.length);
      }),
      { numRuns: 600 },
    );
  });
});
