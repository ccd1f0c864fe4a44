import { matrixOf, transposeOf } from '../numeric/matrix.ts';
import { product, uniformValue } from './matrix-folding.ts';
import type { Rewriter } from './rewrite.ts';

/** A product of two secrets, without its operands. */
export type SecretProduct = { readonly op: 'mul' | 'dot' } | { readonly op: 'matMul'; readonly rows: number };

export function mul(rewriter: Rewriter, a: number, b: number): number {
  const [left, right] = [rewriter.plainOf(a), rewriter.plainOf(b)];
  if (left !== undefined) return rewriter.mulPlain(b, left);
  if (right !== undefined) return rewriter.mulPlain(a, right);
  const [x, y] = [rewriter.node(a), rewriter.node(b)];
  if (x.op === 'replicate' && y.op === 'replicate') {
    return rewriter.replicate(mul(rewriter, x.args[0], y.args[0]), x.length);
  }
  return productOf(rewriter, { op: 'mul' }, a, b);
}

export function dot(rewriter: Rewriter, a: number, b: number): number {
  const [left, right] = [rewriter.plainOf(a), rewriter.plainOf(b)];
  if (left !== undefined) return rewriter.matVec(matrixOf(1, left.length, left), b);
  if (right !== undefined) return rewriter.matVec(matrixOf(1, right.length, right), a);
  const [x, y] = [rewriter.node(a), rewriter.node(b)];
  if (x.length === 1) return mul(rewriter, a, b);
  if (x.op === 'replicate') return mul(rewriter, x.args[0], rewriter.sum(b));
  if (y.op === 'replicate') return mul(rewriter, y.args[0], rewriter.sum(a));
  return productOf(rewriter, { op: 'dot' }, a, b);
}

/** An inner product, or a product with a public matrix, where it is one. */
export function matMul(rewriter: Rewriter, a: number, b: number, rows: number): number {
  const inner = rewriter.lengthOf(a) / rows;
  const cols = rewriter.lengthOf(b) / inner;
  const [left, right] = [rewriter.plainOf(a), rewriter.plainOf(b)];
  if ([left, right].some((plain) => plain !== undefined && uniformValue(plain) === 0)) {
    return rewriter.zeros(rows * cols);
  }
  if (rows === 1 && cols === 1) return dot(rewriter, a, b);
  if (left !== undefined && cols === 1) return rewriter.matVec(matrixOf(rows, inner, left), b);
  if (right !== undefined && rows === 1) return rewriter.matVec(transposeOf(matrixOf(inner, cols, right)), a);
  return productOf(rewriter, { op: 'matMul', rows }, a, b);
}

/** A factor on a product that nothing else reads goes where it saves a level: into an operand, or on the shallower one. */
export function scaledProduct(
  rewriter: Rewriter,
  of: SecretProduct,
  [a, b]: readonly [number, number],
  factor: number,
): number | undefined {
  if (Number.isInteger(factor)) return undefined;
  const left = rewriter.isSole(a) ? rewriter.absorb(a, factor) : undefined;
  if (left !== undefined) return productOf(rewriter, of, left, b);
  const right = rewriter.isSole(b) ? rewriter.absorb(b, factor) : undefined;
  if (right !== undefined) return productOf(rewriter, of, a, right);
  const { depths } = rewriter.pool;
  if (of.op === 'dot' || depths[a] === depths[b]) return undefined;
  const length = lengthOfProduct(rewriter, of, a, b);
  const aFirst = depths[a]! < depths[b]!;
  if (rewriter.lengthOf(aFirst ? a : b) > length) return undefined;
  const args = aFirst ? ([rewriter.scale(a, factor), b] as const) : ([a, rewriter.scale(b, factor)] as const);
  return rewriter.pool.push({ ...of, args }, length);
}

/** Takes factors out of both operands, and puts their product where it costs least. */
function productOf(rewriter: Rewriter, of: SecretProduct, a: number, b: number): number {
  const { pool } = rewriter;
  // Operands and result of a product of matrices differ in length: moving a factor that costs products could cost more.
  const wholeOnly = of.op === 'matMul';
  const [x, f] = withoutFactor(rewriter, a, wholeOnly);
  const [y, g] = withoutFactor(rewriter, b, wholeOnly);
  const factor = product(f, g);
  const length = lengthOfProduct(rewriter, of, a, b);
  if (factor === undefined) return pool.push({ ...of, args: [a, b] }, length);
  const inside = pool.push({ ...of, args: [x, y] }, length);
  if (Number.isInteger(factor)) return rewriter.scale(inside, factor);
  const { depths } = pool;
  if (depths[x] === depths[y]) return pool.push({ op: 'scale', args: [inside], factor }, length);
  const scaled = (index: number): number =>
    pool.push({ op: 'scale', args: [index], factor }, rewriter.lengthOf(index));
  const args = depths[x]! < depths[y]! ? ([scaled(x), y] as const) : ([x, scaled(y)] as const);
  return pool.push({ ...of, args }, length);
}

/** A factor can be taken out if it is whole, for it costs nothing, or if nothing else needs the scaled value. */
function withoutFactor(
  rewriter: Rewriter,
  a: number,
  wholeOnly: boolean,
): readonly [index: number, factor: number] {
  const node = rewriter.node(a);
  return node.op === 'scale' && (Number.isInteger(node.factor) || (!wholeOnly && rewriter.isSole(a)))
    ? [node.args[0], node.factor]
    : [a, 1];
}

function lengthOfProduct(rewriter: Rewriter, of: SecretProduct, a: number, b: number): number {
  if (of.op === 'dot') return 1;
  const length = rewriter.lengthOf(a);
  // rows x inner times inner x columns.
  return of.op === 'matMul' ? (of.rows * of.rows * rewriter.lengthOf(b)) / length : length;
}
