import { bitPlanes, wordsFor } from '../../kernels/bit-planes.ts';
import type { FieldVector } from '../../kernels/field-vector.ts';
import {
  and,
  type Context,
  join,
  mask,
  open,
  type Protocol,
  randomBits,
  revealUniform,
  type SharedMask,
} from '../engine/protocol.ts';
import { type PublicBits, SharedBits } from '../engine/shared-bits.ts';
import { inverseVartime } from '../sharing.ts';
import { KAPPA } from './masking.ts';
import { multiply } from './multiply.ts';

/*
 * Comparisons among three parties by a circuit on bits. x is opened under a mask r = r_1 + r_2 + r_3, of which each key set holds one integer: c = x + r. Every party of a set knows
 * the bits of its r_A, so that they are shared bits as they are, and since -x - 1 = r - c - 1 = r_1 + r_2 + r_3 + ~c modulo any power of two, bits of x and
 * what lies above them are bits of a sum of four integers: two carry-save additions and the carries of a third.
 */

/** Rows of bits, least significant first, each of `words` words. */
type Rows = { readonly bits: SharedBits; readonly words: number };

function rows({ bits, words }: Rows, from: number, to: number): SharedBits {
  return bits.part(from * words, to * words);
}

/** What a row of zeros in front makes of `rows`: each bit has twice its weight; as many rows as before. */
function doubled(of: SharedBits, words: number): SharedBits {
  const none = of.part(0, words).only();
  return SharedBits.concat([none, of.part(0, of.words - words)]);
}

/** The four integers' sum, in its low rows: what is carried out of them, by each of three additions, and c and its mask. */
type Sum = {
  readonly carries: readonly SharedBits[];
  readonly c: FieldVector;
  readonly mask: SharedMask;
  /** Bits of ~c, and words of a row of them. */
  readonly flipped: PublicBits;
  readonly words: number;
};

/**
 * Opens x + r for integers x in [0, 2^bits) and adds up the low `low` rows; `planes` rows of the mask and of c are returned. ANDs: about 5 low an element. Rounds: 3 + log2(low), rounded up.
 * Who learns what: c, within 2^-KAPPA of uniform whatever x is.
 */
function* openAndAdd(
  context: Context,
  x: FieldVector,
  bits: number,
  low: number,
  planes: number,
): Protocol<Sum> {
  const { k127 } = context;
  const words = wordsFor(x.length);
  const masked = yield* mask(bits + KAPPA, low, planes, x.length);
  const r = masked.planes.part(0, low * words);
  // The majority of r_1, r_2, r_3 is (r_1 + r_3)(r_2 + r_3) + r_3.
  const [c, product] = yield* join<[FieldVector, SharedBits]>([
    open(k127.add(x, masked.whole)),
    and(context, r.only(0, 2), r.only(1, 2)),
  ]);
  const first = product.xor(r.only(2));
  const flipped = complement(c, planes, words);
  const part = { words: low * words, bits: flipped.bits.subarray(0, low * words) };
  const before = doubled(first, words);
  // Of a, b and a public bit: (a + ~c)(b + ~c) + ~c.
  const majority = yield* and(context, r.flip(part), before.flip(part));
  const second = majority.flip(part);
  const sum = r.xor(before).flip(part);
  const third = yield* carryOut(context, { bits: sum, words }, { bits: doubled(second, words), words });
  const top = (carry: SharedBits): SharedBits => carry.part((low - 1) * words, low * words);
  return { carries: [top(first), top(second), third], c, mask: masked, flipped, words };
}

/** ~c in its lowest rows. */
function complement(c: FieldVector, planes: number, words: number): PublicBits {
  const bits = bitPlanes(c, planes);
  for (let i = 0; i < bits.length; i++) bits[i] = ~bits[i]!;
  return { words: planes * words, bits };
}

