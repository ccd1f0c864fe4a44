import type { FieldKernels } from '../../kernels/field-kernels.ts';
import type { FieldVector, Width } from '../../kernels/field-vector.ts';
import type { Field61Kernels } from '../../kernels/field61.ts';
import type { Field127Kernels, FieldMatrix } from '../../kernels/field127.ts';
import type { Matrix } from '../../numeric/matrix.ts';
import type { SharingScheme } from '../sharing.ts';
import type { BitClaim, BitProof } from './bit-proof.ts';
import type { BitProduct } from './bit-round.ts';
import type { TakeBits } from './bit-stock.ts';
import type { ProductLog } from './product-log.ts';
import type { PublicBits, SharedBits } from './shared-bits.ts';

/**
 * Against whom a session protects. `malicious`: any t parties that deviate in any way; honest parties abort and
 * output nothing wrong. `semiHonest`: any t parties that follow the protocol and put together all they saw.
 */
export type Security = 'malicious' | 'semiHonest';

/** What takes a round: every party's part of it is one message to each peer, shared by all requests of the round. */
export type ExchangeRequest =
  /** A vector whose sharing has degree 2t, to be shared anew with degree t. */
  | { readonly op: 'reshare'; readonly vector: FieldVector }
  /**
   * A vector to be made known to all parties. `checked`: everything multiplied so far is verified before.
   * `degree`: of the sharing, in units of t; 2 has no redundancy and is for semi-honest parties only.
   */
  | {
      readonly op: 'open';
      readonly vector: FieldVector;
      readonly degree: 1 | 2;
      readonly checked: boolean;
    }
  /**
   * `columns` vectors of equal length modulo 2^127 - 1, one after the other, to be shared anew with the elements of all in the same new order, which only
   * the holders of a set's key know.
   */
  | { readonly op: 'permute'; readonly vector: FieldVector; readonly columns: number; readonly set: number }
  /** Products of bits among three parties. */
  | { readonly op: 'and'; readonly x: SharedBits; readonly y: SharedBits }
  /** Bits to be made known to all parties; `checked` as of an opening. */
  | { readonly op: 'reveal'; readonly bits: SharedBits; readonly checked: boolean };

/** What every party does by itself with the keys it shares with others. */
export type LocalRequest =
  /** A sharing of uniform elements that nobody knows. */
  | { readonly op: 'uniform'; readonly width: Width; readonly length: number }
  /** A uniform sharing of zero of degree 2t. */
  | { readonly op: 'zero'; readonly width: Width; readonly length: number }
  /**
   * A sharing of the sum r of one integer below 2^bits a key set, modulo 2^127 - 1, and of the sum of the
   * integers each divided by 2^shift and rounded down.
   */
  | { readonly op: 'bounded'; readonly bits: number; readonly shift: number; readonly length: number }
  /** Sharings of one random +1 or -1 a key set, modulo 2^61 - 1: as many vectors as there are sets. */
  | { readonly op: 'signs'; readonly length: number }
  /**
   * As `bounded`, among three parties; and the lowest `planes` bits of each set's integer, row by row, as the parts of shared bits: where the set of
   * party 1 says r_1, part 1 of row j is bit j of r_1.
   */
  | {
      readonly op: 'mask';
      readonly bits: number;
      readonly shift: number;
      readonly planes: number;
      readonly length: number;
    }
  /** Random bits among three parties, and each part of them modulo 2^127 - 1: 1 where it is 1, else -1. */
  | { readonly op: 'randomBits'; readonly length: number }
  /** What a party says about its part of products of bits. */
  | { readonly op: 'bitProof'; readonly claims: readonly BitClaim[] }
  /** Sharings in both fields of the sum of one integer below 2^bits a key set. */
  | { readonly op: 'dual'; readonly bits: number; readonly length: number };

/** Runs protocols side by side; their rounds coincide. */
export type JoinRequest = { readonly op: 'join'; readonly protocols: readonly Protocol<unknown>[] };

/** Verifies all products so far, before shares leave the parties. */
export type VerifyRequest = { readonly op: 'verify' };

/** What a request that takes a round is answered with. */
export type ExchangeAnswer = FieldVector | BitProduct | PublicBits;

export type Request = ExchangeRequest | LocalRequest | JoinRequest | VerifyRequest;

/**
 * A protocol of one party, as a generator: it yields requests and goes on with their results. All parties run
 * the same generators in lockstep, so that the requests of a round are the same everywhere, and a protocol
 * that asks in vain for nothing costs nothing. It may not look into a share: control flow depends on public values only.
 */
export type Protocol<T> = Generator<Request, T, unknown>;

/** What a protocol computes with. The planner's has kernels that know only lengths. */
export type Context = {
  readonly scheme: SharingScheme;
  readonly security: Security;
  readonly k61: Field61Kernels;
  readonly k127: Field127Kernels;
  readonly products: ProductLog;
  /** Elements of a public vector. Where they decide what comes next, `typical` makes some with which a plan counts. */
  readonly read: (vector: FieldVector, typical?: () => readonly bigint[]) => readonly bigint[];
  /** @throws ProtocolError with this check's name unless it holds; `culprit` is an owner whose fault that is, where it is certain. */
  readonly require: (holds: () => boolean, check: string, culprit?: string) => void;
  /** A public vector in this field. */
  readonly constant: (values: readonly bigint[], width: Width) => FieldVector;
  /** Public integers below 2^61 as elements modulo 2^127 - 1. */
  readonly widen: (vector: FieldVector) => FieldVector;
  /** A public matrix, its entries as round(m 2^fracBits). */
  readonly matrix: (m: Matrix, fracBits: number) => FieldMatrix;
  /** Random bits that were made ahead, or undefined: the same at all parties. */
  readonly takeBits: TakeBits;
  /** 1 modulo 2^127 - 1 where an element of a public vector is zero, else 0. */
  readonly zeroFlags: (vector: FieldVector) => FieldVector;
};

