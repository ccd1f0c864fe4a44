import { type BitSide, ELEMENTS_A_WORD, loadBitClaims, MOST_PIECES } from '../../kernels/bit-claims.ts';
import { bigintsOf, type FieldVector, fieldVectorOf, M61 } from '../../kernels/field-vector.ts';
import { loadField61 } from '../../kernels/field61.ts';
import { shapeVector } from './shapes.ts';
import type { SharedBits } from './shared-bits.ts';

/** A product of shared bits, and the words that masked this party's part of it. */
export type BitClaim = {
  readonly x: SharedBits;
  readonly y: SharedBits;
  readonly z: SharedBits;
  readonly masks: SharedBits;
};

/** All parties' last claims as one inner product: shares of its sides. */
export type FoldedClaim = { readonly x: FieldVector; readonly y: FieldVector };

/**
 * What a party says about its part of products of bits. Party i sent z_(i+1) = x_(i+1) y_(i+1) + x_(i+1) y_(i+2) + x_(i+2) y_(i+1) + m_(i+1) + m_(i+2), that is
 * s + m_(i+2) = x_(i+1) y_(i+2) + y_(i+1) x_(i+2) with s = z_(i+1) + x_(i+1) y_(i+1) + m_(i+1). Party i - 1 knows s, x_(i+1), y_(i+1) as well, and party i + 1 the rest:
 * each side is a shared value modulo 2^61 - 1 as it is. In rows of signs u_b and v_b (see BitSide), sum_b <u_b, v_b> is twice the number of claims if and only if all of them hold, since each adds 2 or -2. It is the middle coefficient
 * of h = <u, v> for the polynomials u(t) = sum_b u_b t^b and v(t) = sum_b v_b t^(k - 1 - b), k rows. The party deals the others; at a point that is drawn then, u and v are again vectors that two parties know, and so on once more.
 */
export type BitProof = {
  /** Claims, padding included. */
  readonly count: number;
  /** For every party in its order a sharing of degree 2 of the coefficients of its h, the middle one left out: nobody can be wrong about it. */
  readonly coefficients: FieldVector;
  /** The same of the vectors of u and v at a point, in {@link NEXT_ROWS} rows. */
  fold(point: bigint): {
    readonly coefficients: FieldVector;
    /** Sharings of all parties' u, each times its weight, and v, at a point. */
    fold(point: bigint, weights: readonly bigint[]): FoldedClaim;
  };
};

const PARTIES = 3;

/** Rows into which bits are cut, and then what they fold to. */
export const BIT_ROWS: number = MOST_PIECES;
export const NEXT_ROWS = 8;

/** Coefficients that are dealt of so many rows. */
const dealtOf = (rows: number): number => 2 * rows - 2;

/** Words of a row. */
function wordsOf(claims: readonly BitClaim[]): number {
  const total = claims.reduce((sum, { x }) => sum + x.words, 0);
  return 4 * Math.ceil(total / (4 * BIT_ROWS));
}

/** 1, t, ... t^(count - 1) modulo 2^61 - 1. */
export function powersOf(t: bigint, count: number): bigint[] {
  const powers = [1n];
  for (let i = 1; i < count; i++) powers.push((powers[i - 1]! * t) % M61);
  return powers;
}

/** A proof of which a plan counts the elements. */
export function proofShape(claims: readonly BitClaim[]): BitProof {
  const words = wordsOf(claims);
  const side = shapeVector((PARTIES * ELEMENTS_A_WORD * words) / NEXT_ROWS, 1);
  const next = {
    coefficients: shapeVector(PARTIES * dealtOf(NEXT_ROWS), 1),
    fold: () => ({ x: side, y: side }),
  };
  return {
    count: 32 * words * BIT_ROWS,
    coefficients: shapeVector(PARTIES * dealtOf(BIT_ROWS), 1),
    fold: () => next,
  };
}

/**
 * A party's part. @param factors of the sharings of its first and second part at its own point. Cost: some nanoseconds a product of bits.
 */
