import { magnitudeOf } from '../../algebra/bounds.ts';
import { type AnyCircuit, argumentsOf, type CircuitNode } from '../../algebra/circuit.ts';
import type { FieldVector } from '../../kernels/field-vector.ts';
import { type Context, join, type Protocol, verify } from '../engine/protocol.ts';
import { toInteger } from '../field.ts';
import { kthSmallest, smallest, sort } from '../protocols/sort.ts';
import { evaluateSeries } from './chebyshev.ts';
import { cappedError, clampedRanges, liesWithin } from './clamped.ts';
import { type Fixed, FixedPoint, isWhole, largest } from './fixed.ts';

/** How reals are represented while a circuit runs. */
export type CircuitFormat = {
  /** Fraction bits of values between products. */
  readonly frac: number;
  /** Whether truncations round to the nearest instead of by chance. */
  readonly exact: boolean;
};

/**
 * A party's part of a circuit on shares. Nodes that wait for nothing of each other run in the same rounds. Products that are only added
 * up are rounded once, after the sum. In the end everything multiplied is verified; outputs carry at most `frac` fraction bits, so that they do
 * not show the digits of unrounded products.
 */
export function* runCircuit(
  context: Context,
  circuit: AnyCircuit,
  format: CircuitFormat,
  inputs: Readonly<Record<string, FieldVector>>,
): Protocol<Record<string, Fixed>> {
  const fixed = new FixedPoint(context, format.frac, format.exact);
  const lazy = lazyProducts(circuit);
  const shared = comparedTogether(circuit);
  const ranges = clampedRanges(circuit);
  const lastUse = lastUses(circuit);
  const values: (Fixed | undefined)[] = [];
  for (const layer of layersOf(circuit)) {
    const computed = yield* join(
      layer.map(function* (index): Protocol<Fixed> {
        const value = yield* runNode(fixed, circuit, index, values, ranges, inputs, lazy.has(index));
        const { bound } = circuit.nodes[index]!;
        const bounded = cappedError(fixed.within(value, magnitudeOf(bound)), ranges[index]!, bound);
        return shared.has(index) ? yield* fixed.round(bounded) : bounded;
      }),
    );
    layer.forEach((index, i) => {
      values[index] = computed[i]!;
    });
    for (const index of layer) {
      for (const argument of argumentsOf(circuit.nodes[index]!)) {
        if (lastUse[argument] === index) values[argument] = undefined;
      }
    }
  }
  const outputs = Object.entries(circuit.outputs);
  const rounded = yield* join(outputs.map(([, index]) => fixed.round(values[index]!)));
  yield* verify();
  return Object.fromEntries(outputs.map(([name], i) => [name, rounded[i]!]));
}