/** The kernels of a field. */
export function kernelsOf(context: Context, width: Width): FieldKernels {
  return width === 1 ? context.k61 : context.k127;
}

/** Sets of t parties, each with a key that the others hold. */
export function keySetCount({ parties, threshold }: SharingScheme): number {
  let count = 1;
  for (let i = 1; i <= threshold; i++) count = (count * (parties - threshold + i)) / i;
  return count;
}

/** Runs protocols in the same rounds; their results in order. */
export function* join<T extends readonly unknown[]>(
  protocols: {
    readonly [K in keyof T]: Protocol<T[K]>;
  },
): Protocol<T> {
  return (yield { op: 'join', protocols }) as T;
}

/** Ends in an error unless everything multiplied so far is right. */
export function* verify(): Protocol<void> {
  yield { op: 'verify' };
}

/** Degree 2t to degree t: one round. Unverified: whoever multiplied records what should hold. */
export function* reshare(vector: FieldVector): Protocol<FieldVector> {
  return (yield { op: 'reshare', vector }) as FieldVector;
}

/** Columns in a new order that the t parties of a set do not know: one round. Unverified: see `shuffle`. */
export function* permute(vector: FieldVector, columns: number, set: number): Protocol<FieldVector> {
  return (yield { op: 'permute', vector, columns, set }) as FieldVector;
}

/** Makes a vector of degree t known to all parties, after all products before it were verified. */
export function* open(vector: FieldVector): Protocol<FieldVector> {
  return (yield { op: 'open', vector, degree: 1, checked: true }) as FieldVector;
}

/** Opens what is uniform whatever was multiplied before, and therefore needs no verification. */
export function* openUniform(vector: FieldVector): Protocol<FieldVector> {
  return (yield { op: 'open', vector, degree: 1, checked: false }) as FieldVector;
}

/**
 * A round in which every party hears from every other. Nobody opens a coin before all honest parties have received what the coin is to judge: without it
 * a party that has its messages goes on, and one that deviates, knowing the coin from it, can still choose what it sends to another.
 */
export function* barrier(): Protocol<FieldVector> {
  return yield* openUniform(yield* uniform(1, 1));
}

/** Opens a vector of degree 2t. For semi-honest parties: nothing is redundant in it. */
export function* openDouble(vector: FieldVector): Protocol<FieldVector> {
  return (yield { op: 'open', vector, degree: 2, checked: true }) as FieldVector;
}

/** x y, bit by bit. Who learns what: nobody anything. Cost: one round, one bit sent a product. */
export function* and(context: Context, x: SharedBits, y: SharedBits): Protocol<SharedBits> {
  const { z, masks } = (yield { op: 'and', x, y }) as BitProduct;
  context.products.addBits({ x, y, z, masks });
  return z;
}

/** What this party says about its part of products of bits. */
export function* proveBits(claims: readonly BitClaim[]): Protocol<BitProof> {
  return (yield { op: 'bitProof', claims }) as BitProof;
}

/** Makes bits known to all parties, after all products before them were verified. */
export function* reveal(bits: SharedBits): Protocol<PublicBits> {
  return (yield { op: 'reveal', bits, checked: true }) as PublicBits;
}

/** Reveals bits that are uniform whatever was multiplied before. */
export function* revealUniform(bits: SharedBits): Protocol<PublicBits> {
  return (yield { op: 'reveal', bits, checked: false }) as PublicBits;
}

export function* uniform(width: Width, length: number): Protocol<FieldVector> {
  return (yield { op: 'uniform', width, length }) as FieldVector;
}

export function* doubleZero(width: Width, length: number): Protocol<FieldVector> {
  return (yield { op: 'zero', width, length }) as FieldVector;
}

export function* bounded(
  bits: number,
  shift: number,
  length: number,
): Protocol<{ readonly whole: FieldVector; readonly shifted: FieldVector }> {
  return (yield { op: 'bounded', bits, shift, length }) as { whole: FieldVector; shifted: FieldVector };
}

export function* signs(length: number): Protocol<readonly FieldVector[]> {
  return (yield { op: 'signs', length }) as readonly FieldVector[];
}

export function* dual(
  bits: number,
  length: number,
): Protocol<{ readonly narrow: FieldVector; readonly wide: FieldVector }> {
  return (yield { op: 'dual', bits, length }) as { narrow: FieldVector; wide: FieldVector };
}

/** A mask in both forms: see {@link LocalRequest}. */
export type SharedMask = {
  readonly whole: FieldVector;
  readonly shifted: FieldVector;
  readonly planes: SharedBits;
};

export function* mask(bits: number, shift: number, planes: number, length: number): Protocol<SharedMask> {
  return (yield { op: 'mask', bits, shift, planes, length }) as SharedMask;
}

/** Random bits in both forms: see {@link LocalRequest}. */
export type SharedCoins = { readonly bits: SharedBits; readonly signs: readonly FieldVector[] };

export function* randomBits(length: number): Protocol<SharedCoins> {
  return (yield { op: 'randomBits', length }) as SharedCoins;
}
