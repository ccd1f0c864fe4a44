import { type Matrix, matrixOf } from '../numeric/matrix.ts';
import type { ChebyshevSeries } from './arithmetic.ts';
import type { CircuitNode } from './circuit.ts';
import { applyOperation } from './execute.ts';
import { columnSums, product, productOfVectors, scaleMatrix, uniformValue } from './matrix-folding.ts';
import { plainAlgebra } from './plain.ts';
import type { NodePool } from './pool.ts';
import { applyMatrix } from './rewrite-matrix.ts';
import { kthSmallest, lessThan, max, select, smallest, sort } from './rewrite-ordered.ts';
import { dot, matMul, mul, scaledProduct } from './rewrite-products.ts';
import { combine } from './rewrite-sums.ts';
import { reduceSeries, shiftSeries, timesSeries } from './series-folding.ts';

/** Says of a node under construction that nothing but what is being rewritten reads it, so that it may be absorbed. */
export type IsSole = (index: number) => boolean;

/** A node that computes. */
type Computed = Exclude<CircuitNode, { readonly op: 'input' }>;

/**
 * Writes operations into a pool in their simplest equivalent form. Every rule holds in exact arithmetic for all inputs
 * within the bounds, and none adds levels, rounds, secret products, comparisons, or more public products than it saves.
 * A method takes and gives indices of the pool.
 */
export class Rewriter {
  readonly pool: NodePool;
  readonly isSole: IsSole;

  constructor(pool: NodePool, isSole: IsSole) {
    this.pool = pool;
    this.isSole = isSole;
  }

  node(index: number): CircuitNode {
    return this.pool.nodes[index]!;
  }

  lengthOf(index: number): number {
    return this.node(index).length;
  }

  /** The public value of a node that is known before anything runs. */
  plainOf(index: number): Float64Array | undefined {
    const node = this.node(index);
    return node.op === 'constant' ? node.plain : undefined;
  }

  /**
   * Writes an operation whose arguments are already in the pool. What is only read by a sum (`inSum`) is left to that:
   * taking a chain of additions apart at every link would take time quadratic in its length.
   */
  apply(node: Computed, args: readonly number[], inSum: boolean): number {
    const folded = this.#fold(node, args);
    if (folded !== undefined) return folded;
    const [a, b, c] = args as readonly [number, number, number];
    switch (node.op) {
      case 'constant':
        return this.constant(node.plain);
      case 'add':
        if (inSum) return this.pool.push({ op: 'add', args: [a, b] }, node.length);
        return combine(this, [
          [a, 1],
          [b, 1],
        ]);
      case 'sub':
        if (inSum) return this.pool.push({ op: 'sub', args: [a, b] }, node.length);
        return combine(this, [
          [a, 1],
          [b, -1],
        ]);
      case 'scale':
        return this.scale(a, node.factor);
      case 'addPlain':
        return combine(this, [[a, 1]], node.plain);
      case 'mulPlain':
        return this.mulPlain(a, node.plain);
      case 'sum':
        return this.sum(a);
      case 'replicate':
        return this.replicate(a, node.length);
      case 'within':
        return this.#within(a, node.low, node.high);
      case 'matVecPlain':
        return this.matVec(node.matrix, a);
      case 'mul':
        return this.mul(a, b);
      case 'dot':
        return this.dot(a, b);
      case 'matMul':
        return matMul(this, a, b, node.rows);
      case 'poly':
        return this.poly(node.series, a);
      case 'lessThan':
        return lessThan(this, a, b);
      case 'select':
        return select(this, a, b, c);
      case 'max':
        return max(this, a, b);
      case 'kthSmallest':
        return kthSmallest(this, a, node.k);
      case 'smallest':
        return smallest(this, a, node.k);
      case 'sort':
        return sort(this, a);
    }
  }

