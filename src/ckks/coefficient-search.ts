import type { AffineMap } from '../algebra/affine.ts';
import { magnitudeOf } from '../algebra/bounds.ts';
import type { Circuit, InputSpec } from '../algebra/circuit.ts';
import { costOfPacking, millisecondsOf } from './coefficient-cost.ts';
import type { CoefficientPlan, CoefficientPlanOptions } from './coefficient-plan.ts';
import type { EvaluatorChoice } from './evaluator-choice.ts';
import { floodingOf } from './flooding.ts';
import { type HidingNoise, hidingNoise, zeroEncryptionDeviation } from './hiding.ts';
import {
  type FreshError,
  freshError,
  largestOutputSquares,
  type MatrixNorms,
  matrixNorms,
  type ProductShape,
  productError,
  tailFactor,
} from './noise.ts';
import { coefficientPacking } from './packing.ts';
import { type CkksParameters, dataPrimesOf } from './parameters.ts';
import { responseDeviation, responseDivisor, responseFormats } from './response.ts';

/** Bits kept free at the top of the modulus: one for the sign, one for noise and rounding. */
const HEADROOM_BITS = 2;
/** Results and errors together stay below this part of half the modulus, so that a wrong key shows. */
const MOST_OF_HALF = 0.75;
/** Bits of the largest encoded matrix entry, at most: a double carries no more, and they must stay below the primes. */
const MAX_ENTRY_BITS = 50;

/** What the choice of parameters depends on. */
export type CoefficientTask = {
  readonly norms: MatrixNorms;
  readonly rows: number;
  readonly cols: number;
  readonly inputL1: number;
  readonly resultBound: number;
  readonly evaluator: EvaluatorChoice;
} & Pick<CoefficientPlanOptions, 'release' | 'hideMatrix'>;

export type Candidate = Pick<
  CoefficientPlan,
  | 'parameters'
  | 'packing'
  | 'inputScaleBits'
  | 'matrixScaleBits'
  | 'response'
  | 'errorParts'
  | 'flooding'
  | 'hiding'
  | 'cost'
  | 'milliseconds'
> & { readonly totalError: number };

export function taskOf(
  circuit: Circuit<string, string>,
  map: AffineMap,
  { release, hideMatrix, evaluator = 'kernels' }: CoefficientPlanOptions,
): CoefficientTask {
  const norms = matrixNorms(map.matrix);
  const specs = Object.values<InputSpec>(circuit.inputs);
  const inputL1 = specs.reduce(
    (sum, { length, bound, l1 }) => sum + Math.min(l1 ?? Infinity, length * bound),
    0,
  );
  const constants = map.constant.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const outputs = Object.values<number>(circuit.outputs).map((index) =>
    magnitudeOf(circuit.nodes[index]!.bound),
  );
  // The constant is added after decryption, so the product itself may exceed the output by that much.
  const resultBound = Math.min(Math.max(...outputs) + constants, norms.largest * inputL1);
  const { rows, cols } = map.matrix;
  return { norms, rows, cols, inputL1, resultBound, release, hideMatrix, evaluator };
}

/** All ways to send the results of one packing at one parameter set that decrypt to results, with their errors and costs. */
export function candidatesOf(task: CoefficientTask, parameters: CkksParameters, chunks: number): Candidate[] {
  const { rows, cols, norms, inputL1, resultBound, release } = task;
  if (chunks > cols) return [];
  const packing = coefficientPacking(rows, cols, parameters.degree, chunks);
  // A count that rounds to a smaller one was considered there.
  if (packing === undefined || packing.chunks !== chunks) return [];
  const shape = { packing, norms, inputL1, outputSquares: largestOutputSquares(packing, norms) };
  const dataBits = parameters.dataPrimeBits.reduce((sum, bits) => sum + bits, 0);
  const scaleBits = dataBits - HEADROOM_BITS - bitsOf(resultBound);
  const { fresh, matrixScaleBits, hiding } = bestSplit(task, shape, parameters.degree, scaleBits);
  const primes = dataPrimesOf(parameters);
  const zeros = hiding === undefined ? 0 : zeroEncryptionDeviation(parameters.degree);
  const flood = hiding === undefined ? 0 : 2 ** (hiding.floodBits - 1 - scaleBits);
  return responseFormats(primes).flatMap((response) => {
    const divisor = responseDivisor(response, primes);
    const sent = responseDeviation(response, primes, parameters.degree) * divisor;
    const errorParts = productError(fresh, rows, Math.hypot(sent, zeros) * 2 ** -scaleBits, flood);
    // Noise that reaches half the modulus would wrap around.
    if (!(resultBound + errorParts.total <= 2 * MOST_OF_HALF * 2 ** bitsOf(resultBound))) return [];
    const flooding =
      release && floodingOf(release, errorParts.noise, rows, resultBound, tailFactor(rows * release.queries));
    // Decoding rounds to a double, then multiplies by what was divided by, itself rounded.
    const decoding = resultBound * (divisor === 1 ? 2 ** -52 : 2 ** -51);
    const cost = costOfPacking(packing, parameters, response);
    return [
      {
        parameters,
        packing,
        inputScaleBits: scaleBits - matrixScaleBits,
        matrixScaleBits,
        response,
        errorParts,
        flooding,
        hiding,
        cost,
        totalError: errorParts.total + (flooding?.error ?? 0) + decoding,
        milliseconds: millisecondsOf(
          cost,
          packing,
          parameters,
          response,
          hiding !== undefined,
          task.evaluator,
        ),
      },
    ];
  });
}

type Split = {
  readonly fresh: FreshError;
  readonly matrixScaleBits: number;
  readonly hiding: HidingNoise | undefined;
};

/** Divides the bits of the product's scale between matrix and input so that the error of the product is least. */
function bestSplit(task: CoefficientTask, shape: ProductShape, degree: number, scaleBits: number): Split {
  const largestBits = bitsOf(task.norms.largest);
  let best: Split | undefined;
  let least = Infinity;
  for (let entryBits = 1; entryBits <= MAX_ENTRY_BITS; entryBits++) {
    const matrixScaleBits = entryBits - largestBits;
    const fresh = freshError(shape, scaleBits - matrixScaleBits, matrixScaleBits);
    const integers = Math.hypot(fresh.noiseDeviation * 2 ** scaleBits, zeroEncryptionDeviation(degree));
    const hiding = task.hideMatrix && hidingNoise(task.hideMatrix, integers, task.rows);
    const flood = hiding === undefined ? 0 : 2 ** (hiding.floodBits - 1 - scaleBits);
    const { total } = productError(fresh, task.rows, 0, flood);
    if (best !== undefined && total >= least) continue;
    best = { fresh, matrixScaleBits, hiding };
    least = total;
  }
  return best!;
}

/** The least e with magnitude <= 2^e; 0 for a magnitude of zero, where any will do. */
function bitsOf(magnitude: number): number {
  return magnitude > 0 ? Math.ceil(Math.log2(magnitude)) : 0;
}