export function proofOf(
  claims: readonly BitClaim[],
  self: number,
  factors: readonly [first: bigint, second: bigint],
): BitProof {
  const words = wordsOf(claims);
  const first = sidesOf(claims, 0, BIT_ROWS * words);
  const second = sidesOf(claims, 1, BIT_ROWS * words);
  const kernels = loadBitClaims();
  const k = loadField61();
  // Of party self + 1 this one knows the left side, of self - 1 the right side.
  const places = { own: self - 1, next: self % PARTIES, previous: (self + 1) % PARTIES };

  /** A sharing of degree 2 of what one party knows, among zeros. */
  const dealt = (values: readonly bigint[]): FieldVector => {
    const out = k.zeros(PARTIES * values.length);
    const mine = fieldVectorOf(
      values.map((value) => value * factors[0] * factors[1]),
      1,
    );
    out.limbs.set(mine.limbs, places.own * values.length);
    return out;
  };
  const fold: BitProof['fold'] = (point) => {
    const powers = fieldVectorOf(powersOf(point, BIT_ROWS), 1);
    const reversed = fieldVectorOf(powersOf(point, BIT_ROWS).toReversed(), 1);
    const at = (side: BitSide, isRight: boolean): FieldVector => {
      const out = k.zeros(ELEMENTS_A_WORD * words);
      kernels.fold(side, isRight, isRight ? reversed : powers, out);
      return out;
    };
    const u = at(first.left, false);
    const v = at(second.right, true);
    const sides = [u, v, at(second.left, false), at(first.right, true)] as const;
    return {
      coefficients: dealt(coefficientsOf(u, v)),
      fold: (nextPoint, weights) => foldNext(sides, places, factors, nextPoint, weights),
    };
  };
  const mismatches = kernels.mismatches(first.left, second.right, BIT_ROWS);
  const coefficients = dealt(coefficientsFrom(mismatches, 32 * words).map(BigInt));
  return { count: 32 * words * BIT_ROWS, coefficients, fold };
}

/** A party's shares of everybody's u and v at a point: its own, the next party's u and the previous party's v. */
function foldNext(
  [u, v, left, right]: readonly [FieldVector, FieldVector, FieldVector, FieldVector],
  places: { readonly own: number; readonly next: number; readonly previous: number },
  factors: readonly [first: bigint, second: bigint],
  point: bigint,
  weights: readonly bigint[],
): FoldedClaim {
  const k = loadField61();
  const powers = powersOf(point, NEXT_ROWS);
  const size = u.length / NEXT_ROWS;
  const x = k.zeros(PARTIES * size);
  const y = k.zeros(PARTIES * size);
  const put = (out: FieldVector, claim: number, of: FieldVector, by: bigint): void => {
    const rows = (out === y ? powers.toReversed() : powers).map((power) => power * by);
    const folded = k.matMul(fieldVectorOf(rows, 1), of, 1);
    out.limbs.set(folded.limbs, claim * size);
    for (const vector of [folded, of]) vector.recycle();
  };
  put(x, places.own, u, factors[0] * weights[places.own]!);
  put(y, places.own, v, factors[1]);
  put(x, places.next, left, factors[1] * weights[places.next]!);
  put(y, places.previous, right, factors[0]);
  return { x, y };
}

/** One of a party's two parts of everything, as left and as right side of claims; zeros, for which all claims hold, behind. */
function sidesOf(
  claims: readonly BitClaim[],
  part: 0 | 1,
  words: number,
): { readonly left: BitSide; readonly right: BitSide } {
  const joined = (of: (claim: BitClaim) => SharedBits): Uint32Array => {
    const out = new Uint32Array(words);
    let at = 0;
    for (const claim of claims) {
      const bits = of(claim).parts[part];
      out.set(bits, at);
      at += bits.length;
    }
    return out;
  };
  const x = joined((claim) => claim.x);
  const y = joined((claim) => claim.y);
  const masks = joined((claim) => claim.masks);
  const s = joined((claim) => claim.z);
  for (let i = 0; i < words; i++) s[i]! ^= (x[i]! & y[i]!) ^ masks[i]!;
  return { left: { s, x, y }, right: { s: masks, x, y } };
}

/** The coefficients of h but for the middle one: coefficient d is the sum of <u_i, v_j> for i + k - 1 - j = d, and rows of `bits` places that differ in some have 2 bits - 4 of these. */
function coefficientsFrom(mismatches: Uint32Array, bits: number): number[] {
  const out = new Array<number>(2 * BIT_ROWS - 1).fill(0);
  for (let i = 0; i < BIT_ROWS; i++) {
    for (let j = 0; j < BIT_ROWS; j++) {
      out[i + BIT_ROWS - 1 - j]! += 2 * bits - 4 * mismatches[i * BIT_ROWS + j]!;
    }
  }
  out.splice(BIT_ROWS - 1, 1);
  return out;
}

/** The same of vectors in {@link NEXT_ROWS} rows: rows that are as far apart lie next to each other. */
function coefficientsOf(u: FieldVector, v: FieldVector): bigint[] {
  const k = loadField61();
  const { length } = u;
  const size = length / NEXT_ROWS;
  const product = (from: number, to: number): bigint => {
    const count = length - Math.max(from, to);
    return bigintsOf(k.dots(u.part(from, from + count), v.part(to, to + count), 1))[0]!;
  };
  const apart = Array.from({ length: NEXT_ROWS - 1 }, (_, i) => (i + 1) * size);
  return [
    ...apart.toReversed().map((shift) => product(0, shift)),
    ...apart.map((shift) => product(shift, 0)),
  ];
}
