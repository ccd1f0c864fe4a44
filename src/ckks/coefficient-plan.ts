import { type AffineMap, affineMapOf, type Segment } from '../algebra/affine.ts';
import type { Circuit, InputSpec } from '../algebra/circuit.ts';
import { digestOf } from '../base/digest.ts';
import { PlanError, PrecisionError } from '../base/errors.ts';
import type { ErrorBound } from '../domain/report.ts';
import type { CkksCost } from './coefficient-cost.ts';
import { type Candidate, type CoefficientTask, candidatesOf, taskOf } from './coefficient-search.ts';
import type { EvaluatorChoice } from './evaluator-choice.ts';
import type { Flooding, ReleaseBudget } from './flooding.ts';
import { checkHiding, type HidingNoise, type MatrixHiding } from './hiding.ts';
import type { ProductError } from './noise.ts';
import type { CoefficientPacking } from './packing.ts';
import { type CkksParameters, dataPrimesOf, PARAMETER_SETS, SEAL_PARAMETER_SETS } from './parameters.ts';
import { type ResponseFormat, responseDivisor } from './response.ts';

/** Wanted worst absolute error of every output element, and who may see what. */
export type CoefficientPlanOptions = {
  readonly precision: number;
  /** Whether results are released to others. */
  readonly release?: ReleaseBudget | undefined;
  /** Hides the matrix from the owner of the inputs, who then works from a {@link CoefficientContract}. Default: it is public. */
  readonly hideMatrix?: MatrixHiding | undefined;
  /**
   * What will evaluate. node-seal takes primes of more than 49 bits: at 2048 coefficients one of 53, which for precisions around 1e-6 means
   * fewer bytes and slower products. Default: kernels.
   */
  readonly evaluator?: EvaluatorChoice | undefined;
};

/**
 * What the owner of the inputs must know of a plan: all but the matrix. Where that is hidden, sizes, scales and bounds still are functions of
 * its largest entry, its largest row 1-norm and the 2-norms of its rows.
 */
export type CoefficientContract<I extends string = string, O extends string = string> = {
  readonly kind: 'coefficients';
  readonly circuit: Pick<Circuit<I, O>, 'inputs' | 'digest'>;
  readonly map: Omit<AffineMap, 'matrix'>;
  readonly parameters: CkksParameters;
  readonly packing: CoefficientPacking;
  /** x is encrypted as round(x 2^inputScaleBits), whatever SEAL's own scale field says (see wire.ts). May be negative. */
  readonly inputScaleBits: number;
  /** M is encoded as round(M 2^matrixScaleBits). May be negative. */
  readonly matrixScaleBits: number;
  readonly response: ResponseFormat;
  /** |y| <= resultBound for every output element, by the declared input bounds. */
  readonly resultBound: number;
  readonly error: Readonly<Record<O, ErrorBound>>;
  readonly errorParts: ProductError;
  readonly flooding: Flooding | undefined;
  readonly hiding: HidingNoise | undefined;
  readonly cost: CkksCost;
  /** Predicted time of evaluation, of the owner's work, and of transfer at 1 Gbit/s. */
  readonly milliseconds: number;
};

/** A linear circuit as one coefficient-packed matrix product: all that owner and engine must agree on. */
export type CoefficientPlan<I extends string = string, O extends string = string> = CoefficientContract<
  I,
  O
> & {
  readonly circuit: Circuit<I, O>;
  readonly map: AffineMap;
  /** What it was planned for; {@link ckksEvaluator} starts that. */
  readonly evaluator: EvaluatorChoice;
};

/** More chunks cost upload and gain nothing. */
const MAX_CHUNKS = 64;

/**
 * Chooses degree, primes, packing, scales and what of the results is sent for a linear circuit: the cheapest choice under the 2024
 * security caps whose proved error is within `precision`. Cost: two passes over the matrix.
 * @throws UnsupportedError for circuits that are not linear (the affine normal form is what is evaluated today).
 * @throws PrecisionError when no set is precise enough; the message gives the best that is attainable.
 * @throws PlanError where there are too many inputs; the message says how many fit.
 */