/** The carry out of the sum of a and b, by a tree of generate and propagate (Brent and Kung, IEEE Trans. Comput. 31 (1982)): 3 ANDs a row, 1 + ceil(log2 rows) rounds. The lowest row of b is zero. */
function* carryOut(context: Context, a: Rows, b: Rows): Protocol<SharedBits> {
  const { words } = a;
  let count = a.bits.words / words - 1;
  if (count === 0) return a.bits.only();
  let generate = yield* and(context, rows(a, 1, count + 1), rows(b, 1, count + 1));
  let propagate = rows(a, 1, count + 1).xor(rows(b, 1, count + 1));
  while (count > 1) {
    const pairs = count >> 1;
    const pick = (of: SharedBits, side: 0 | 1, from = 0): SharedBits[] =>
      Array.from({ length: pairs - from }, (_, i) => {
        const at = 2 * (i + from) + side;
        return of.part(at * words, (at + 1) * words);
      });
    // The lowest pair's sum is asked only for what it generates.
    const products = yield* and(
      context,
      SharedBits.concat([...pick(propagate, 1), ...pick(propagate, 1, 1)]),
      SharedBits.concat([...pick(generate, 0), ...pick(propagate, 0, 1)]),
    );
    const rest = (of: SharedBits): SharedBits[] =>
      count % 2 === 1 ? [of.part((count - 1) * words, count * words)] : [];
    const generated = products.part(0, pairs * words).xor(SharedBits.concat(pick(generate, 1)));
    const none = propagate.part(0, words).only();
    const propagated = [none, products.part(pairs * words, products.words), ...rest(propagate)];
    generate = SharedBits.concat([generated, ...rest(generate)]);
    propagate = SharedBits.concat(propagated);
    count = pairs + (count & 1);
  }
  return generate;
}

/** Where x < 0, for integers |x| < 2^(bits - 1): bit bits - 1 of ~(x + 2^(bits - 1)). Rounds: 3 + ceil(log2(bits - 2)). */
export function* negativeBits(context: Context, x: FieldVector, bits: number): Protocol<SharedBits> {
  const top = bits - 1;
  const positive = context.k127.addConstant(x, 1n << BigInt(top));
  const { carries, mask: masked, flipped, words } = yield* openAndAdd(context, positive, bits, top, bits);
  const own = masked.planes.part(top * words, bits * words);
  const at = { words, bits: flipped.bits.subarray(top * words) };
  return carries.reduce((sum, carry) => sum.xor(carry), own.flip(at));
}

/** 1 where x < 0, else 0, modulo 2^127 - 1. Cost: {@link negativeBits}, and one round to carry the result over. */
export function* isNegativeOfThree(context: Context, x: FieldVector, bits: number): Protocol<FieldVector> {
  const [negative, coins] = yield* join<[SharedBits, FieldCoins]>([
    negativeBits(context, x, bits),
    fieldCoins(context, x.length),
  ]);
  return yield* toField(context, negative, coins);
}

/**
 * x mod 2^low for integers x in [0, 2^bits), low < bits: of x + r = c, floor(x / 2^low) = floor(c / 2^low) - sum floor(r_A / 2^low) - k, where k is the sum of three carries.
 */
export function* lowPartOfThree(
  context: Context,
  x: FieldVector,
  bits: number,
  low: number,
): Protocol<FieldVector> {
  const { k127 } = context;
  const { length } = x;
  const [{ carries, c, mask: masked }, ...coins] = yield* join<[Sum, FieldCoins, FieldCoins, FieldCoins]>([
    openAndAdd(context, x, bits, low, low),
    fieldCoins(context, length),
    fieldCoins(context, length),
    fieldCoins(context, length),
  ]);
  const k = yield* join(carries.map((carry, i) => toField(context, carry, coins[i]!)));
  const high = k127.sub(k127.shiftRight(c, low), k127.total([masked.shifted, ...k]));
  return k127.sub(x, k127.scale(high, 1n << BigInt(low)));
}

/** Random bits b, and 2 b - 1 modulo 2^127 - 1. */
type FieldCoins = { readonly bits: SharedBits; readonly signs: FieldVector };

/** Every key set's random bits as signs, multiplied up: two products modulo 2^127 - 1 an element, two rounds. */
function* fieldCoins(context: Context, length: number): Protocol<FieldCoins> {
  const { bits, signs } = yield* randomBits(length);
  const two = yield* multiply(context, signs[0]!, signs[1]!);
  return { bits, signs: yield* multiply(context, two, signs[2]!) };
}

/**
 * Shared bits as 0 and 1 modulo 2^127 - 1: w, their sum with random bits b, is revealed, and 2 (w + b) - 1 = (1 - 2 w)(2 b - 1). Who learns what: w, uniform. One round.
 */
function* toField({ k127 }: Context, bits: SharedBits, coins: FieldCoins): Protocol<FieldVector> {
  const w = (yield* revealUniform(bits.xor(coins.bits))).bits;
  const half = inverseVartime(2n, k127.modulus);
  const bytes = new Uint8Array(w.buffer, w.byteOffset, w.byteLength);
  const halves = k127.signs(bytes, -half, coins.signs.length);
  return k127.addConstant(k127.mul(halves, coins.signs), half);
}
