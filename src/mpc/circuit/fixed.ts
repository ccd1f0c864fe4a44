import { PlanError } from '../../base/errors.ts';
import type { FieldVector } from '../../kernels/field-vector.ts';
import type { Matrix } from '../../numeric/matrix.ts';
import { type Context, join, keySetCount, type Protocol } from '../engine/protocol.ts';
import { toInteger } from '../field.ts';
import { choose, isNegative } from '../protocols/compare.ts';
import { maskableBits } from '../protocols/masking.ts';
import { innerProducts, matrixProduct } from '../protocols/multiply.ts';
import {
  innerProductsTruncated,
  matrixProductTruncated,
  truncate,
  truncateExactly,
  truncationError,
} from '../protocols/truncate.ts';

/**
 * A shared vector of reals: the integers round(x 2^frac) modulo 2^127 - 1. `magnitude` bounds the exact values that it stands
 * for, `error` the distance from them; both are public and known before anything runs.
 */
export type Fixed = {
  readonly v: FieldVector;
  readonly frac: number;
  readonly magnitude: number;
  readonly error: number;
};

/** Bits that a represented integer may have at most: sums must not wrap. */
const MOST_BITS = 125;

/** Of a factor's fraction at most: its rounding then is 16 times the value's last bit. */
const SPARED_BITS = 4;

/**
 * Arithmetic on shared reals at `frac` fraction bits. Every operation bounds its result before it computes, and refuses where the field could
 * overflow or a mask could be too narrow: as planning runs the same code on lengths alone, nothing of that happens in a session.
 */
export class FixedPoint {
  readonly frac: number;
  readonly context: Context;
  readonly #exact: boolean;

  /** @param exact whether truncations round to the nearest instead of by chance. */
  constructor(context: Context, frac: number, exact: boolean = false) {
    this.context = context;
    this.frac = frac;
    this.#exact = exact;
  }

  /** @throws PlanError if the value may not fit. */
  of(v: FieldVector, frac: number, magnitude: number, error: number): Fixed {
    const bits = Math.log2(magnitude + error) + frac;
    // Written so that NaN fails it.
    if (!(bits < MOST_BITS)) {
      throw new PlanError(
        `a value up to ${magnitude} with ${frac} fraction bits does not fit the field of 2^127 - 1; declare tighter bounds or fewer fraction bits`,
        { magnitude, frac },
      );
    }
    return { v, frac, magnitude, error };
  }

  /** A value whose magnitude is known to be smaller. */
  within(a: Fixed, magnitude: number): Fixed {
    return magnitude < a.magnitude ? { ...a, magnitude } : a;
  }

  add(a: Fixed, b: Fixed): Fixed {
    const [x, y] = this.#aligned(a, b);
    return this.of(this.context.k127.add(x.v, y.v), x.frac, a.magnitude + b.magnitude, a.error + b.error);
  }

  sub(a: Fixed, b: Fixed): Fixed {
    const [x, y] = this.#aligned(a, b);
    return this.of(this.context.k127.sub(x.v, y.v), x.frac, a.magnitude + b.magnitude, a.error + b.error);
  }

  /** Whole numbers are exact; others are rounded to the value's fraction bits, or `frac` where it has fewer. */
  addPlain(a: Fixed, w: Float64Array): Fixed {
    const whole = w.every(isWhole);
    const x = this.#raise(a, whole ? a.frac : Math.max(a.frac, this.frac));
    const constants = Array.from(w, (value) => toInteger(value, x.frac));
    const v = this.context.k127.add(x.v, this.context.constant(constants, 2));
    return this.of(v, x.frac, a.magnitude + largest(w), a.error + (whole ? 0 : 2 ** -(x.frac + 1)));
  }

  addNumber(a: Fixed, value: number): Fixed {
    const whole = isWhole(value);
    const x = this.#raise(a, whole ? a.frac : Math.max(a.frac, this.frac));
    const v = this.context.k127.addConstant(x.v, toInteger(value, x.frac));
    const rounding = whole ? 0 : 2 ** -(x.frac + 1);
    return this.of(v, x.frac, a.magnitude + Math.abs(value), a.error + rounding);
  }

