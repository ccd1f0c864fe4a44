import { type AffineMap, affineMapOf } from '../algebra/affine.ts';
import { magnitudeOf } from '../algebra/bounds.ts';
import type { Circuit, InputSpec } from '../algebra/circuit.ts';
import { PrecisionError } from '../base/errors.ts';
import type { ErrorBound } from '../domain/report.ts';
import { type Flooding, floodingOf, type ReleaseBudget } from './flooding.ts';
import { type MatrixNorms, matrixNorms, type ProductError, productError, tailFactor } from './noise.ts';
import { type CoefficientPacking, coefficientPacking } from './packing.ts';
import { type CkksParameters, PARAMETER_SETS, polynomialBytes } from './parameters.ts';

/** Wanted worst absolute error of every output element, and whether results are released to others. */
export type CoefficientPlanOptions = {
  readonly precision: number;
  readonly release?: ReleaseBudget | undefined;
};

/** A linear circuit as one coefficient-packed matrix product: all that owner and engine must agree on. Public. */
export type CoefficientPlan<I extends string = string, O extends string = string> = {
  readonly kind: 'coefficients';
  readonly circuit: Circuit<I, O>;
  readonly map: AffineMap;
  readonly parameters: CkksParameters;
  readonly packing: CoefficientPacking;
  /** x is encrypted as round(x 2^inputScaleBits), whatever SEAL's own scale field says (see wire.ts). May be negative. */
  readonly inputScaleBits: number;
  /** M is encoded as round(M 2^matrixScaleBits). May be negative. */
  readonly matrixScaleBits: number;
  /** |y| <= resultBound for every output element, by the declared input bounds. */
  readonly resultBound: number;
  readonly error: Readonly<Record<O, ErrorBound>>;
  readonly errorParts: ProductError;
  readonly flooding: Flooding | undefined;
  readonly cost: CkksCost;
  /** Predicted time of evaluation and transfer at 1 Gbit/s. */
  readonly milliseconds: number;
};

/** Predicted cost of one evaluation. */
export type CkksCost = {
  /** Plaintext-ciphertext products, at most: all-zero blocks of the matrix are skipped. */
  readonly products: number;
  readonly rotations: 0;
  /** Seeded ciphertexts, before envelopes. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Memory of the encoded matrix at the engine. */
  readonly matrixBytes: number;
};

/** Bits kept free at the top of the modulus: one for the sign, one for noise and rounding. */
const HEADROOM_BITS = 2;
/** Bits of the largest encoded matrix entry, at most: a double carries no more, and they must stay below the primes. */
const MAX_ENTRY_BITS = 50;
/** More chunks cost upload and gain nothing. */
const MAX_CHUNKS = 64;

/** Weights of the cost model: node-seal's time a coefficient of a plaintext product, and a byte at 1 Gbit/s. */
const NANOSECONDS_PER_COEFFICIENT = 10;
const NANOSECONDS_PER_BYTE = 8;

/**
 * Chooses degree, primes, packing and scales for a linear circuit: the cheapest set under the 2024 security caps whose
 * proved error is within `precision`. Cost: two passes over the matrix.
 * @throws UnsupportedError for circuits that are not linear (the affine normal form is what is evaluated today).
 * @throws PrecisionError when no set is precise enough; the message gives the best that is attainable.
 */
