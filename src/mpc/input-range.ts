import type { InputSpec } from '../algebra/circuit.ts';
import { FieldVector } from '../kernels/field-vector.ts';
import { type Field127Kernels, loadField127 } from '../kernels/field127.ts';
import { toInteger } from './field.ts';

/**
 * Integers of [0, most], written with `bits` bits as sum_{j < bits - 1} 2^j b_j + last b_(bits - 1). Where `last` completes the powers of two to
 * `most`, every choice of bits is an integer of the range, and every integer of the range has one (Lipmaa, Asokan and Niemi, "Secure
 * Vickrey auctions without threshold trust", FC 2002, section 5): that bits are bits is all that has to be proved.
 */
export type BitRange = { readonly length: number; readonly bits: number; readonly last: bigint };

/**
 * What an owner proves of an input, in units of its last fraction bit: low <= x_i <= high and, where `l1` is given, sum |x_i| <= l1. The bits of
 * `parts` follow the input's elements: of x_i - low; or, where a 1-norm is declared and signs may differ, of p_i and m_i with x_i = p_i - m_i;
 * and, with a 1-norm, of what is left of it.
 */
export type InputRange = {
  readonly low: bigint;
  readonly high: bigint;
  readonly l1: bigint | undefined;
  readonly parts: readonly BitRange[];
};

/**
 * The range of an input's integers at `frac` fraction bits: that of the declared reals, rounded as the reals are. The 1-norm is allowed half a unit an
 * element for the rounding, and what {@link checkInput} allows the owner's own sum.
 */
export function inputRange(spec: InputSpec, frac: number): InputRange {
  const [lowest, highest] = spec.range ?? [-spec.bound, spec.bound];
  const low = toInteger(Math.max(lowest, -spec.bound), frac);
  const high = toInteger(Math.min(highest, spec.bound), frac);
  const { length } = spec;
  const l1 =
    spec.l1 !== undefined && spec.l1 < length * spec.bound
      ? toInteger(spec.l1 * (1 + 2e-12 + length * 2 ** -51), frac) + BigInt(Math.ceil(length / 2))
      : undefined;
  if (l1 === undefined) return { low, high, l1, parts: [bitRange(length, high - low)] };
  const values = straddles({ low, high })
    ? [bitRange(length, high), bitRange(length, -low)]
    : [bitRange(length, high - low)];
  return { low, high, l1, parts: [...values, bitRange(1, l1)] };
}

/** Whether elements of both signs are allowed. */
export function straddles({ low, high }: Pick<InputRange, 'low' | 'high'>): boolean {
  return low < 0n && high > 0n;
}

/** Bits that follow an input's elements. */
export function bitCount({ parts }: InputRange): number {
  return parts.reduce((total, { length, bits }) => total + length * bits, 0);
}

/**
 * The bits of an input that lies within its range, modulo 2^61 - 1: part by part, least significant rows first. As secret as the input; local. Outside of the range they do not
 * stand for the input, and parties refuse them.
 */
export function rangeBits(x: FieldVector, { low, high, l1, parts }: InputRange): FieldVector {
  const k = loadField127();
  const magnitudes: FieldVector[] = [];
  if (l1 !== undefined && straddles({ low, high })) {
    const negative = new FieldVector(x.length);
    for (let i = 0; i < x.length; i++) negative.words[4 * i] = bitAt(x, i, 126);
    const minus = k.scale(k.mul(x, negative), -1n);
    magnitudes.push(k.add(x, minus), minus);
  } else magnitudes.push(k.addConstant(x, -low));
  const values = [...magnitudes];
  if (l1 !== undefined) values.push(k.addConstant(k.scale(sumOfMagnitudes(k, x, magnitudes, high), -1n), l1));
  const bits = values.map((value, i) => binary(value, parts[i]!));
  const out = new FieldVector(
    bits.reduce((total, { length }) => total + length, 0),
    1,
  );
  let start = 0;
  for (const part of bits) {
    out.limbs.set(part.limbs, start);
    start += part.length;
    part.wipe();
  }
  for (const value of values) value.wipe();
  return out;
}

/** sum |x_i| from x, or from its positive and negative parts. Linear: the same on shares. */
export function sumOfMagnitudes(
  k: Field127Kernels,
  x: FieldVector,
  magnitudes: readonly FieldVector[],
  high: bigint,
): FieldVector {
  const ones = k.addConstant(k.zeros(x.length), 1n);
  if (magnitudes.length > 1) return k.dots(k.total(magnitudes), ones, 1);
  const sum = k.dots(x, ones, 1);
  return high > 0n ? sum : k.scale(sum, -1n);
}

function bitRange(length: number, most: bigint): BitRange {
  const bits = Math.max(1, most.toString(2).length);
  return { length, bits, last: most - (1n << BigInt(bits - 1)) + 1n };
}

/** Rows of bits. Branches on no element. */
function binary(v: FieldVector, { length, bits, last }: BitRange): FieldVector {
  const k = loadField127();
  const top = bits - 1;
  const out = new FieldVector(bits * length, 1);
  const flags = new FieldVector(length);
  for (let i = 0; i < length; i++) {
    const flag = bitAt(v, i, top);
    flags.words[4 * i] = flag;
    out.words[2 * (top * length + i)] = flag;
  }
  const rest = k.sub(v, k.scale(flags, last));
  for (let j = 0; j < top; j++) {
    for (let i = 0; i < length; i++) out.words[2 * (j * length + i)] = bitAt(rest, i, j);
  }
  flags.wipe();
  rest.wipe();
  return out;
}

function bitAt(v: FieldVector, i: number, bit: number): number {
  return (v.words[4 * i + (bit >> 5)]! >>> (bit & 31)) & 1;
}
