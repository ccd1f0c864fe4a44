import { PlanError, UnsupportedError } from '../base/errors.ts';
import { type Matrix, matrixOf } from '../numeric/matrix.ts';
import type { Ordered } from './arithmetic.ts';
import type { Circuit, InputSpec, Power } from './circuit.ts';
import { execute } from './execute.ts';

/** Where a named vector lies in a stacked one. */
export type Segment = { readonly name: string; readonly offset: number; readonly length: number };

/**
 * A linear circuit in normal form: y = M x + b, with all inputs stacked into x and all outputs into y. One public
 * matrix is what both private back ends run best: coefficient packing under CKKS, local products under MPC.
 */
export type AffineMap = {
  readonly matrix: Matrix;
  readonly constant: Float64Array;
  readonly inputs: readonly Segment[];
  readonly outputs: readonly Segment[];
};

/** A dense matrix of more entries than this is refused rather than built (1 GiB of doubles). */
const MAX_ENTRIES = 2 ** 27;

/** An affine function of the inputs under construction: a diagonal stays a vector until a dense matrix meets it. */
type Affine = {
  readonly length: number;
  readonly terms: ReadonlyMap<string, Term>;
  readonly constant: Float64Array;
};
type Term =
  | { readonly kind: 'diagonal'; readonly w: Float64Array }
  | { readonly kind: 'dense'; readonly m: Matrix };

const dense = (term: Term): Matrix => {
  if (term.kind === 'dense') return term.m;
  const n = term.w.length;
  const m = emptyMatrix(n, n);
  for (let i = 0; i < n; i++) m.data[i * n + i] = term.w[i]!;
  return m;
};

function emptyMatrix(rows: number, cols: number): Matrix {
  if (rows * cols > MAX_ENTRIES) {
    throw new PlanError(
      `a ${rows} x ${cols} matrix exceeds ${MAX_ENTRIES} entries; split the circuit by rows or by inputs`,
      { rows, cols, limit: MAX_ENTRIES },
    );
  }
  return matrixOf(rows, cols);
}

function addTerms(a: Term, b: Term): Term {
  if (a.kind === 'diagonal' && b.kind === 'diagonal')
    return { kind: 'diagonal', w: a.w.map((x, i) => x + b.w[i]!) };
  const left = dense(a);
  const right = dense(b);
  return {
    kind: 'dense',
    m: matrixOf(
      left.rows,
      left.cols,
      left.data.map((x, i) => x + right.data[i]!),
    ),
  };
}

function scaleRows(term: Term, w: Float64Array): Term {
  if (term.kind === 'diagonal') return { kind: 'diagonal', w: term.w.map((x, i) => x * w[i]!) };
  const { rows, cols, data } = term.m;
  return {
    kind: 'dense',
    m: matrixOf(
      rows,
      cols,
      data.map((x, i) => x * w[Math.floor(i / cols)]!),
    ),
  };
}

/** M times a term. A matrix over an untouched input is kept by reference, not copied. */
function multiply(m: Matrix, term: Term): Term {
  if (term.kind === 'diagonal') {
    if (term.w.every((x) => x === 1)) return { kind: 'dense', m };
    return {
      kind: 'dense',
      m: matrixOf(
        m.rows,
        m.cols,
        m.data.map((x, i) => x * term.w[i % m.cols]!),
      ),
    };
  }
  const product = emptyMatrix(m.rows, term.m.cols);
  for (let r = 0; r < m.rows; r++) {
    for (let k = 0; k < m.cols; k++) {
      const factor = m.data[r * m.cols + k]!;
      if (factor === 0) continue;
      for (let c = 0; c < term.m.cols; c++) {
        product.data[r * term.m.cols + c]! += factor * term.m.data[k * term.m.cols + c]!;
      }
    }
  }
  return { kind: 'dense', m: product };
}

function mapTerms(a: Affine, length: number, f: (term: Term) => Term, constant: Float64Array): Affine {
  return { length, terms: new Map([...a.terms].map(([name, term]) => [name, f(term)])), constant };
}

function combine(a: Affine, b: Affine, sign: 1 | -1): Affine {
  const terms = new Map(a.terms);
  const signs = new Float64Array(b.length).fill(sign);
  for (const [name, term] of b.terms) {
    const signed = sign === 1 ? term : scaleRows(term, signs);
    const present = terms.get(name);
    terms.set(name, present === undefined ? signed : addTerms(present, signed));
  }
  return { length: a.length, terms, constant: a.constant.map((x, i) => x + sign * b.constant[i]!) };
}

