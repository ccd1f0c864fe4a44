import type { Circuit, InputSpec, Power } from '../algebra/circuit.ts';
import { isLinear } from '../algebra/cost.ts';
import { PlanError, PrecisionError, UnsupportedError } from '../base/errors.ts';
import { type CoefficientPlan, type CoefficientPlanOptions, planCoefficients } from './coefficient-plan.ts';
import type { EvaluatorChoice } from './evaluator-choice.ts';
import type { MatrixHiding } from './hiding.ts';
import { BYTE_TRANSFER, SYMMETRIC_ENCRYPTION } from './owner-times.ts';
import { planSlots, type SlotPlan, type SlotPlanOptions } from './slots/plan.ts';

export type CkksPlanOptions = SlotPlanOptions & {
  /** Hides the matrix of a linear circuit from the owner of its inputs; with `coefficients` only. Default: it is public. */
  readonly hideMatrix?: MatrixHiding | undefined;
  /** What will evaluate a linear circuit; with `coefficients` only, since slots take the kernels' primes whoever evaluates. Default: kernels. */
  readonly evaluator?: EvaluatorChoice | undefined;
  /**
   * `coefficients`: a linear circuit as one matrix product, its results read by who holds the key. `slots`: any arithmetic circuit; results
   * stay encrypted in slots and can be computed with. Default: the cheaper one.
   */
  readonly packing?: 'coefficients' | 'slots' | undefined;
};

/** Everything that owner and engine must agree on before anything is encrypted; public. */
export type CkksPlan<I extends string = string, O extends string = string> =
  | CoefficientPlan<I, O>
  | SlotPlan<I, O>;

/** A dense matrix of more entries than the circuit's own matrices, by this much, is not worth building. */
const MAX_EXTRA_ENTRIES = 2 ** 20;

/**
 * Chooses packing, degree, primes, scales and program for a circuit: the cheapest under the 2024 security caps (ePrint 2024/463) whose
 * predicted error, flooding included, is within `precision`. {@link explain} prints why.
 * Cost: some 20 ms for circuits of the library, several times that for the first plan of a process; one pass over each matrix, when first planned.
 * @throws UnsupportedError for a circuit that compares.
 * @throws PrecisionError when no parameters are precise enough; the message gives the best that is attainable.
 * @throws PlanError when none hold the circuit; the message says what would help.
 */
export function planCkks<I extends string, O extends string>(
  circuit: Circuit<I, O>,
  options: CkksPlanOptions & { readonly packing: 'coefficients' },
): CoefficientPlan<I, O>;
export function planCkks<I extends string, O extends string>(
  circuit: Circuit<I, O>,
  options: CkksPlanOptions & { readonly packing: 'slots' },
): SlotPlan<I, O>;
export function planCkks<I extends string, O extends string>(
  circuit: Circuit<I, O>,
  options: CkksPlanOptions,
): CkksPlan<I, O>;
export function planCkks<I extends string, O extends string>(
  circuit: Circuit<I, O>,
  options: CkksPlanOptions,
): CkksPlan<I, O> {
  // Types keep ordered circuits out; data read from a file has no types.
  if ((circuit.power as Power) === 'ordered') {
    throw new UnsupportedError(
      'CKKS cannot compare: run an ordered circuit on shares (mpc), or in the clear',
    );
  }
  if (!(options.precision > 0)) {
    throw new PlanError(`expected a positive precision, found ${options.precision}`, {
      precision: options.precision,
    });
  }
  if (options.hideMatrix !== undefined && options.packing === 'slots') {
    throw new PlanError('a program on slots shows its matrices: plan with coefficients to hide them');
  }
  if (options.evaluator === 'node-seal' && options.packing === 'slots') {
    throw new PlanError(
      'a program on slots is planned for kernels, and runs on node-seal as well: name the evaluator where it is started',
    );
  }
  if (options.packing === 'coefficients' || options.hideMatrix !== undefined) {
    return planCoefficients(circuit, options);
  }
  if (options.packing === 'slots' || !isOneProduct(circuit)) return planSlots(circuit, options);
  return cheaper(circuit, options);
}

/**
 * Both plans of a linear circuit, compared by their first evaluation: keys that only slots need are made and sent for it, a seeded
 * encryption a word of eight bytes. Where neither exists, what coefficient packing lacks is said: it is made for these.
 */
function cheaper<I extends string, O extends string>(
  circuit: Circuit<I, O>,
  options: CkksPlanOptions,
): CkksPlan<I, O> {
  const attempt = <T>(plan: () => T): T | Refusal => {
    try {
      return plan();
    } catch (error) {
      if (error instanceof PlanError || error instanceof PrecisionError) return { refused: error };
      throw error;
    }
  };
  const coefficients = attempt(() => planCoefficients(circuit, options satisfies CoefficientPlanOptions));
  const slots = attempt(() => planSlots(circuit, options));
  if ('refused' in coefficients) {
    if ('refused' in slots) throw coefficients.refused;
    return slots;
  }
  if ('refused' in slots) return coefficients;
  const keys = 1e-6 * (BYTE_TRANSFER + SYMMETRIC_ENCRYPTION / 8) * slots.resources.keyBytes;
  return coefficients.milliseconds <= slots.milliseconds + keys ? coefficients : slots;
}

type Refusal = { readonly refused: PlanError | PrecisionError };

/** Whether the circuit is linear, and its stacked matrix not much larger than the matrices in it. */
function isOneProduct(circuit: Circuit<string, string>): boolean {
  if (!isLinear(circuit)) return false;
  const own = circuit.nodes.reduce(
    (sum, node) => sum + (node.op === 'matVecPlain' ? node.matrix.rows * node.matrix.cols : 0),
    0,
  );
  const rows = Object.values<number>(circuit.outputs).reduce(
    (sum, index) => sum + circuit.nodes[index]!.length,
    0,
  );
  const cols = Object.values<InputSpec>(circuit.inputs).reduce((sum, { length }) => sum + length, 0);
  return rows * cols <= 2 * own + MAX_EXTRA_ENTRIES;
}
