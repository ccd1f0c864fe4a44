import { magnitudeOf } from '../../algebra/bounds.ts';
import type { Circuit } from '../../algebra/circuit.ts';
import { PlanError, PrecisionError } from '../../base/errors.ts';
import type { ErrorBound } from '../../domain/report.ts';
import type { Flooding, ReleaseBudget } from '../flooding.ts';
import { type CkksParameters, MAX_KERNEL_PRIME_BITS, MODULUS_CAP_BITS } from '../parameters.ts';
import { approximationErrors } from './approximation.ts';
import type { NodeError, SlotTask } from './candidate.ts';
import { withoutMatrixProducts } from './matrix-products.ts';
import type { SlotEncryption } from './noise.ts';
import { KERNEL_TIMES, type OperationTimes, type ProgramTime } from './operation-times.ts';
import type { SlotProgram } from './program.ts';
import type { SlotResources } from './resources.ts';
import { type Alternative, searchParameters } from './search.ts';

export type SlotPlanOptions = {
  /** Wanted worst absolute error of every output element. */
  readonly precision: number;
  /** Plan for handing results to somebody other than the key owner. Absent: only the owner reads them. */
  readonly release?: ReleaseBudget | undefined;
  /** Who encrypts: the holder of the secret key (default: half the bytes and less noise), or anybody with the public key. */
  readonly encryption?: SlotEncryption | undefined;
  /** What operations cost; default {@link KERNEL_TIMES}. */
  readonly times?: OperationTimes | undefined;
};

/** A circuit as a program on slots, with its parameters and all that is predicted of it. Public. */
export type SlotPlan<I extends string = string, O extends string = string> = {
  readonly kind: 'slots';
  /** The circuit that was given, with products of secret matrices taken apart. */
  readonly circuit: Circuit<I, O>;
  readonly program: SlotProgram;
  readonly parameters: CkksParameters;
  /** Scale of the top level, log2: D_L of the builder. */
  readonly scaleBits: number;
  readonly encryption: SlotEncryption;
  /** |y| <= resultBound for every output element, by the declared input bounds. */
  readonly resultBound: number;
  /** Flooding included. Series are proved; noise is modelled under the assumptions of docs/accuracy.md. */
  readonly error: Readonly<Record<O, ErrorBound>>;
  /** Where error comes from, by circuit node. */
  readonly nodes: readonly NodeError[];
  readonly flooding: Flooding | undefined;
  readonly time: ProgramTime;
  readonly resources: SlotResources;
  /** Predicted time of evaluation, of the owner's work, and of transfer at 1 Gbit/s; keys, made once, are not counted. */
  readonly milliseconds: number;
  readonly alternatives: readonly Alternative[];
};

/**
 * The cheapest parameters and program for a circuit within a precision, under the 2024 security caps. Every vector lies in slots;
 * results stay in slots.
 * Cost: two or three lowerings a degree tried.
 * @throws PrecisionError where parameters exist but none is precise enough: the message gives what is attainable.
 * @throws PlanError where the circuit fits no modulus or memory: the message says what each degree lacks and what would help.
 */
export function planSlots<I extends string, O extends string>(
  given: Circuit<I, O>,
  { precision, release, encryption = 'symmetric', times = KERNEL_TIMES }: SlotPlanOptions,
): SlotPlan<I, O> {
  const circuit = withoutMatrixProducts(given);
  const approximation = approximationErrors(circuit);
  const task: SlotTask = { circuit, approximation, precision, release, encryption, times };
  refuseCoarseSeries(task);
  const { best, alternatives } = searchParameters(task);
  if (best === undefined) throw refusalOf(task, alternatives);
  const outputs = Object.entries<number>(circuit.outputs);
  const error = Object.fromEntries(
    outputs.map(([name]): [string, ErrorBound] => [
      name,
      { absolute: best.errors[name]!, known: 'modelled' },
    ]),
  ) as Record<O, ErrorBound>;
  return {
    kind: 'slots',
    circuit,
    program: best.lowered.program,
    parameters: best.parameters,
    scaleBits: best.scaleBits,
    encryption,
    resultBound: Math.max(...outputs.map(([, index]) => magnitudeOf(circuit.nodes[index]!.bound))),
    error,
    nodes: best.nodes,
    flooding: best.flooding,
    time: best.time,
    resources: best.resources,
    milliseconds: best.milliseconds,
    alternatives,
  };
}

/** No parameters make up for a series that is too coarse. */
function refuseCoarseSeries({ circuit, approximation, precision }: SlotTask): void {
  for (const [name, index] of Object.entries<number>(circuit.outputs)) {
    const error = approximation[index]!;
    if (error < precision || error === 0) continue;
    throw new PrecisionError(
      `output ${name} has an error of ${error.toExponential(1)} by its series alone, and ${precision} is wanted: ` +
        'use series of higher degree or narrower domain, or ask for a wider error',
      { output: name, wanted: precision, attainable: error },
    );
  }
}

function refusalOf(task: SlotTask, alternatives: readonly Alternative[]): PlanError | PrecisionError {
  const reasons = alternatives.map(({ degree, why }) => `N = ${degree}: ${why}`).join('; ');
  const errors = alternatives.flatMap(({ error }) => error ?? []);
  const finest = Math.min(...errors);
  if (errors.length > 0 && finest > task.precision) {
    return new PrecisionError(
      `no slot parameters reach an error of ${task.precision}; the finest attainable is ${finest.toExponential(1)}. ` +
        `${budgetThatFits(task, alternatives)}Ask for that, declare narrower bounds, use fewer levels, or split the circuit where its owner can encrypt again. ${reasons}`,
      { wanted: task.precision, attainable: finest },
    );
  }
  const levels = Math.max(0, ...alternatives.flatMap((alternative) => alternative.levels ?? []));
  const cap = MODULUS_CAP_BITS[32768];
  return new PlanError(
    `no slot parameters hold this circuit. Use fewer levels (it takes ${levels}; primes have at most ${MAX_KERNEL_PRIME_BITS} bits and all ` +
      `together ${cap}), series of lower degree, narrower bounds, or split it where its owner can encrypt again. ${reasons}`,
    { levels },
  );
}

/** How much smaller a release budget would reach the precision: flooding grows with sqrt(queries) and 2^(bits / 2). */
function budgetThatFits({ release, precision }: SlotTask, alternatives: readonly Alternative[]): string {
  if (release === undefined) return '';
  const { queries, statisticalBits } = release;
  let least = Infinity;
  for (const { error, floodingError } of alternatives) {
    if (error === undefined || floodingError === undefined) continue;
    const left = precision - (error - floodingError);
    if (left > 0) least = Math.min(least, floodingError / left);
  }
  if (least === Infinity) return `It is out of reach without release, too. `;
  const fewer = Math.floor(queries / least ** 2);
  const bits = Math.floor(statisticalBits - 2 * Math.log2(least));
  const ways = [
    ...(fewer >= 1 ? [`${fewer} releases instead of ${queries}`] : []),
    ...(bits >= 1 ? [`${bits} statistical bits instead of ${statisticalBits}`] : []),
    'results that only the key owner reads',
  ];
  return `Flooding is what exceeds it; within reach are ${ways.join(', or ')}. `;
}