  #fold(node: Computed, args: readonly number[]): number | undefined {
    if (args.length === 0) return undefined;
    const plain = args.map((argument) => this.plainOf(argument));
    if (plain.some((w) => w === undefined)) return undefined;
    const value = applyOperation(node, plainAlgebra, plain as readonly Float64Array[]);
    return value.every(Number.isFinite) ? this.constant(value) : undefined;
  }

  constant(plain: Float64Array): number {
    return this.pool.push({ op: 'constant', plain }, plain.length);
  }

  zeros(length: number): number {
    return this.constant(new Float64Array(length));
  }

  addPlain(a: number, plain: Float64Array): number {
    return plain.every((value) => value === 0)
      ? a
      : this.pool.push({ op: 'addPlain', args: [a], plain }, plain.length);
  }

  scale(a: number, factor: number): number {
    const node = this.node(a);
    if (factor === 0) return this.zeros(node.length);
    if (factor === 1) return a;
    return this.#scaled(a, node, factor) ?? this.pool.push({ op: 'scale', args: [a], factor }, node.length);
  }

  #scaled(a: number, node: CircuitNode, factor: number): number | undefined {
    switch (node.op) {
      case 'constant': {
        const plain = productOfVectors(node.plain, factor);
        return plain && this.constant(plain);
      }
      case 'replicate':
        return this.replicate(this.scale(node.args[0], factor), node.length);
      case 'addPlain': {
        const plain = productOfVectors(node.plain, factor);
        return plain && this.addPlain(this.scale(node.args[0], factor), plain);
      }
      case 'sub':
        return factor === -1 && this.isSole(a)
          ? this.pool.push({ op: 'sub', args: [node.args[1], node.args[0]] }, node.length)
          : undefined;
      default:
        return this.absorb(a, factor);
    }
  }

  /** factor a without an operation more, where a has a public operand that can take the factor. */
  absorb(a: number, factor: number): number | undefined {
    const node = this.node(a);
    const absorbs = this.isSole(a);
    switch (node.op) {
      case 'scale': {
        // A whole factor is free where it stands: it must not make a second copy of one that is not.
        const free = Number.isInteger(factor) && !Number.isInteger(node.factor);
        const both = free && !absorbs ? undefined : product(factor, node.factor);
        return both === undefined ? undefined : this.scale(node.args[0], both);
      }
      case 'mulPlain': {
        if (Number.isInteger(factor) && !absorbs) return undefined;
        const plain = productOfVectors(node.plain, factor);
        return plain && this.mulPlain(node.args[0], plain);
      }
      case 'matVecPlain': {
        // A whole factor costs nothing outside, and a matrix to copy inside.
        if (!absorbs || Number.isInteger(factor)) return undefined;
        const matrix = scaleMatrix(node.matrix, factor, 1);
        return matrix && this.matVec(matrix, node.args[0]);
      }
      case 'poly': {
        const series = absorbs ? timesSeries(node.series, factor) : undefined;
        return series && this.poly(series, node.args[0]);
      }
      case 'mul':
      case 'dot':
        return absorbs ? scaledProduct(this, { op: node.op }, node.args, factor) : undefined;
      case 'matMul':
        return absorbs
          ? scaledProduct(this, { op: 'matMul', rows: node.rows }, node.args, factor)
          : undefined;
      default:
        return undefined;
    }
  }

  mulPlain(a: number, plain: Float64Array): number {
    const uniform = uniformValue(plain);
    if (uniform !== undefined) return this.scale(a, uniform);
    const node = this.node(a);
    return (
      this.#timesPlain(a, node, plain) ?? this.pool.push({ op: 'mulPlain', args: [a], plain }, node.length)
    );
  }

  #timesPlain(a: number, node: CircuitNode, plain: Float64Array): number | undefined {
    switch (node.op) {
      case 'constant': {
        const both = productOfVectors(node.plain, plain);
        return both && this.constant(both);
      }
      case 'scale': {
        const both = productOfVectors(plain, node.factor);
        return both && this.mulPlain(node.args[0], both);
      }
      case 'mulPlain': {
        const both = productOfVectors(plain, node.plain);
        return both && this.mulPlain(node.args[0], both);
      }
      case 'addPlain': {
        const both = productOfVectors(plain, node.plain);
        return both && this.addPlain(this.mulPlain(node.args[0], plain), both);
      }
      case 'matVecPlain': {
        const matrix = this.isSole(a) ? scaleMatrix(node.matrix, plain, 1) : undefined;
        return matrix && this.matVec(matrix, node.args[0]);
      }
      default:
        return undefined;
    }
  }

  sum(a: number): number {
    const node = this.node(a);
    if (node.length === 1) return a;
    return this.#total(a, node) ?? this.pool.push({ op: 'sum', args: [a] }, 1);
  }

  #total(a: number, node: CircuitNode): number | undefined {
    const sole = this.isSole(a);
    switch (node.op) {
      case 'constant':
        return this.constant(plainAlgebra.sum(node.plain));
      case 'replicate':
        return this.scale(node.args[0], node.length);
      case 'addPlain': {
        const total = plainAlgebra.sum(node.plain);
        return Number.isFinite(total[0]) ? this.addPlain(this.sum(node.args[0]), total) : undefined;
      }
      case 'scale':
        return sole || Number.isInteger(node.factor)
          ? this.scale(this.sum(node.args[0]), node.factor)
          : undefined;
      case 'mulPlain':
        return sole ? this.matVec(matrixOf(1, node.length, node.plain), node.args[0]) : undefined;
      case 'mul':
        return sole ? this.dot(node.args[0], node.args[1]) : undefined;
      case 'matVecPlain': {
        const row = sole ? columnSums(node.matrix) : undefined;
        return row?.data.every(Number.isFinite) ? this.matVec(row, node.args[0]) : undefined;
      }
      default:
        return undefined;
    }
  }

  replicate(a: number, length: number): number {
    if (length === 1) return a;
    const plain = this.plainOf(a);
    if (plain !== undefined) return this.constant(new Float64Array(length).fill(plain[0]!));
    return this.pool.push({ op: 'replicate', args: [a] }, length);
  }

  /** A guarantee that the bounds already give says nothing. */
  #within(a: number, low: number, high: number): number {
    const node = this.node(a);
    if (node.bound.low >= low && node.bound.high <= high) return a;
    if (node.op === 'within') {
      return this.#within(node.args[0], Math.max(low, node.low), Math.min(high, node.high));
    }
    return this.pool.push({ op: 'within', args: [a], low: low + 0, high: high + 0 }, node.length);
  }

  matVec(matrix: Matrix, a: number): number {
    return applyMatrix(this, matrix, a);
  }

  mul(a: number, b: number): number {
    return mul(this, a, b);
  }

  dot(a: number, b: number): number {
    return dot(this, a, b);
  }

  poly(series: ChebyshevSeries, a: number): number {
    const node = this.node(a);
    const reduced = reduceSeries(series);
    if (reduced.kind === 'constant') {
      return this.constant(new Float64Array(node.length).fill(reduced.value));
    }
    if (reduced.kind === 'affine') {
      const offset = new Float64Array(node.length).fill(reduced.offset);
      return combine(this, [[this.scale(a, reduced.slope), 1]], offset);
    }
    return (
      this.#polyOf(reduced.series, node) ??
      this.pool.push({ op: 'poly', args: [a], series: reduced.series }, node.length)
    );
  }

  /** p(f x + c) is the same series on another interval: a level less. */
  #polyOf(series: ChebyshevSeries, node: CircuitNode): number | undefined {
    const moved = (x: number, factor: number, offset: number): number | undefined => {
      const shifted = shiftSeries(series, factor, offset, this.node(x).bound);
      return shifted && this.poly(shifted, x);
    };
    switch (node.op) {
      case 'replicate':
        return this.replicate(this.poly(series, node.args[0]), node.length);
      case 'scale':
        return moved(node.args[0], node.factor, 0);
      case 'addPlain': {
        const offset = uniformValue(node.plain);
        return offset === undefined ? undefined : moved(node.args[0], 1, offset);
      }
      default:
        return undefined;
    }
  }
}
