import { type BitClaimKernels, type BitSide, CLAIM_WORDS, checkFolded, checkSide } from './bit-claims.ts';
import { bigintsOf, fieldVectorOf, M61 } from './field-vector.ts';

const bitAt = (words: Uint32Array, at: number): number => (words[at >> 5]! >>> (at & 31)) & 1;

/** Rows of four, by (x, y) or (y', x') as bits 0 and 1: H' and, symmetric, K of {@link BitSide}. */
const LEFT = [
  [1, 1, 1, 1],
  [-1, 1, -1, 1],
  [-1, -1, 1, 1],
  [-1, 1, 1, -1],
];
const RIGHT = [0, 1, 2, 3].map((r) => [0, 1, 2, 3].map((c) => (c === r ? -1 : 1)));

/** What the kernels of {@link loadBitClaims} have to give, by the definitions. Varies in time. */
export const bitClaimsTwinVartime: BitClaimKernels = {
  mismatches(left, right, pieces) {
    const bits = 32 * checkSide(left, pieces);
    const counts = new Uint32Array(pieces ** 2);
    for (let i = 0; i < pieces; i++) {
      for (let j = 0; j < pieces; j++) {
        for (let b = 0; b < bits; b++) {
          const [l, r] = [i * bits + b, j * bits + b];
          const crossed = (bitAt(left.x, l) & bitAt(right.y, r)) ^ (bitAt(left.y, l) & bitAt(right.x, r));
          counts[i * pieces + j]! += bitAt(left.s, l) ^ bitAt(right.s, r) ^ crossed;
        }
      }
    }
    return counts;
  },
  fold(side: BitSide, isRight, factors, folded) {
    const pieces = factors.length;
    const words = checkSide(side, pieces);
    checkFolded(folded, words);
    const lambda = bigintsOf(factors);
    const out = new Array<bigint>(128 * words).fill(0n);
    for (let start = 0; start < words; start += CLAIM_WORDS) {
      const n = Math.min(CLAIM_WORDS, words - start);
      for (let c = 0; c < 4; c++) {
        for (let b = 0; b < 32 * n; b++) {
          let sum = 0n;
          lambda.forEach((factor, i) => {
            const at = 32 * (i * words + start) + b;
            const [x, y] = [bitAt(side.x, at), bitAt(side.y, at)];
            const sign = isRight ? RIGHT[y + 2 * x]![c]! : LEFT[x + 2 * y]![c]!;
            sum += bitAt(side.s, at) === 1 ? -factor * BigInt(sign) : factor * BigInt(sign);
          });
          out[128 * start + c * 32 * n + b] = ((sum % M61) + M61) % M61;
        }
      }
    }
    folded.limbs.set(fieldVectorOf(out, 1).limbs);
  },
};
