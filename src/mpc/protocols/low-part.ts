import type { FieldVector } from '../../kernels/field-vector.ts';
import type { BitsNeeded, PreparedBits } from '../engine/bit-stock.ts';
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
import { sharesBits } from '../engine/shared-bits.ts';
import { inverseVartime, type SharingScheme } from '../sharing.ts';
import { lowPartOfThree } from './binary-compare.ts';
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
    context.products.release(...left.slice(0, 2 * pairs));
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
  /** Gives back the bits and the sign. */
  readonly release: () => void;
};

/** Rows of each piece in which `rows` bits are carried to the other field. */
function piecesOf(
  scheme: SharingScheme,
  rows: number,
): readonly { readonly start: number; readonly bits: number }[] {
  const most = maskableBits61(scheme);
  return Array.from({ length: Math.ceil(rows / most) }, (_, i) => ({
    start: i * most,
    bits: Math.min(most, rows - i * most),
  }));
}

/**
 * `rows` random bits and a random sign for each of `length` elements. The bits are made modulo 2^61 - 1, where products are cheap, and
 * carried over in pieces: a piece is opened under a mask that both fields share.
 */
export function* makeBits(context: Context, { rows, length }: BitsNeeded): Protocol<PreparedBits> {
  const { k61, scheme } = context;
  const signs = yield* randomSigns(context, (rows + 1) * length);
  const bits = bitsOf(context, signs);
  const row = (i: number): FieldVector => bits.part(i * length, (i + 1) * length);
  const pieces = piecesOf(scheme, rows).map(({ start, bits: count }) => {
    const places = Array.from({ length: count }, (_, i) => i);
    return k61.combine(
      places.map((i) => 1n << BigInt(i)),
      places.map((i) => row(start + i)),
    );
  });
  const carried = k61.concat([...pieces, row(rows)]);
  const values = yield* carry(context, carried, maskableBits61(scheme), open);
  bits.recycle();
  return { signs, values };
}

/** (1 + sign) / 2. */
function bitsOf({ k61 }: Context, signs: FieldVector): FieldVector {
  const oneMore = k61.addConstant(signs, 1n);
  const bits = k61.scale(oneMore, inverseVartime(2n, k61.modulus));
  oneMore.recycle();
  return bits;
}

/** Random bits: made ahead where there are any, else now. */
function* randomBits(context: Context, rows: number, length: number): Protocol<RandomBits> {
  const { k127, scheme, products } = context;
  const { signs, values } =
    context.takeBits({ rows, length }) ?? (yield* makeBits(context, { rows, length }));
  const whole = bitsOf(context, signs);
  const pieceOf = (i: number): FieldVector => values.part(i * length, (i + 1) * length);
  const pieces = piecesOf(scheme, rows);
  return {
    bits: whole.part(0, rows * length),
    value: k127.combine(
      pieces.map(({ start }) => 1n << BigInt(start)),
      pieces.map((_, i) => pieceOf(i)),
    ),
    sign: signs.part(rows * length, (rows + 1) * length),
    signBit: pieceOf(pieces.length),
    release: () => products.release(signs, whole),
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
  if (sharesBits(context.scheme)) return yield* lowPartOfThree(context, x, bits, low);
  const { length } = x;
  const random = yield* randomBits(context, low, length);
  const { whole: high } = yield* bounded(bits - low + KAPPA, 0, length);
  const scale = 1n << BigInt(low);
  const c = yield* open(k127.add(k127.add(x, random.value), k127.scale(high, scale)));
  const terms = k61.comparisonTerms(random.bits, c, random.sign);
  const factor = yield* uniform(1, length);
  random.release();
  const rows = k61.concat([terms, factor]);
  terms.recycle();
  const product = yield* productOfRows(context, rows, low + 2);
  context.products.release(rows);
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
