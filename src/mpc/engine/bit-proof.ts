import { type BitSide, ELEMENTS_A_WORD, loadBitClaims, MOST_PIECES } from '../../kernels/bit-claims.ts';
import { type FieldVector, fieldVectorOf, M61 } from '../../kernels/field-vector.ts';
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

/** An inner product that a party claims, as shares of its sides. */
export type FoldedClaim = { readonly x: FieldVector; readonly y: FieldVector };

/**
 * What a party says about its part of products of bits. Party i sent z_(i+1) = x_(i+1) y_(i+1) + x_(i+1) y_(i+2) + x_(i+2) y_(i+1) + m_(i+1) + m_(i+2), that is
 * s + m_(i+2) = x_(i+1) y_(i+2) + y_(i+1) x_(i+2) with s = z_(i+1) + x_(i+1) y_(i+1) + m_(i+1). Party i - 1 knows s, x_(i+1), y_(i+1) as well, and party i + 1 the rest:
 * each side is a shared value modulo 2^61 - 1 as it is. In rows of signs u_b and v_b (see BitSide), sum_b <u_b, v_b> is twice the number of claims if and only if all of them hold, since each adds 2 or -2. It is the middle coefficient
 * of h = <u, v> for the polynomials u(t) = sum_b u_b t^b and v(t) = sum_b v_b t^(k - 1 - b), k rows.
 */
export type BitProof = {
  /** Claims, padding included. */
  readonly count: number;
  /** For every party in its order a sharing of degree 2 of the coefficients of its h, the middle one left out: nobody can be wrong about it. */
  readonly coefficients: FieldVector;
  /** Sharings of all parties' u, each times its weight, and v, at a point. */
  fold(point: bigint, weights: readonly bigint[]): FoldedClaim;
};

const PARTIES = 3;

/** Rows into which claims are cut. */
const ROWS: number = MOST_PIECES;

/** Coefficients of h that are dealt. */
export const DEALT: number = 2 * ROWS - 2;

/** Words of a row. */
function wordsOf(claims: readonly BitClaim[]): number {
  const total = claims.reduce((sum, { x }) => sum + x.words, 0);
  return 4 * Math.ceil(total / (4 * ROWS));
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
  const side = shapeVector(PARTIES * ELEMENTS_A_WORD * words, 1);
  return {
    count: 32 * words * ROWS,
    coefficients: shapeVector(PARTIES * DEALT, 1),
    fold: () => ({ x: side, y: side }),
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
  const first = sidesOf(claims, 0, ROWS * words);
  const second = sidesOf(claims, 1, ROWS * words);
  const k = loadField61();
  const kernels = loadBitClaims();

  const mismatches = kernels.mismatches(first.left, second.right, ROWS);
  const mine = fieldVectorOf(
    coefficientsFrom(mismatches, 32 * words).map((value) => BigInt(value) * factors[0] * factors[1]),
    1,
  );
  const coefficients = k.zeros(PARTIES * DEALT);
  coefficients.limbs.set(mine.limbs, (self - 1) * DEALT);

  const size = ELEMENTS_A_WORD * words;
  const fold = (point: bigint, weights: readonly bigint[]): FoldedClaim => {
    const powers = powersOf(point, ROWS);
    const x = k.zeros(PARTIES * size);
    const y = k.zeros(PARTIES * size);
    const put = (side: BitSide, out: FieldVector, claim: number, part: 0 | 1): void => {
      const isRight = out === y;
      const by = factors[part] * (isRight ? 1n : weights[claim]!);
      const rows = (isRight ? powers.toReversed() : powers).map((power) => power * by);
      kernels.fold(side, isRight, fieldVectorOf(rows, 1), out.part(claim * size, (claim + 1) * size));
    };
    // Of party self + 1 this one knows the left side, of self - 1 the right side.
    put(first.left, x, self - 1, 0);
    put(second.right, y, self - 1, 1);
    put(second.left, x, self % PARTIES, 1);
    put(first.right, y, (self + 1) % PARTIES, 0);
    return { x, y };
  };
  return { count: 32 * words * ROWS, coefficients, fold };
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
  const out = new Array<number>(2 * ROWS - 1).fill(0);
  for (let i = 0; i < ROWS; i++) {
    for (let j = 0; j < ROWS; j++) out[i + ROWS - 1 - j]! += 2 * bits - 4 * mismatches[i * ROWS + j]!;
  }
  out.splice(ROWS - 1, 1);
  return out;
}
