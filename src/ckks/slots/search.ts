import { ParametersError, PlanError } from '../../base/errors.ts';
import { checkMemory } from '../memory.ts';
import { type CkksParameters, MODULUS_CAP_BITS, type PolynomialDegree } from '../parameters.ts';
import { alikeInBlocks, takesLevel } from './block-shape.ts';
import { periodOf } from './blocks.ts';
import { candidateOf, ownerFolds, type SlotCandidate, type SlotTask } from './candidate.ts';
import {
  appliesTo,
  CHAIN_FORMS,
  type ChainForm,
  LEAST_SCALE_BITS,
  largestScale,
  leastBits,
  parametersFor,
  spareBits,
} from './chain-form.ts';
import { probe, type Shape } from './probe.ts';

/** What became of a degree. */
export type Alternative = {
  readonly degree: PolynomialDegree;
  readonly outcome: 'chosen' | 'dearer' | 'refused';
  readonly why: string;
  readonly levels?: number;
  readonly parameters?: CkksParameters;
  readonly scaleBits?: number;
  /** Worst predicted error of an output. */
  readonly error?: number;
  /** Of that, what flooding adds. */
  readonly floodingError?: number;
  readonly milliseconds?: number;
  readonly peakBytes?: number;
};

export type SearchResult = {
  readonly best: SlotCandidate | undefined;
  readonly alternatives: readonly Alternative[];
};

const DEGREES: readonly PolynomialDegree[] = [2048, 4096, 8192, 16384, 32768];
/** Beyond that the powers of a series are what limits precision, and values that are carried larger gain nothing. */
const MOST_SPARE_BITS = 2;

/**
 * Tries every degree, smallest first, with the smallest scale that reaches the precision: of sets with as many primes, which
 * cost the same, the one with the smallest modulus is the most secure. Stops where a larger ring cannot be cheaper: when the
 * circuit's longest vector fits one ciphertext.
 */
export function searchParameters(task: SlotTask): SearchResult {
  const longest = Math.max(...task.circuit.nodes.map(({ length }) => length));
  const tried: { readonly degree: PolynomialDegree; readonly result: Tried }[] = [];
  // Where no vector is cut into blocks, all degrees ask for the same.
  let shape: Shape | undefined;
  const whole = Math.max(DEGREES[0]! / 2, periodOf(longest));
  const shapeAt = (slots: number): Shape => {
    if (slots < longest && !alikeInBlocks(task.circuit, slots, whole)) {
      refuseOneLevel(task, slots);
      return probe(task.circuit, slots, ownerFolds(task));
    }
    shape ??= probe(task.circuit, whole, ownerFolds(task));
    return shape;
  };
  for (const degree of DEGREES) {
    const result = tryDegree(task, degree, shapeAt);
    tried.push({ degree, result });
    if (result.candidate !== undefined && result.wide !== true && longest <= degree / 2) break;
  }
  const feasible = tried.flatMap(({ result }) => result.candidate ?? []);
  const best = feasible.reduce<SlotCandidate | undefined>(
    (least, candidate) =>
      least === undefined || candidate.milliseconds < least.milliseconds ? candidate : least,
    undefined,
  );
  const alternatives = tried.map(({ degree, result }): Alternative => {
    const { candidate, why, levels } = result;
    const known = { degree, ...(levels === undefined ? {} : { levels }) };
    const measured = result.candidate ?? result.finest;
    const figures =
      measured === undefined
        ? {}
        : {
            parameters: measured.parameters,
            scaleBits: measured.scaleBits,
            error: measured.worst,
            ...(measured.flooding === undefined ? {} : { floodingError: measured.flooding.error }),
            milliseconds: measured.milliseconds,
            peakBytes: measured.resources.memory.total,
          };
    if (candidate === undefined) return { ...known, ...figures, outcome: 'refused', why };
    if (candidate !== best)
      return { ...known, ...figures, outcome: 'dearer', why: 'precise enough, but takes longer' };
    return { ...known, ...figures, outcome: 'chosen', why };
  });
  return { best, alternatives };
}

/** A circuit that takes a level need not be lowered to find that a ring has none. */
function refuseOneLevel({ circuit }: SlotTask, slots: number): void {
  const degree = (2 * slots) as PolynomialDegree;
  const least = leastBits(ONE_LEVEL, CHAIN_FORMS[0]!, LEAST_SCALE_BITS);
  if (least <= MODULUS_CAP_BITS[degree] || !takesLevel(circuit)) return;
  throw new PlanError(
    `one level and one bit of head-room take at least ${least} bits; the limit is ${MODULUS_CAP_BITS[degree]}`,
    { least },
  );
}

/** The least that a circuit with a product asks for. */
const ONE_LEVEL = { levels: 1, headroomBits: 1, switchesKeys: false };

type Tried = {
  readonly candidate?: SlotCandidate;
  /** The most precise one, where none is precise enough. */
  readonly finest?: SlotCandidate;
  readonly why: string;
  readonly levels?: number;
  /** Whether it takes several primes a level, where a larger ring might do with one. */
  readonly wide?: boolean;
};

