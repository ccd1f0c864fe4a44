import type { Digest } from '../base/brand.ts';
import { type Digestible, digestOf } from '../base/digest.ts';
import type { Matrix } from '../numeric/matrix.ts';
import type { ChebyshevSeries } from './arithmetic.ts';
import type { VectorBound } from './bounds.ts';

/**
 * Declared shape of a secret input. `bound`: |x_i| <= bound; `l1`: sum |x_i| <= l1; `range`: low <= x_i <= high within
 * the bound, for what must stay positive. Checked where the value is still clear.
 */
export type InputSpec = {
  readonly length: number;
  readonly bound: number;
  readonly l1?: number;
  readonly range?: readonly [low: number, high: number];
};

/** What an operation does, with its public operand. Arguments are indices of earlier nodes. */
export type Operation =
  | { readonly op: 'input'; readonly name: string }
  | { readonly op: 'constant'; readonly plain: Float64Array }
  | {
      readonly op: 'add' | 'sub' | 'mul' | 'dot' | 'lessThan' | 'max';
      readonly args: readonly [number, number];
    }
  | { readonly op: 'matMul'; readonly args: readonly [number, number]; readonly rows: number }
  | { readonly op: 'scale'; readonly args: readonly [number]; readonly factor: number }
  | { readonly op: 'addPlain' | 'mulPlain'; readonly args: readonly [number]; readonly plain: Float64Array }
  | { readonly op: 'sum' | 'replicate' | 'sort'; readonly args: readonly [number] }
  | { readonly op: 'within'; readonly args: readonly [number]; readonly low: number; readonly high: number }
  | { readonly op: 'matVecPlain'; readonly args: readonly [number]; readonly matrix: Matrix }
  | { readonly op: 'poly'; readonly args: readonly [number]; readonly series: ChebyshevSeries }
  | { readonly op: 'select'; readonly args: readonly [number, number, number] }
  | { readonly op: 'kthSmallest'; readonly args: readonly [number]; readonly k: number }
  | { readonly op: 'smallest'; readonly args: readonly [number]; readonly k: number };

export type CircuitNode = Operation & { readonly length: number; readonly bound: VectorBound };

/** `arithmetic` runs anywhere; `ordered` compares and runs in the clear or on shares. */
export type Power = 'arithmetic' | 'ordered';

declare const ports: unique symbol;

/** A recorded program: nodes in topological order, and a digest by which every party knows that it runs the same. */
export type Circuit<I extends string, O extends string, P extends Power = 'arithmetic'> = {
  readonly power: P;
  readonly nodes: readonly CircuitNode[];
  readonly inputs: Readonly<Record<I, InputSpec>>;
  /** Node index of every output. */
  readonly outputs: Readonly<Record<O, number>>;
  readonly digest: Digest;
  readonly [ports]?: readonly [I, O];
};

/** A circuit as its program wrote it, before {@link simplify} and without the digest of the result. */
export type Transcript<I extends string, O extends string, P extends Power = Power> = Omit<
  Circuit<I, O, P>,
  'digest'
>;

/** Any circuit, where names do not matter. */
export type AnyCircuit<P extends Power = Power> = Circuit<string, string, P>;

/** Indices of the nodes that a node reads. */
export function argumentsOf(node: CircuitNode): readonly number[] {
  return 'args' in node ? node.args : [];
}

/** SHA-256 over the structure, the public operands and the declared bounds. Cost: one pass over all matrices. */
export function circuitDigest(
  nodes: readonly CircuitNode[],
  inputs: Readonly<Record<string, InputSpec>>,
  outputs: Readonly<Record<string, number>>,
): Digest {
  return digestOf('blindrisk/circuit/1', {
    nodes: nodes.map(({ bound: _, ...operation }): Digestible => operation as Digestible),
    inputs: inputs as Digestible,
    // In their order: results are stacked in it, and a digest forgets the order of a record's keys.
    outputs: Object.entries(outputs),
  });
}
