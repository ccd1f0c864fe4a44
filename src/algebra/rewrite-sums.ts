import type { ChebyshevSeries } from './arithmetic.ts';
import type { CircuitNode } from './circuit.ts';
import { addMatrices, product } from './matrix-folding.ts';
import { BoundOverflow } from './pool.ts';
import type { Rewriter } from './rewrite.ts';
import { addSeries } from './series-folding.ts';

/** factor x the value of a node; `sole` where nothing but the sum reads it. */
type Term = { readonly index: number; readonly factor: number; readonly sole: boolean };

/** +- size x the value of a node, size positive unless the sign had to go into it. */
type Part = { readonly index: number; readonly size: number; readonly negative: boolean };

/**
 * sum factor_i x_i + plain, flattened through the additions that nothing else reads: like terms are collected,
 * equal factors taken out, series of one argument and matrices of one vector added up, and what is left is added in an
 * order that does not depend on how the sum was written.
 */
export function combine(
  rewriter: Rewriter,
  terms: readonly (readonly [index: number, factor: 1 | -1])[],
  plain?: Float64Array,
): number {
  const sum = new LinearSum(rewriter, rewriter.lengthOf(terms[0]![0]));
  for (const [index, factor] of terms) sum.collect(index, factor);
  if (plain !== undefined) sum.constant(plain, 1);
  return sum.write();
}

class LinearSum {
  readonly #rewriter: Rewriter;
  readonly #length: number;
  readonly #terms = new Map<number, Term>();
  readonly #plain: Float64Array;

  constructor(rewriter: Rewriter, length: number) {
    this.#rewriter = rewriter;
    this.#length = length;
    this.#plain = new Float64Array(length);
  }

  constant(plain: Float64Array, factor: number): void {
    for (let i = 0; i < plain.length; i++) this.#plain[i]! += factor * plain[i]!;
  }

  /** Not recursive: a chain of a hundred thousand additions is a sum too. */
  collect(root: number, sign: 1 | -1): void {
    const pending: Term[] = [{ index: root, factor: sign, sole: true }];
    for (let term = pending.pop(); term !== undefined; term = pending.pop()) {
      const sole = term.sole && this.#rewriter.isSole(term.index);
      const parts = this.#partsOf({ ...term, sole });
      if (parts !== undefined) pending.push(...parts);
      else this.#add({ ...term, sole });
    }
  }