export function planCoefficients<I extends string, O extends string>(
  circuit: Circuit<I, O>,
  options: CoefficientPlanOptions,
): CoefficientPlan<I, O> {
  if (options.hideMatrix !== undefined) checkHiding(options.hideMatrix);
  const map = affineMapOf(circuit);
  const task = taskOf(circuit, map, options);
  const { best, finest } = search(task, options.precision);
  if (best === undefined) return refuse(task, options, finest);
  const { totalError, ...chosen } = best;
  const { evaluator } = task;
  const bound: ErrorBound = { absolute: totalError, known: 'proved' };
  const error = Object.fromEntries(map.outputs.map(({ name }) => [name, bound])) as Record<O, ErrorBound>;
  return { kind: 'coefficients', circuit, map, evaluator, ...chosen, resultBound: task.resultBound, error };
}

/**
 * What an engine that hides its matrix sends to owners. Its digest covers what is in it and not the matrix, which a digest would
 * let them guess.
 */
export function contractOf<I extends string, O extends string>(
  plan: CoefficientPlan<I, O>,
): CoefficientContract<I, O> {
  const { circuit, map, evaluator: _, ...rest } = plan;
  const { inputs, outputs, constant } = map;
  const { parameters, packing, inputScaleBits, matrixScaleBits, response, resultBound } = rest;
  const digest = digestOf('blindrisk/ckks-contract/1', {
    inputs: inputs.map(({ name, length }) => ({ name, length, ...boundsOf(circuit.inputs[name as I]) })),
    outputs: outputs.map(({ name, length }) => ({ name, length })),
    constant,
    parameters: parameters.digest,
    packing,
    scales: [inputScaleBits, matrixScaleBits],
    response: [response.primes, ...response.coefficients.map(({ bytes }) => bytes)],
    bounds: [resultBound, rest.errorParts.total],
  });
  return { ...rest, circuit: { inputs: circuit.inputs, digest }, map: { inputs, outputs, constant } };
}

const boundsOf = ({ bound, l1 }: InputSpec) => ({ bound, l1 });

/** log2 of what an integer that the owner reads stands for. */
export function resultScaleBits(plan: CoefficientContract): number {
  const divisor = responseDivisor(plan.response, dataPrimesOf(plan.parameters));
  return plan.inputScaleBits + plan.matrixScaleBits - Math.log2(divisor);
}

function search(
  task: CoefficientTask,
  precision: number,
): { readonly best: Candidate | undefined; readonly finest: number } {
  let best: Candidate | undefined;
  let finest = Infinity;
  const sets = task.evaluator === 'node-seal' ? SEAL_PARAMETER_SETS : PARAMETER_SETS;
  for (const parameters of sets) {
    for (let chunks = 1; chunks <= MAX_CHUNKS; chunks++) {
      for (const candidate of candidatesOf(task, parameters, chunks)) {
        finest = Math.min(finest, candidate.totalError);
        if (candidate.totalError > precision) continue;
        if (best === undefined || candidate.milliseconds < best.milliseconds) best = candidate;
      }
    }
  }
  return { best, finest };
}

function refuse(
  task: CoefficientTask,
  { precision, hideMatrix }: CoefficientPlanOptions,
  finest: number,
): never {
  const most = MAX_CHUNKS * Math.max(...PARAMETER_SETS.map(({ degree }) => degree));
  if (task.cols > most) {
    throw new PlanError(
      `${task.cols} input elements need more than ${MAX_CHUNKS} ciphertexts: ${most} fit; split the circuit by inputs into ` +
        `${Math.ceil(task.cols / most)} and add up what is decrypted`,
      { found: task.cols, limit: most },
    );
  }
  const attainable = Number.isFinite(finest)
    ? `the finest attainable is ${finest.toExponential(1)}; ask for that, or scale the inputs to a smaller 1-norm`
    : 'its noise exceeds its results; scale the inputs to a smaller 1-norm';
  const hiding =
    hideMatrix === undefined ? '' : `, or hide the matrix with less than ${hideMatrix.statisticalBits} bits`;
  throw new PrecisionError(`no parameters reach an error of ${precision}: ${attainable}${hiding}`, {
    wanted: precision,
    attainable: finest,
  });
}

/** Cuts the stacked result vector into the circuit's named outputs. */
export function splitOutputs<O extends string>(
  outputs: readonly Segment[],
  stacked: Float64Array,
): Record<O, Float64Array> {
  return Object.fromEntries(
    outputs.map(({ name, offset, length }) => [name, stacked.slice(offset, offset + length)]),
  ) as Record<O, Float64Array>;
}