  /** factor a, for a public number; integers are exact and cost no fraction bits. */
  scale(a: Fixed, factor: number): Fixed {
    const bits = this.#bitsFor(factor, a);
    const v = this.context.k127.scale(a.v, toInteger(factor, bits));
    const size = Math.abs(factor);
    const rounding = isWhole(factor) ? 0 : 2 ** -(bits + 1);
    return this.of(
      v,
      a.frac + bits,
      a.magnitude * size,
      a.error * (size + rounding) + a.magnitude * rounding,
    );
  }

  mulPlain(a: Fixed, w: Float64Array): Fixed {
    const size = largest(w);
    const whole = w.every(isWhole);
    const bits = whole ? 0 : this.#fractionOf(size, a);
    const constants = Array.from(w, (value) => toInteger(value, bits));
    const v = this.context.k127.mul(a.v, this.context.constant(constants, 2));
    const rounding = whole ? 0 : 2 ** -(bits + 1);
    return this.of(
      v,
      a.frac + bits,
      a.magnitude * size,
      a.error * (size + rounding) + a.magnitude * rounding,
    );
  }

  /**
   * M a for a public matrix, its entries rounded to as many bits as the kernel takes. `l1` bounds sum |a_i|, `magnitude` the
   * result.
   */
  matVec(m: Matrix, a: Fixed, l1: number, magnitude: number): Fixed {
    const whole = m.data.every(isWhole);
    const bits = whole ? 0 : this.#fractionOf(largest(m.data), a);
    const v = this.context.matrix(m, bits).times(a.v);
    let rowSum = 0;
    for (let r = 0; r < m.rows; r++) {
      let sum = 0;
      for (let c = r * m.cols; c < (r + 1) * m.cols; c++) sum += Math.abs(m.data[c]!);
      rowSum = Math.max(rowSum, sum);
    }
    const rounding = whole ? 0 : 2 ** -(bits + 1);
    const error = a.error * (rowSum + m.cols * rounding) + rounding * Math.min(l1, m.cols * a.magnitude);
    return this.of(v, a.frac + bits, Math.min(magnitude, rowSum * a.magnitude), error);
  }

  /** The sum of the elements. */
  sum(a: Fixed): Fixed {
    const n = a.v.length;
    const ones = this.context.constant(new Array<bigint>(n).fill(1n), 2);
    return this.of(this.context.k127.dots(a.v, ones, 1), a.frac, a.magnitude * n, a.error * n);
  }

  /** Part of a vector, or several one after the other. */
  part(a: Fixed, start: number, end: number): Fixed {
    return { ...a, v: a.v.part(start, end) };
  }

