import type { FieldVector } from '../../kernels/field-vector.ts';
import {
  bounded,
  type Context,
  join,
  open,
  openUniform,
  type Protocol,
  signs,
  uniform,
} from '../engine/protocol.ts';
import { inverseVartime } from '../sharing.ts';
import { carry } from './carry.ts';
import { KAPPA, maskableBits61 } from './masking.ts';
import { multiply, productOfRows } from './multiply.ts';

/**
 * Random bits modulo 2^61 - 1: rows of `length` +1 or -1, the product of one random sign a key set, of which t parties know all
 * but one. Cost: one product a bit and further set, ceil(log2 sets) rounds.
 */
function* randomSigns(context: Context, length: number): Protocol<FieldVector> {
  let left = yield* signs(length);
  while (left.length > 1) {
    const pairs = left.length >> 1;
    const products = yield* join(
      Array.from({ length: pairs }, (_, i) => multiply(context, left[2 * i]!, left[2 * i + 1]!)),
    );
    left = [...products, ...left.slice(2 * pairs)];
  }
  return left[0]!;
}

/** Random bits in both fields. */
type RandomBits = {
  /** Rows of bits modulo 2^61 - 1, least significant first. */
  readonly bits: FieldVector;
  /** sum 2^i b_i modulo 2^127 - 1. */
  readonly value: FieldVector;
  /** A further random sign modulo 2^61 - 1, and (1 + sign) / 2 modulo 2^127 - 1. */
  readonly sign: FieldVector;
  readonly signBit: FieldVector;
};

/**
 * `rows` random bits for each of `length` elements. The bits are made modulo 2^61 - 1, where products are cheap, and
 * carried over in pieces: a piece is opened under a mask that both fields share.
 */
function* randomBits(context: Context, rows: number, length: number): Protocol<RandomBits> {
  const { k61, k127, scheme } = context;
  const all = yield* randomSigns(context, (rows + 1) * length);
  const half = inverseVartime(2n, k61.modulus);
  const bitsAndSign = k61.scale(k61.addConstant(all, 1n), half);
  const bits = bitsAndSign.part(0, rows * length);
  const pieceBits = maskableBits61(scheme);
  const starts = Array.from({ length: Math.ceil(rows / pieceBits) }, (_, i) => i * pieceBits);
  const pieces = starts.map((start) => {
    const places = Array.from({ length: Math.min(pieceBits, rows - start) }, (_, i) => i);
    return k61.combine(
      places.map((i) => 1n << BigInt(i)),
      places.map((i) => bits.part((start + i) * length, (start + i + 1) * length)),
    );
  });
  const carried = k61.concat([...pieces, bitsAndSign.part(rows * length, (rows + 1) * length)]);
  const values = yield* carry(context, carried, pieceBits, open);
  const pieceOf = (i: number): FieldVector => values.part(i * length, (i + 1) * length);
  return {
    bits,
    value: k127.combine(
      starts.map((start) => 1n << BigInt(start)),
      starts.map((_, i) => pieceOf(i)),
    ),
    sign: all.part(rows * length, (rows + 1) * length),
    signBit: pieceOf(starts.length),
  };
}

/**
 * x mod 2^low for integers x in [0, 2^bits) modulo 2^127 - 1, low < bits at most `maskableBits`. x is opened plus r, whose low bits are known as
 * shared bits and whose high part hides the rest; then c = x + r and r are compared in their low bits: x mod 2^low = (c - r) mod 2^low, and
 * c < r there tells whether 2^low is missing.
 *
 * The comparison is that of Damgard, Geisler and Kroigaard (ACISP 2007) with a random direction: the product of its terms is zero
 * for exactly one direction, so that opening it times a random element shows a fair coin.
 *
 * Who learns what: c, within 2^-KAPPA of uniform whatever x is; a fair coin; masked bits. Error: none, except with probability 2^-60
 * an element (a random factor that is zero). Cost: about 3 low products modulo 2^61 - 1 an element; 4 + log2(low + 2) + log2(sets) rounds.
 */
export function* lowPart(context: Context, x: FieldVector, bits: number, low: number): Protocol<FieldVector> {
  const { k61, k127 } = context;
  const { length } = x;
  const random = yield* randomBits(context, low, length);
  const { whole: high } = yield* bounded(bits - low + KAPPA, 0, length);
  const scale = 1n << BigInt(low);
  const c = yield* open(k127.add(k127.add(x, random.value), k127.scale(high, scale)));
  const terms = k61.comparisonTerms(random.bits, c, random.sign);
  const factor = yield* uniform(1, length);
  const product = yield* productOfRows(context, k61.concat([terms, factor]), low + 2);
  const found = context.zeroFlags(yield* open(product));
  // sign = 1 (bit 1): found means c < r. sign = -1 (bit 0): found means c >= r. So less = found ? bit : 1 - bit.
  const toggled = k127.addConstant(k127.scale(random.signBit, 2n), -1n);
  const less = k127.add(k127.mul(found, toggled), k127.addConstant(k127.scale(random.signBit, -1n), 1n));
  return k127.add(k127.sub(k127.lowBits(c, low), random.value), k127.scale(less, scale));
}

/** Uniform bits that everybody knows, for protocols that need public randomness. */
export function* publicCoin(context: Context): Protocol<bigint> {
  return context.read(yield* openUniform(yield* uniform(2, 1)))[0]!;
}
