import type { Matrix } from '../numeric/matrix.ts';

/** A truncated Chebyshev series sum c_k T_k(u) on `domain`, u = (2x - low - high) / (high - low); `error` bounds its distance from the function it stands for. */
export type ChebyshevSeries = {
  readonly coefficients: Float64Array;
  readonly domain: readonly [low: number, high: number];
  readonly error: number;
};

/**
 * The oblivious vector algebra in which formulas are written. A program may not look inside `V`, so it cannot branch
 * on a secret; it is therefore the same program in the clear, on ciphertexts and on shares. Vectors of one
 * operation have equal lengths, except where the docstring says otherwise.
 */
export interface Arithmetic<V> {
  /** A public vector as a value. */
  constant(w: Float64Array): V;
  add(a: V, b: V): V;
  sub(a: V, b: V): V;
  /** factor x a, for a public number. A whole factor costs no level under CKKS: -a is scale(a, -1). */
  scale(a: V, factor: number): V;
  /** a + w, elementwise, for a public vector. */
  addPlain(a: V, w: Float64Array): V;
  /** a w, elementwise, for a public vector. */
  mulPlain(a: V, w: Float64Array): V;
  /** The sum of the elements: length 1. */
  sum(a: V): V;
  /** The single element of a, `length` times. */
  replicate(a: V, length: number): V;
  /**
   * a itself, of which every element is guaranteed to lie in [low, high]: by whoever prepared the inputs (see `clampToBands`),
   * where the declared bounds of each input alone do not imply it. Checked in the clear; private back ends rely on it.
   */
  within(a: V, low: number, high: number): V;
  /** M x for a public matrix: length `M.rows`. */
  matVecPlain(m: Matrix, x: V): V;
  /** a b, elementwise: one secret product. */
  mul(a: V, b: V): V;
  /** sum a_i b_i: length 1. */
  dot(a: V, b: V): V;
  /**
   * A B for matrices row by row, A of `rows` rows: length rows x columns of B. On shares as many products are reshared as the result has elements,
   * however long the inner side is.
   */
  matMul(a: V, b: V, rows: number): V;
  /** p(x), elementwise; x must lie in `p.domain`, which its declared bound has to imply. */
  poly(p: ChebyshevSeries, x: V): V;
}

/** Adds what needs comparisons. CKKS cannot execute it; shares can. */
export interface Ordered<V> extends Arithmetic<V> {
  /** 1 where a < b, else 0, elementwise. */
  lessThan(a: V, b: V): V;
  /** a where bit is 1, b where it is 0, elementwise. */
  select(bit: V, a: V, b: V): V;
  /** The larger of a and b, elementwise. */
  max(a: V, b: V): V;
  /** The k-th smallest element, k from 1: length 1. */
  kthSmallest(a: V, k: number): V;
  /** The k smallest elements in increasing order: length k. */
  smallest(a: V, k: number): V;
  /** All elements in increasing order. */
  sort(a: V): V;
}

/** A formula: from named secret vectors to named secret vectors. */
export type Program<I extends string, O extends string> = <V>(
  alg: Arithmetic<V>,
  inputs: Readonly<Record<I, V>>,
) => Readonly<Record<O, V>>;

/** A formula that compares. */
export type OrderedProgram<I extends string, O extends string> = <V>(
  alg: Ordered<V>,
  inputs: Readonly<Record<I, V>>,
) => Readonly<Record<O, V>>;