  concat(parts: readonly Fixed[]): Fixed {
    const frac = Math.max(...parts.map((part) => part.frac));
    const v = this.context.k127.concat(parts.map((part) => this.#raise(part, frac).v));
    return this.of(
      v,
      frac,
      Math.max(...parts.map(({ magnitude }) => magnitude)),
      Math.max(...parts.map(({ error }) => error)),
    );
  }

  /** At most `frac` fraction bits; one round where there are more. */
  *round(a: Fixed, frac: number = this.frac): Protocol<Fixed> {
    if (a.frac <= frac) return a;
    const shift = a.frac - frac;
    const bits = this.bitsOf(a);
    if (this.#exact) {
      this.#checkMask(bits + 2, a);
      const v = yield* truncateExactly(this.context, a.v, bits, shift);
      return this.of(v, frac, a.magnitude, a.error + 2 ** -(frac + 1));
    }
    this.#checkMask(bits, a);
    const v = yield* truncate(this.context, a.v, bits, shift);
    return this.of(v, frac, a.magnitude, a.error + this.#truncationError(frac));
  }

  /** a b, elementwise, with the fraction bits of both: for sums of products, which are rounded once. */
  *product(a: Fixed, b: Fixed, rows: number = a.v.length): Protocol<Fixed> {
    const bound = this.#productBound(a, b, rows);
    const v = yield* innerProducts(this.context, a.v, b.v, rows);
    return this.of(v, a.frac + b.frac, bound.magnitude, bound.error);
  }

  /** A B for matrices row by row, A of `rows` rows, with the fraction bits of both. */
  *matrixProduct(a: Fixed, b: Fixed, rows: number): Protocol<Fixed> {
    const bound = this.#productBound(a, b, rows);
    const v = yield* matrixProduct(this.context, a.v, b.v, rows);
    return this.of(v, a.frac + b.frac, bound.magnitude, bound.error);
  }

  /** The same, rounded to `frac`. One round among semi-honest parties. */
  *multiplyMatrices(a: Fixed, b: Fixed, rows: number, magnitude: number = Infinity): Protocol<Fixed> {
    return yield* this.#roundedProduct(
      a,
      b,
      rows,
      magnitude,
      () => this.matrixProduct(a, b, rows),
      (bits, shift) => matrixProductTruncated(this.context, a.v, b.v, rows, bits, shift),
    );
  }

  /** a b, or inner products of `rows` pieces, rounded to `frac`. One round among semi-honest parties. */
  *multiply(a: Fixed, b: Fixed, rows: number = a.v.length, magnitude: number = Infinity): Protocol<Fixed> {
    return yield* this.#roundedProduct(
      a,
      b,
      rows,
      magnitude,
      () => this.product(a, b, rows),
      (bits, shift) => innerProductsTruncated(this.context, a.v, b.v, rows, bits, shift),
    );
  }

  /** A product of matrices or of their rows; `rows` are a's. */
  *#roundedProduct(
    a: Fixed,
    b: Fixed,
    rows: number,
    magnitude: number,
    product: () => Protocol<Fixed>,
    truncated: (bits: number, shift: number) => Protocol<FieldVector>,
  ): Protocol<Fixed> {
    const full = this.#productBound(a, b, rows);
    const bound = { ...full, magnitude: Math.min(full.magnitude, magnitude) };
    const frac = a.frac + b.frac;
    if (frac <= this.frac || this.#exact) return yield* this.round(this.within(yield* product(), magnitude));
    const whole = this.of(a.v, frac, bound.magnitude, bound.error);
    const bits = this.bitsOf(whole);
    this.#checkMask(bits, whole);
    const v = yield* truncated(bits, frac - this.frac);
    return this.of(v, this.frac, bound.magnitude, bound.error + this.#truncationError(this.frac));
  }

  /** 1 where a < b, else 0; no fraction bits. */
  *lessThan(a: Fixed, b: Fixed): Protocol<Fixed> {
    const difference = this.sub(a, b);
    const v = yield* isNegative(this.context, difference.v, this.comparableBits(difference));
    return this.of(v, 0, 1, 0);
  }

  /** a, moved to the nearer end of [low, high] where it lies further outside than its error. */
  *clamp(a: Fixed, low: number, high: number): Protocol<Fixed> {
    const { k127 } = this.context;
    const scale = 2 ** a.frac;
    const least = BigInt(Math.floor((low - a.error) * scale));
    const most = BigInt(Math.ceil((high + a.error) * scale));
    const ends = k127.concat([
      k127.addConstant(k127.scale(a.v, -1n), least),
      k127.addConstant(k127.scale(a.v, -1n), most),
    ]);
    const whole = this.of(
      ends,
      a.frac,
      a.magnitude + Math.max(-low, high, low, -high),
      2 * a.error + 1 / scale,
    );
    const { length } = a.v;
    // below: 0 < least - v, that is v - least < 0; above: most - v < 0.
    const outside = k127.concat([k127.scale(ends.part(0, length), -1n), ends.part(length, 2 * length)]);
    const flags = yield* isNegative(this.context, outside, this.comparableBits(whole));
    const moves = yield* innerProducts(this.context, flags, ends, 2 * length);
    const moved = k127.add(moves.part(0, length), moves.part(length, 2 * length));
    const magnitude = Math.min(a.magnitude, Math.max(Math.abs(low), Math.abs(high)));
    return this.of(k127.add(a.v, moved), a.frac, magnitude, a.error + 1 / scale);
  }

  /** a where bit is 1, else b. */
  *select(bit: Fixed, a: Fixed, b: Fixed): Protocol<Fixed> {
    const magnitude = Math.max(a.magnitude, b.magnitude);
    const [x, y] = this.#aligned(a, b);
    const difference = this.sub(x, y);
    if (bit.frac === 0) {
      const v = yield* choose(this.context, bit.v, x.v, y.v);
      return this.of(v, x.frac, magnitude, Math.max(a.error, b.error) + bit.error * difference.magnitude);
    }
    const moved = yield* this.product(bit, difference);
    return this.within(this.add(y, moved), magnitude);
  }

  /** Runs protocols on shared reals in the same rounds. */
  *side(protocols: readonly Protocol<Fixed>[]): Protocol<readonly Fixed[]> {
    return yield* join(protocols);
  }

  /** Bits, sign included, of the represented integers. */
  bitsOf({ frac, magnitude, error }: Fixed): number {
    return Math.max(2, Math.ceil(Math.log2((magnitude + error) * 2 ** frac + 1)) + 1);
  }

  /** The same, of a value that is compared. @throws PlanError where it is too wide to be masked. */
  comparableBits(a: Fixed): number {
    const bits = this.bitsOf(a);
    this.#checkMask(bits, a);
    return bits;
  }

  #truncationError(frac: number): number {
    return truncationError(keySetCount(this.context.scheme)) * 2 ** -frac;
  }

  #productBound(a: Fixed, b: Fixed, rows: number): { magnitude: number; error: number } {
    const terms = a.v.length / rows;
    return {
      magnitude: terms * a.magnitude * b.magnitude,
      error: terms * (a.magnitude * b.error + b.magnitude * a.error + a.error * b.error),
    };
  }