  /** What a term is the sum of, where saying so multiplies nothing twice. Constants are taken out on the way. */
  #partsOf({ index, factor, sole }: Term): readonly Term[] | undefined {
    const node = this.#rewriter.node(index);
    switch (node.op) {
      case 'constant':
        this.constant(node.plain, factor);
        return [];
      case 'addPlain':
        this.constant(node.plain, factor);
        return [{ index: node.args[0], factor, sole }];
      case 'scale': {
        const both = product(factor, node.factor);
        if (both === undefined || !(sole || node.factor === -1)) return undefined;
        return [{ index: node.args[0], factor: both, sole }];
      }
      case 'add':
      case 'sub':
        // Distributing any other factor over a sum would multiply more.
        if (!sole || Math.abs(factor) !== 1) return undefined;
        return [
          { index: node.args[1], factor: node.op === 'add' ? factor : -factor, sole },
          { index: node.args[0], factor, sole },
        ];
      default:
        return undefined;
    }
  }

  #add({ index, factor, sole }: Term): void {
    const present = this.#terms.get(index);
    this.#terms.set(index, {
      index,
      factor: (present?.factor ?? 0) + factor,
      sole: (present?.sole ?? true) && sole,
    });
  }

  write(): number {
    const present = [...this.#terms.values()].filter(({ factor }) => factor !== 0);
    if (![...this.#plain, ...present.map(({ factor }) => factor)].every(Number.isFinite)) {
      throw new BoundOverflow();
    }
    const terms = this.#merged(present).map((term) => this.#absorbed(term));
    if (terms.length === 0) return this.#rewriter.constant(this.#plain);
    terms.sort((a, b) => this.#rewriter.pool.compare(a.index, b.index));
    const groups = new Map<number, Term[]>();
    for (const term of terms) {
      const size = Math.abs(term.factor);
      groups.set(size, [...(groups.get(size) ?? []), term]);
    }
    const parts = [...groups].map(([size, group]) => this.#part(size, group));
    // What is negative is subtracted; if everything is, one factor takes the sign.
    if (parts.every(({ negative }) => negative)) {
      const at = Math.max(
        0,
        parts.findIndex(({ size }) => size !== 1),
      );
      const { size, index } = parts[at]!;
      parts[at] = { size: -size, index, negative: false };
    }
    const written = parts.map(({ size, index, negative }) => ({
      index: this.#scale(index, size),
      factor: negative ? -1 : 1,
    }));
    return this.#rewriter.addPlain(this.#chain(written), this.#plain);
  }

  /** A factor that an operation can take inside stays out of the way of grouping. */
  #absorbed(term: Term): Term {
    const size = Math.abs(term.factor);
    if (!term.sole || Number.isInteger(size)) return term;
    const index = this.#rewriter.absorb(term.index, size);
    return index === undefined ? term : { index, factor: Math.sign(term.factor), sole: false };
  }

  /** The terms of one size: +- size x (x_i + ... - x_j - ...). */
  #part(size: number, group: readonly Term[]): Part {
    const negative = group.every(({ factor }) => factor < 0);
    const signed = group.map(({ index, factor }) => ({ index, factor: negative ? -factor : factor }));
    return { size, index: this.#chain(signed), negative };
  }

  /** The positive terms, of which there is one, added up, less the negative ones. */
  #chain(terms: readonly Pick<Term, 'index' | 'factor'>[]): number {
    const write = (op: 'add' | 'sub', a: number, b: number): number =>
      this.#rewriter.pool.push({ op, args: [a, b] }, this.#length);
    const indices = (sign: 1 | -1): number[] =>
      terms.filter(({ factor }) => Math.sign(factor) === sign).map(({ index }) => index);
    const sum = indices(1).reduce((total, index) => write('add', total, index));
    return indices(-1).reduce((total, index) => write('sub', total, index), sum);
  }

  #scale(index: number, factor: number): number {
    return factor === 1
      ? index
      : this.#rewriter.pool.push({ op: 'scale', args: [index], factor }, this.#length);
  }

  /** Adds up the series of one argument, and the matrices of one vector, that only this sum reads. */
  #merged(terms: readonly Term[]): Term[] {
    const merged: Term[] = [];
    const mates = new Map<string, number>();
    for (const term of terms) {
      const key = term.sole ? mateKey(this.#rewriter.node(term.index)) : undefined;
      const at = key === undefined ? undefined : mates.get(key);
      const both = at === undefined ? undefined : this.#merge(merged[at]!, term);
      if (at !== undefined && both !== undefined) {
        merged[at] = { index: both, factor: 1, sole: true };
        continue;
      }
      if (key !== undefined) mates.set(key, merged.length);
      merged.push(term);
    }
    return merged;
  }

  #merge(a: Term, b: Term): number | undefined {
    const [x, y] = [this.#rewriter.node(a.index), this.#rewriter.node(b.index)];
    if (x.op === 'poly' && y.op === 'poly') {
      return this.#rewriter.poly(addSeries(times(x.series, a.factor), times(y.series, b.factor)), x.args[0]);
    }
    if (x.op === 'matVecPlain' && y.op === 'matVecPlain') {
      const matrix = addMatrices(a.factor, x.matrix, b.factor, y.matrix);
      return matrix && this.#rewriter.matVec(matrix, x.args[0]);
    }
    return undefined;
  }
}

function times(series: ChebyshevSeries, factor: number): ChebyshevSeries {
  return {
    ...series,
    coefficients: series.coefficients.map((c) => factor * c),
    error: Math.abs(factor) * series.error,
  };
}

/** Equal for nodes that can be added into one of their kind. */
function mateKey(node: CircuitNode): string | undefined {
  if (node.op === 'poly') return `poly ${node.args[0]} ${node.series.domain.join(' ')}`;
  if (node.op === 'matVecPlain') return `matVecPlain ${node.args[0]}`;
  return undefined;
}