export function planCoefficients<I extends string, O extends string>(
  circuit: Circuit<I, O>,
  options: CoefficientPlanOptions,
): CoefficientPlan<I, O> {
  const map = affineMapOf(circuit);
  const task = describe(circuit, map);
  let best: Candidate | undefined;
  let finest = Infinity;
  for (const parameters of PARAMETER_SETS) {
    for (let chunks = 1; chunks <= MAX_CHUNKS; chunks++) {
      const candidate = consider(task, parameters, chunks, options.release);
      if (candidate === undefined) continue;
      finest = Math.min(finest, candidate.totalError);
      if (candidate.totalError <= options.precision && candidate.time < (best?.time ?? Infinity))
        best = candidate;
    }
  }
  if (best === undefined) {
    const attainable = Number.isFinite(finest)
      ? `the finest attainable is ${finest.toExponential(1)}; ask for that, or scale the inputs to a smaller 1-norm`
      : `the circuit needs more than ${MAX_CHUNKS} ciphertexts for its inputs; split it by inputs`;
    throw new PrecisionError(`no parameters reach an error of ${options.precision}: ${attainable}`, {
      wanted: options.precision,
      attainable: finest,
    });
  }
  const { totalError, time, ...chosen } = best;
  const bound: ErrorBound = { absolute: totalError, known: 'proved' };
  const error = Object.fromEntries(map.outputs.map(({ name }) => [name, bound])) as Record<O, ErrorBound>;
  return {
    kind: 'coefficients',
    circuit,
    map,
    ...chosen,
    resultBound: task.resultBound,
    error,
    milliseconds: time * 1e-6,
  };
}

/** What the choice depends on. */
type Task = {
  readonly map: AffineMap;
  readonly norms: MatrixNorms;
  readonly inputL1: number;
  readonly resultBound: number;
};

type Candidate = Pick<
  CoefficientPlan,
  'parameters' | 'packing' | 'inputScaleBits' | 'matrixScaleBits' | 'errorParts' | 'flooding' | 'cost'
> & { readonly totalError: number; readonly time: number };

function describe(circuit: Circuit<string, string>, map: AffineMap): Task {
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
  return { map, norms, inputL1, resultBound };
}

function consider(
  task: Task,
  parameters: CkksParameters,
  chunks: number,
  release: ReleaseBudget | undefined,
): Candidate | undefined {
  const { rows, cols } = task.map.matrix;
  if (chunks > cols) return undefined;
  const packing = coefficientPacking(rows, cols, parameters.degree, chunks);
  // A count that rounds to a smaller one was considered there.
  if (packing === undefined || packing.chunks !== chunks) return undefined;
  const dataBits = parameters.dataPrimeBits.reduce((sum, bits) => sum + bits, 0);
  const scaleBits = dataBits - HEADROOM_BITS - bitsOf(task.resultBound);
  const largestBits = bitsOf(task.norms.largest);
  let best: { readonly matrixScaleBits: number; readonly parts: ProductError } | undefined;
  for (let entryBits = 1; entryBits <= MAX_ENTRY_BITS; entryBits++) {
    const matrixScaleBits = entryBits - largestBits;
    const inputScaleBits = scaleBits - matrixScaleBits;
    const parts = productError(packing, task.norms, task.inputL1, inputScaleBits, matrixScaleBits);
    if (best === undefined || parts.total < best.parts.total) best = { matrixScaleBits, parts };
  }
  if (best === undefined) return undefined;
  const flooding =
    release &&
    floodingOf(release, best.parts.noise, rows, task.resultBound, tailFactor(rows * release.queries));
  // Decoding rounds once to a double.
  const totalError = best.parts.total + (flooding?.error ?? 0) + task.resultBound * 2 ** -52;
  const cost = costOfPacking(packing, parameters);
  const time =
    NANOSECONDS_PER_COEFFICIENT * cost.products * 2 * parameters.degree * parameters.dataPrimeBits.length +
    NANOSECONDS_PER_BYTE * (cost.bytesUp + cost.bytesDown);
  return {
    parameters,
    packing,
    inputScaleBits: scaleBits - best.matrixScaleBits,
    matrixScaleBits: best.matrixScaleBits,
    errorParts: best.parts,
    flooding,
    cost,
    totalError,
    time,
  };
}

/** The least e with magnitude <= 2^e; 0 for a magnitude of zero, where any will do. */
function bitsOf(magnitude: number): number {
  return magnitude > 0 ? Math.ceil(Math.log2(magnitude)) : 0;
}

function costOfPacking(packing: CoefficientPacking, parameters: CkksParameters): CkksCost {
  const polynomial = polynomialBytes(parameters);
  const products = packing.chunks * packing.outputs;
  return {
    products,
    rotations: 0,
    bytesUp: packing.chunks * polynomial,
    bytesDown: packing.outputs * 2 * polynomial,
    matrixBytes: products * polynomial,
  };
}