function times(a: Affine, w: Float64Array): Affine {
  return mapTerms(
    a,
    a.length,
    (term) => scaleRows(term, w),
    a.constant.map((x, i) => x * w[i]!),
  );
}

function apply(m: Matrix, a: Affine): Affine {
  const constant = new Float64Array(m.rows);
  for (let r = 0; r < m.rows; r++) {
    for (let c = 0; c < m.cols; c++) constant[r]! += m.data[r * m.cols + c]! * a.constant[c]!;
  }
  return mapTerms(a, m.rows, (term) => multiply(m, term), constant);
}

const total = (a: Affine): Affine => apply(matrixOf(1, a.length, new Float64Array(a.length).fill(1)), a);

function notLinear(what: string): never {
  throw new UnsupportedError(
    `${what} is not an affine function of the inputs; this back end executes linear circuits`,
    {
      what,
    },
  );
}

const affineAlgebra: Ordered<Affine> = {
  constant: (w) => ({ length: w.length, terms: new Map(), constant: w }),
  add: (a, b) => combine(a, b, 1),
  sub: (a, b) => combine(a, b, -1),
  scale: (a, factor) => times(a, new Float64Array(a.length).fill(factor)),
  addPlain: (a, w) => ({ ...a, constant: a.constant.map((x, i) => x + w[i]!) }),
  mulPlain: times,
  sum: total,
  replicate: (a, length) => apply(matrixOf(length, 1, new Float64Array(length).fill(1)), a),
  within: (a) => a,
  matVecPlain: apply,
  mul: () => notLinear('a product of two secrets'),
  dot: () => notLinear('a product of two secrets'),
  matMul: () => notLinear('a product of two secrets'),
  poly: () => notLinear('a polynomial'),
  lessThan: () => notLinear('a comparison'),
  select: () => notLinear('a selection'),
  max: () => notLinear('a maximum'),
  kthSmallest: () => notLinear('an order statistic'),
  smallest: () => notLinear('an order statistic'),
  sort: () => notLinear('a sort'),
};

/**
 * Brings a linear circuit to normal form. A single matrix applied to a single input is passed through without a copy.
 * @throws UnsupportedError for a circuit with a secret product, a polynomial or a comparison.
 * @throws PlanError where the stacked matrix would be too large.
 */
export function affineMapOf<I extends string, O extends string>(circuit: Circuit<I, O, Power>): AffineMap {
  const inputs = segments(
    Object.entries<InputSpec>(circuit.inputs).map(([name, spec]) => [name, spec.length]),
  );
  const variables = Object.fromEntries(
    inputs.map(({ name, length }) => {
      const identity: Term = { kind: 'diagonal', w: new Float64Array(length).fill(1) };
      return [
        name,
        { length, terms: new Map([[name, identity]]), constant: new Float64Array(length) } as Affine,
      ];
    }),
  ) as Record<I, Affine>;
  const results = execute<Affine, I, O, 'ordered'>(
    circuit as Circuit<I, O, 'ordered'>,
    affineAlgebra,
    variables,
  );
  const outputs = segments(Object.entries<Affine>(results).map(([name, { length }]) => [name, length]));
  const rows = outputs.reduce((sum, { length }) => sum + length, 0);
  const cols = inputs.reduce((sum, { length }) => sum + length, 0);
  const constant = new Float64Array(rows);
  for (const { name, offset } of outputs) constant.set(results[name as O].constant, offset);
  return { matrix: stack(inputs, outputs, results, rows, cols), constant, inputs, outputs };
}

function stack(
  inputs: readonly Segment[],
  outputs: readonly Segment[],
  results: Readonly<Record<string, Affine>>,
  rows: number,
  cols: number,
): Matrix {
  if (inputs.length === 1 && outputs.length === 1) {
    const only = results[outputs[0]!.name]!.terms.get(inputs[0]!.name);
    if (only?.kind === 'dense') return only.m;
  }
  const matrix = emptyMatrix(rows, cols);
  for (const output of outputs) {
    for (const input of inputs) {
      const term = results[output.name]!.terms.get(input.name);
      if (term === undefined) continue;
      const block = dense(term);
      for (let r = 0; r < block.rows; r++) {
        const row = block.data.subarray(r * block.cols, (r + 1) * block.cols);
        matrix.data.set(row, (output.offset + r) * cols + input.offset);
      }
    }
  }
  return matrix;
}

function segments(lengths: readonly (readonly [name: string, length: number])[]): Segment[] {
  let offset = 0;
  return lengths.map(([name, length]) => {
    const segment = { name, offset, length };
    offset += length;
    return segment;
  });
}