function* runNode(
  fixed: FixedPoint,
  circuit: AnyCircuit,
  index: number,
  values: readonly (Fixed | undefined)[],
  ranges: ReturnType<typeof clampedRanges>,
  inputs: Readonly<Record<string, FieldVector>>,
  lazy: boolean,
): Protocol<Fixed> {
  const node: CircuitNode = circuit.nodes[index]!;
  const { k127 } = fixed.context;
  const at = (argument: number): Fixed => values[argument]!;
  const magnitude = magnitudeOf(node.bound);
  switch (node.op) {
    case 'input':
      return fixed.of(
        inputs[node.name]!,
        fixed.frac,
        circuit.inputs[node.name]!.bound,
        2 ** -(fixed.frac + 1),
      );
    case 'constant': {
      const integers = Array.from(node.plain, (value) => toInteger(value, fixed.frac));
      const v = fixed.context.constant(integers, 2);
      return fixed.of(v, fixed.frac, largest(node.plain), 2 ** -(fixed.frac + 1));
    }
    case 'add':
      return fixed.add(at(node.args[0]), at(node.args[1]));
    case 'sub':
      return fixed.sub(at(node.args[0]), at(node.args[1]));
    case 'within': {
      const { low, high } = circuit.nodes[node.args[0]]!.bound;
      // Guaranteed by owners together, which some of them may break: masks are sized by it.
      const implied = low >= node.low && high <= node.high;
      if (implied || fixed.context.security === 'semiHonest') return at(node.args[0]);
      return yield* fixed.clamp(yield* fixed.round(at(node.args[0])), node.low, node.high);
    }
    case 'scale': {
      const a = at(node.args[0]);
      return fixed.scale(isWhole(node.factor) ? a : yield* fixed.round(a), node.factor);
    }
    case 'addPlain':
      return fixed.addPlain(at(node.args[0]), node.plain);
    case 'mulPlain': {
      const a = at(node.args[0]);
      return fixed.mulPlain(node.plain.every(isWhole) ? a : yield* fixed.round(a), node.plain);
    }
    case 'sum':
      return fixed.sum(at(node.args[0]));
    case 'replicate': {
      const a = at(node.args[0]);
      return { ...a, v: k127.gather(a.v, new Uint32Array(node.length)) };
    }
    case 'matVecPlain': {
      const a = yield* fixed.round(at(node.args[0]));
      return fixed.matVec(node.matrix, a, circuit.nodes[node.args[0]]!.bound.l1, magnitude);
    }
    case 'mul':
    case 'dot': {
      const rows = node.op === 'dot' ? 1 : node.length;
      const [a, b] = yield* fixed.side([fixed.round(at(node.args[0])), fixed.round(at(node.args[1]))]);
      if (lazy) return fixed.within(yield* fixed.product(a!, b!, rows), magnitude);
      return yield* fixed.multiply(a!, b!, rows, magnitude);
    }
    case 'matMul': {
      const [a, b] = yield* fixed.side([fixed.round(at(node.args[0])), fixed.round(at(node.args[1]))]);
      if (lazy) return fixed.within(yield* fixed.matrixProduct(a!, b!, node.rows), magnitude);
      return yield* fixed.multiplyMatrices(a!, b!, node.rows, magnitude);
    }
    case 'poly': {
      const inside = liesWithin(ranges[node.args[0]]!, node.series.domain, fixed.frac);
      return yield* evaluateSeries(fixed, node.series, at(node.args[0]), inside);
    }
    case 'lessThan': {
      const [a, b] = yield* fixed.side([fixed.round(at(node.args[0])), fixed.round(at(node.args[1]))]);
      return yield* fixed.lessThan(a!, b!);
    }
    case 'select': {
      const [bit, a, b] = yield* fixed.side(node.args.map((argument) => fixed.round(at(argument))));
      return yield* fixed.select(bit!, a!, b!);
    }
    case 'max': {
      const [a, b] = yield* fixed.side([fixed.round(at(node.args[0])), fixed.round(at(node.args[1]))]);
      return yield* fixed.select(yield* fixed.lessThan(a!, b!), b!, a!);
    }
    case 'sort': {
      const a = yield* fixed.round(at(node.args[0]));
      return { ...a, v: yield* sort(fixed.context, a.v, fixed.comparableBits(fixed.sub(a, a))) };
    }
    case 'kthSmallest':
    case 'smallest': {
      const a = yield* fixed.round(at(node.args[0]));
      const find = node.op === 'smallest' ? smallest : kthSmallest;
      const v = yield* find(fixed.context, a.v, node.k, fixed.comparableBits(fixed.sub(a, a)));
      return { ...a, v };
    }
  }
}

/** Nodes by the longest chain of nodes before them. */
function layersOf(circuit: AnyCircuit): number[][] {
  const depth: number[] = [];
  const layers: number[][] = [];
  circuit.nodes.forEach((node, index) => {
    const at = 1 + argumentsOf(node).reduce((most, argument) => Math.max(most, depth[argument]!), -1);
    depth[index] = at;
    layers[at] = [...(layers[at] ?? []), index];
  });
  return layers;
}

/** The last node, in the order of layers, that reads a node; outputs are kept. */
function lastUses(circuit: AnyCircuit): number[] {
  const last: number[] = [];
  for (const index of layersOf(circuit).flat()) {
    for (const argument of argumentsOf(circuit.nodes[index]!)) last[argument] = index;
  }
  for (const output of Object.values(circuit.outputs)) last[output] = Infinity;
  return last;
}

const LINEAR: ReadonlySet<CircuitNode['op']> = new Set([
  'add',
  'sub',
  'sum',
  'addPlain',
  'within',
  'replicate',
]);

const COMPARING: ReadonlySet<CircuitNode['op']> = new Set([
  'lessThan',
  'max',
  'kthSmallest',
  'smallest',
  'sort',
]);

/**
 * Values that several nodes compare. They are rounded once: of two roundings, which fall by chance, an order statistic could be equal to no
 * element of the vector that it came from.
 */
function comparedTogether(circuit: AnyCircuit): ReadonlySet<number> {
  const readers = new Map<number, number>();
  for (const node of circuit.nodes) {
    if (!COMPARING.has(node.op)) continue;
    for (const argument of new Set(argumentsOf(node)))
      readers.set(argument, (readers.get(argument) ?? 0) + 1);
  }
  return new Set([...readers].flatMap(([index, count]) => (count > 1 ? [index] : [])));
}

/** Products whose every reader is a sum: they can wait for it to be rounded. */
function lazyProducts(circuit: AnyCircuit): ReadonlySet<number> {
  const readers: CircuitNode['op'][][] = circuit.nodes.map(() => []);
  for (const node of circuit.nodes)
    for (const argument of argumentsOf(node)) readers[argument]!.push(node.op);
  const outputs = new Set(Object.values(circuit.outputs));
  return new Set(
    circuit.nodes.flatMap((node, index) =>
      (node.op === 'mul' || node.op === 'dot' || node.op === 'matMul') &&
      !outputs.has(index) &&
      readers[index]!.length > 0 &&
      readers[index]!.every((op) => LINEAR.has(op))
        ? [index]
        : [],
    ),
  );
}