function tryDegree(task: SlotTask, degree: PolynomialDegree, shapeAt: (slots: number) => Shape): Tried {
  let shape: Shape;
  try {
    shape = shapeAt(degree / 2);
  } catch (error) {
    return { why: reasonOf(error) };
  }
  const { levels } = shape;
  let finest: SlotCandidate | undefined;
  let why: string | undefined;
  for (const form of CHAIN_FORMS) {
    if (!appliesTo(form, shape)) continue;
    const most = largestScale(degree, shape, form);
    if (most === undefined || (finest !== undefined && !mayReach(task, finest, form, most))) continue;
    let candidate: SlotCandidate;
    try {
      candidate = candidateAt(task, degree, shape, form, most);
    } catch (error) {
      why ??= reasonOf(error);
      continue;
    }
    const tooMuch = memoryRefusal(candidate);
    if (tooMuch !== undefined) {
      why = tooMuch;
      finest ??= candidate;
      continue;
    }
    if (candidate.worst <= task.precision) {
      return {
        levels,
        candidate: leastScale(task, degree, shape, form, candidate),
        why: 'the smallest scale found that reaches the precision',
        wide: form.each > 1,
      };
    }
    if (finest === undefined || !(finest.worst <= candidate.worst)) {
      finest = candidate;
      why = `scales of at most ${most} bits fit ${levels} levels: an error of ${candidate.worst.toExponential(1)}`;
    }
  }
  if (why !== undefined) return { levels, ...(finest === undefined ? {} : { finest }), why };
  const least = leastBits(shape, CHAIN_FORMS[0]!, LEAST_SCALE_BITS);
  return {
    levels,
    why: `${levels} levels and ${shape.headroomBits} bits of head-room take at least ${least} bits; the limit is ${MODULUS_CAP_BITS[degree]}`,
  };
}

/** Whether a form is worth a try. Where a level stays a prime, noise halves with every bit of the scale, and falls little further. */
function mayReach(
  { precision }: SlotTask,
  finest: SlotCandidate,
  { each }: ChainForm,
  scaleBits: number,
): boolean {
  const gain = scaleBits - finest.scaleBits;
  return gain > 0 && (each > 1 || finest.worst <= precision * 2 ** (gain + 4));
}

/** Lowerings spent on a smaller scale: what is left after them is a few bits, and each costs as much as all the rest of a plan. */
const MOST_TRIES = 2;

/**
 * The error is a constant, of series and of doubles, and a part that halves with every bit of the scale: guesses that take all of it for the
 * second kind, each from the last, and further ones where it grew by less.
 */
function leastScale(
  task: SlotTask,
  degree: PolynomialDegree,
  shape: Shape,
  form: ChainForm,
  finest: SlotCandidate,
): SlotCandidate {
  const constant = Math.max(
    ...Object.values<number>(task.circuit.outputs).map((index) => task.approximation[index]!),
  );
  let best = finest;
  let steps = stepsWithin(task.precision - constant, best.worst - constant, best.scaleBits);
  let bits = Math.max(LEAST_SCALE_BITS, best.scaleBits - steps);
  for (let tries = 0; tries < MOST_TRIES && bits < best.scaleBits; tries++) {
    const candidate = candidateWithin(task, () => candidateAt(task, degree, shape, form, bits));
    if (candidate === undefined) {
      bits++;
      continue;
    }
    const isFlat = candidate.worst < best.worst * 2 ** (0.5 * (best.scaleBits - bits));
    best = candidate;
    steps = stepsWithin(task.precision - constant, best.worst - constant, best.scaleBits);
    bits = Math.max(LEAST_SCALE_BITS, bits - (isFlat ? Math.max(steps, 2) : steps));
  }
  return best;
}

/** Bits by which an error that halves with each of them may grow; no infinite precision asks for no bits at all. */
function stepsWithin(wanted: number, found: number, most: number): number {
  const spare = Math.log2(wanted / found);
  return Number.isFinite(spare) ? Math.floor(spare) : most;
}

function candidateWithin({ precision }: SlotTask, make: () => SlotCandidate): SlotCandidate | undefined {
  try {
    const candidate = make();
    return candidate.worst <= precision ? candidate : undefined;
  } catch (error) {
    // Too few primes of that size, or a value that only fits a larger modulus.
    if (error instanceof ParametersError || error instanceof PlanError) return undefined;
    throw error;
  }
}

/** Carries values larger by what the last modulus can take, as far as two bits: a smaller scale then reaches the same precision. */
function candidateAt(
  task: SlotTask,
  degree: PolynomialDegree,
  shape: Shape,
  form: ChainForm,
  scaleBits: number,
): SlotCandidate {
  const spare = Math.min(MOST_SPARE_BITS, spareBits(degree, shape, form, scaleBits));
  const wider = { ...shape, headroomBits: shape.headroomBits + spare };
  const parameters = parametersFor(degree, wider, form, scaleBits);
  return candidateOf(task, { parameters, form, scaleBits, spareBits: spare }, shape.depths);
}

function memoryRefusal({ resources }: SlotCandidate): string | undefined {
  try {
    checkMemory(resources.memory);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof PlanError || error instanceof ParametersError) return error.message;
  throw error;
}
