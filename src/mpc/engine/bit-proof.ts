import { type BitSide, loadBitClaims } from '../../kernels/bit-claims.ts';
import { type FieldVector, fieldVectorOf, M61 } from '../../kernels/field-vector.ts';
import { loadField61 } from '../../kernels/field61.ts';
import { factorsBeyond } from './interpolation.ts';
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
 * each side is a shared value modulo 2^61 - 1 as it is. In `pieces` rows of signs (see BitSide) the claims are pieces of polynomials u and v, and h = <u, v> is twice the number of places in a row where
 * everything holds; summed over all rows, that is the number of claims, twice, if and only if all of them hold.
 */
export type BitProof = {
  readonly pieces: number;
  /** Claims, padding included. */
  readonly count: number;
  /** For every party in its order a sharing of degree 2 of its h at 0 .. pieces - 2 and pieces .. 2 pieces - 2. */
  readonly sums: FieldVector;
  /** For every party, sharings of its u and v at a point, by the factors of the pieces there. */
  fold(factors: readonly bigint[]): readonly FoldedClaim[];
};

const PARTIES = 3;

/** Pieces into which so many words are divided, and words of each. Few where words are few: a party's h costs pieces^3 products. */
function shapeOf(claims: readonly BitClaim[]): { readonly pieces: number; readonly words: number } {
  const total = claims.reduce((sum, { x }) => sum + x.words, 0);
  const pieces = total < 4096 ? 32 : 64;
  return { pieces, words: 4 * Math.ceil(total / (4 * pieces)) };
}

/** Signs, and therefore elements of a side, that stand for a word of a row. */
const ELEMENTS_A_WORD = 128;

/** A proof of which a plan counts the elements. */
export function proofShape(claims: readonly BitClaim[]): BitProof {
  const { pieces, words } = shapeOf(claims);
  const side = shapeVector(ELEMENTS_A_WORD * words, 1);
  return {
    pieces,
    count: 32 * words * pieces,
    sums: shapeVector(PARTIES * (2 * pieces - 2), 1),
    fold: () => Array.from({ length: PARTIES }, () => ({ x: side, y: side })),
  };
}

/**
 * A party's part. @param factors of the sharings of its first and second part at its own point. Cost: about 10 ns a product of bits, and pieces^3 products modulo 2^61 - 1.
 */
export function proofOf(
  claims: readonly BitClaim[],
  self: number,
  factors: readonly [first: bigint, second: bigint],
): BitProof {
  const { pieces, words } = shapeOf(claims);
  const first = sidesOf(claims, 0, pieces * words);
  const second = sidesOf(claims, 1, pieces * words);
  const k = loadField61();
  const kernels = loadBitClaims();
  const count = 32 * words * pieces;

  const mine = valuesOf(kernels.mismatches(first.left, second.right, pieces), pieces, 32 * words);
  const sums = k.zeros(PARTIES * mine.length);
  const scaled = k.scale(mine, factors[0] * factors[1]);
  sums.limbs.set(scaled.limbs, (self - 1) * mine.length);

  const fold = (at: readonly bigint[]): FoldedClaim[] => {
    const [one, two] = factors.map((factor) =>
      fieldVectorOf(
        at.map((value) => (value * factor) % M61),
        1,
      ),
    );
    const none = k.zeros(ELEMENTS_A_WORD * words);
    const claim = (x: FieldVector, y: FieldVector): FoldedClaim => ({ x, y });
    const own = claim(kernels.fold(first.left, false, one!), kernels.fold(second.right, true, two!));
    const next = claim(kernels.fold(second.left, false, two!), none);
    const previous = claim(none, kernels.fold(first.right, true, one!));
    // Of party self + 1 this one knows the left side, of self - 1 the right side.
    const all: FoldedClaim[] = [];
    all[self - 1] = own;
    all[self % PARTIES] = next;
    all[(self + 1) % PARTIES] = previous;
    return all;
  };
  return { pieces, count, sums, fold };
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

/** h at 0 .. pieces - 2 and pieces .. 2 pieces - 2, from how often rows do not fit in `bits` places. */
function valuesOf(mismatches: Uint32Array, pieces: number, bits: number): FieldVector {
  const k = loadField61();
  const products = fieldVectorOf(
    Array.from(mismatches, (wrong) => BigInt(2 * bits - 4 * wrong)),
    1,
  );
  const beyond = fieldVectorOf(factorsBeyond(pieces, M61), 1);
  const at = Uint32Array.from({ length: pieces - 1 }, (_, i) => i * (pieces + 1));
  const there = k.dots(k.matMul(beyond, products, pieces - 1), beyond, pieces - 1);
  return k.concat([k.gather(products, at), there]);
}