  #checkMask(bits: number, a: Fixed): void {
    const most = maskableBits(this.context.scheme);
    if (bits > most) {
      throw new PlanError(
        `a value up to ${a.magnitude} with ${a.frac} fraction bits takes ${bits} bits; masks of ${this.context.scheme.parties} parties hide at most ${most}: ` +
          'declare tighter bounds or fewer fraction bits',
        { bits, most },
      );
    }
  }

  #aligned(a: Fixed, b: Fixed): readonly [Fixed, Fixed] {
    const frac = Math.max(a.frac, b.frac);
    return [this.#raise(a, frac), this.#raise(b, frac)];
  }

  #raise(a: Fixed, frac: number): Fixed {
    if (a.frac === frac) return a;
    const v = this.context.k127.scale(a.v, 1n << BigInt(frac - a.frac));
    return this.of(v, frac, a.magnitude, a.error);
  }

  #bitsFor(factor: number, a: Fixed): number {
    return isWhole(factor) ? 0 : this.#fractionOf(Math.abs(factor), a);
  }

  /**
   * Fraction bits of a public factor: as many as make its rounding no worse than the value's own last bit, or a few less where the product could
   * not be masked otherwise.
   */
  #fractionOf(size: number, a: Fixed): number {
    const bits = this.frac + Math.max(0, Math.ceil(Math.log2(a.magnitude)));
    const product = Math.ceil(Math.log2(Math.max(1, (a.magnitude + a.error) * size))) + a.frac;
    const room = maskableBits(this.context.scheme) - 2 - product;
    const fitting = Math.min(bits, Math.max(room, bits - SPARED_BITS));
    return Math.max(1, Math.min(fitting, 52 - Math.ceil(Math.log2(Math.max(size, 2 ** -20)))));
  }
}

/** Largest magnitude. */
export function largest(w: Float64Array): number {
  return w.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** Whether a factor can be used as it is: a small integer. */
export function isWhole(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) <= 2 ** 20;
}
