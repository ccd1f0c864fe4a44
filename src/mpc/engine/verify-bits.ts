import type { FieldVector } from '../../kernels/field-vector.ts';
import { BIT_ROWS, type BitClaim, NEXT_ROWS, powersOf } from './bit-proof.ts';
import type { ProductClaim } from './product-log.ts';
import {
  barrier,
  type Context,
  openUniform,
  type Protocol,
  proveBits,
  reshare,
  uniform,
} from './protocol.ts';

/** Claims on products of bits, dealt before the coins that fold them to one. */
export type ClaimsOnBits = {
  /** Coins that `folded` takes. */
  readonly coins: number;
  folded(coins: readonly bigint[]): ProductClaim;
};

/**
 * What all parties say about their products of bits (see BitProof), cut down twice by polynomials whose coefficients every party deals. Who learns what: nobody anything. Four rounds, the last of which only deals: a coin is to be opened no
 * earlier than a round later. A wrong product of bits passes with probability (2 BIT_ROWS + 2 NEXT_ROWS - 3) / p: at one of either polynomial's roots, or by the weights of three claims; and as a wrong product modulo p does.
 */
export function* claimsOnBits(context: Context, bits: readonly BitClaim[]): Protocol<ClaimsOnBits> {
  const { parties } = context.scheme;
  const proof = yield* proveBits(bits);
  const dealt = yield* reshare(proof.coefficients);
  yield* barrier();
  const [point] = context.read(yield* openUniform(yield* uniform(1, 1)));
  const twice = context.constant(new Array<bigint>(parties).fill(2n * BigInt(proof.count)), 1);
  const values = valuesAt(context, dealt, twice, point!, BIT_ROWS);
  const next = proof.fold(point!);
  const dealtNext = yield* reshare(next.coefficients);
  return {
    coins: parties,
    folded: ([nextPoint, ...others]) => {
      const weights = [1n, ...others];
      const { x, y } = next.fold(nextPoint!, weights);
      const last = valuesAt(context, dealtNext, values, nextPoint!, NEXT_ROWS);
      return { x, y, z: context.k61.dots(last, context.constant(weights, 1), 1) };
    },
  };
}

/** Every party's polynomial of degree 2 rows - 2 at a point, from its middle coefficient and the others. */
function valuesAt(
  { k61: k, constant }: Context,
  coefficients: FieldVector,
  middle: FieldVector,
  point: bigint,
  rows: number,
): FieldVector {
  const powers = powersOf(point, 2 * rows - 1);
  const [power] = powers.splice(rows - 1, 1);
  const all = Array.from({ length: middle.length }, () => powers).flat();
  const others = k.dots(coefficients, constant(all, 1), middle.length);
  return k.add(k.scale(middle, power!), others);
}
