import type { EvaluatorChoice } from './evaluator-choice.ts';
import { BYTE_TRANSFER, OWNER_TRANSFORM, PUBLIC_ENCRYPTION, SYMMETRIC_ENCRYPTION } from './owner-times.ts';
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

/** Nanoseconds a coefficient (and prime) of one polynomial, N = 2048 .. 8192: a product, and a transform with packing. */
const EVALUATION: Readonly<
  Record<EvaluatorChoice, { readonly product: number; readonly transform: number }>
> = {
  kernels: { product: 1.2, transform: 6 },
  'node-seal': { product: 10, transform: 20 },
};
/** Reading an upload and expanding its seed. */
const READING = 20;

/** Predicted milliseconds of one evaluation and its transfer, both sides on one core each. */
export function millisecondsOf(
  cost: CkksCost,
  packing: CoefficientPacking,
  { degree, dataPrimeBits }: CkksParameters,
  response: ResponseFormat,
  hides: boolean,
  evaluator: EvaluatorChoice,
): number {
  const { product, transform } = EVALUATION[evaluator];
  const primes = dataPrimeBits.length;
  // Here all primes come out of NTT form; there those that are left go into it, are decrypted, and half of them come out again.
  const perOutput =
    2 * transform * primes +
    2 * OWNER_TRANSFORM * (2 * response.primes + (hides ? primes : 0)) +
    (hides ? PUBLIC_ENCRYPTION * primes : 0);
  const nanoseconds =
    degree *
      (product * cost.products * 2 * primes +
        (SYMMETRIC_ENCRYPTION + READING) * packing.chunks * primes +
        perOutput * packing.outputs) +
    BYTE_TRANSFER * (cost.bytesUp + cost.bytesDown);
  return nanoseconds * 1e-6;
}
