import type { CoefficientPacking } from './packing.ts';
import { rowsOfOutput } from './packing.ts';
import { type CkksParameters, dataPrimesOf, polynomialBytes } from './parameters.ts';
import { type ResponseFormat, requestLength, responseLength } from './response.ts';

/** Predicted cost of one evaluation. */
export type CkksCost = {
  /** Plaintext-ciphertext products, at most: all-zero blocks of a public matrix are skipped. */
  readonly products: number;
  readonly rotations: 0;
  /** Ciphertexts as they travel, before envelopes. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Memory of the encoded matrix at the engine. */
  readonly matrixBytes: number;
};

export function costOfPacking(
  packing: CoefficientPacking,
  parameters: CkksParameters,
  response: ResponseFormat,
): CkksCost {
  const { degree } = parameters;
  const products = packing.chunks * packing.outputs;
  let bytesDown = 0;
  for (let output = 0; output < packing.outputs; output++) {
    const [from, to] = rowsOfOutput(packing, output);
    bytesDown += responseLength(response, degree, to - from);
  }
  return {
    products,
    rotations: 0,
    bytesUp: packing.chunks * requestLength(dataPrimesOf(parameters), degree),
    bytesDown,
    matrixBytes: products * polynomialBytes(parameters),
  };
}

/*
 * Weights of the cost model, nanoseconds a coefficient (and prime) of one polynomial on node-seal, N = 2048 .. 8192, on the machine of
 * docs/accuracy.md; and a byte at 1 Gbit/s.
 */
const PRODUCT = 10;
const TRANSFORM = 20;
/** Symmetric encryption, transforms before it, and the receiver's expansion of the seed. */
const ENCRYPTION = 170;
/** Encryption under a public key. */
const PUBLIC_ENCRYPTION = 190;
const BYTE = 8;

/** Predicted milliseconds of one evaluation and its transfer, both sides on one core each. */
export function millisecondsOf(
  cost: CkksCost,
  packing: CoefficientPacking,
  { degree, dataPrimeBits }: CkksParameters,
  response: ResponseFormat,
  hides: boolean,
): number {
  const primes = dataPrimeBits.length;
  // Rescaling from p primes: an inverse transform of the last, one forward for each other.
  let transforms = 0;
  for (let p = primes; p > response.primes; p--) transforms += p;
  // Out of NTT form here; there into it, decrypted, and half of it out again.
  transforms += 3 * response.primes;
  if (hides) transforms += primes;
  const perOutput = 2 * TRANSFORM * transforms + (hides ? PUBLIC_ENCRYPTION * primes : 0);
  const nanoseconds =
    degree *
      (PRODUCT * cost.products * 2 * primes +
        ENCRYPTION * packing.chunks * primes +
        perOutput * packing.outputs) +
    BYTE * (cost.bytesUp + cost.bytesDown);
  return nanoseconds * 1e-6;
}
