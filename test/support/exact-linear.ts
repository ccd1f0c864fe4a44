import type { AnyCircuit, CircuitNode } from '../../src/algebra/circuit.ts';

/** n 2^e, exactly. */
type Dyadic = { readonly n: bigint; readonly e: number };

const ZERO: Dyadic = { n: 0n, e: 0 };

function dyadicOf(x: number): Dyadic {
  if (x === 0) return ZERO;
  let e = 0;
  let m = x;
  while (!Number.isInteger(m)) {
    m *= 2;
    e--;
  }
  return { n: BigInt(m), e };
}

function add(a: Dyadic, b: Dyadic): Dyadic {
  const e = Math.min(a.e, b.e);
  return { n: (a.n << BigInt(a.e - e)) + (b.n << BigInt(b.e - e)), e };
}

const mul = (a: Dyadic, b: Dyadic): Dyadic => ({ n: a.n * b.n, e: a.e + b.e });

/** A linear circuit in exact rational arithmetic: the reference of proved error bounds. */
export function executeExact(
  circuit: AnyCircuit,
  inputs: Readonly<Record<string, Float64Array>>,
): Record<string, readonly Dyadic[]> {
  const values: Dyadic[][] = [];
  for (const node of circuit.nodes) values.push(step(node, values, inputs));
  return Object.fromEntries(Object.entries(circuit.outputs).map(([name, index]) => [name, values[index]!]));
}

function step(
  node: CircuitNode,
  values: readonly Dyadic[][],
  inputs: Readonly<Record<string, Float64Array>>,
): Dyadic[] {
  switch (node.op) {
    case 'input':
      return Array.from(inputs[node.name]!, dyadicOf);
    case 'constant':
      return Array.from(node.plain, dyadicOf);
    case 'within':
      return values[node.args[0]]!;
    case 'replicate':
      return Array.from({ length: node.length }, () => values[node.args[0]]![0]!);
    case 'add':
      return values[node.args[0]]!.map((x, i) => add(x, values[node.args[1]]![i]!));
    case 'sub':
      return values[node.args[0]]!.map((x, i) => add(x, mul(dyadicOf(-1), values[node.args[1]]![i]!)));
    case 'scale':
      return values[node.args[0]]!.map((x) => mul(x, dyadicOf(node.factor)));
    case 'mulPlain':
      return values[node.args[0]]!.map((x, i) => mul(x, dyadicOf(node.plain[i]!)));
    case 'addPlain':
      return values[node.args[0]]!.map((x, i) => add(x, dyadicOf(node.plain[i]!)));
    case 'sum':
      return [values[node.args[0]]!.reduce(add, ZERO)];
    case 'matVecPlain': {
      const { rows, cols, data } = node.matrix;
      return Array.from({ length: rows }, (_, r) =>
        values[node.args[0]]!.reduce((sum, x, c) => add(sum, mul(x, dyadicOf(data[r * cols + c]!))), ZERO),
      );
    }
    default:
      throw new Error(`not linear: ${node.op}`);
  }
}

/** |computed - exact| as a double: the difference is formed exactly. */
export function distance(computed: number, exact: Dyadic): number {
  const { n, e } = add(dyadicOf(computed), { n: -exact.n, e: exact.e });
  return Math.abs(Number(n) * 2 ** e);
}
