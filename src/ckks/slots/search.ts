import { ParametersError, PlanError } from '../../base/errors.ts';
import { checkMemory } from '../memory.ts';
import {
  type CkksParameters,
  ckksParameters,
  MAX_KERNEL_PRIME_BITS,
  MODULUS_CAP_BITS,
  type PolynomialDegree,
} from '../parameters.ts';
import { candidateOf, type SlotCandidate, type SlotTask } from './candidate.ts';
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
  readonly milliseconds?: number;
  readonly peakBytes?: number;
};

export type SearchResult = {
  readonly best: SlotCandidate | undefined;
  readonly alternatives: readonly Alternative[];
};

const DEGREES: readonly PolynomialDegree[] = [2048, 4096, 8192, 16384, 32768];
/** Smaller scales drown in rounding, and there are too few primes. */
const LEAST_SCALE_BITS = 20;
/** Bits of q_0 beyond the scale where there is room: values may leave their declared bounds by a factor before a batch is lost. */
const COMFORTABLE_BITS = 3;
/** Beyond that the powers of a series are what limits precision, and they gain nothing. */
const MOST_SPARE_BITS = 2;
/** Special prime where no key is switched: SEAL wants one, and it only divides what public-key encryption adds. */
const IDLE_SPECIAL_BITS = 25;

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
  const shapeAt = (slots: number): Shape => {
    if (slots < longest) return probe(task.circuit, slots);
    shape ??= probe(task.circuit, slots);
    return shape;
  };
  for (const degree of DEGREES) {
    const result = tryDegree(task, degree, shapeAt);
    tried.push({ degree, result });
    if (result.candidate !== undefined && longest <= degree / 2) break;
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

type Tried = {
  readonly candidate?: SlotCandidate;
  /** The most precise one, where none is precise enough. */
  readonly finest?: SlotCandidate;
  readonly why: string;
  readonly levels?: number;
};

function tryDegree(task: SlotTask, degree: PolynomialDegree, shapeAt: (slots: number) => Shape): Tried {
  let shape: Shape;
  try {
    shape = shapeAt(degree / 2);
  } catch (error) {
    return { why: reasonOf(error) };
  }
  const { levels } = shape;
  const most = largestScale(degree, shape);
  if (most === undefined) {
    const least = leastModulus(shape);
    return {
      levels,
      why: `${levels} levels and ${shape.headroomBits} bits of head-room take at least ${least} bits; the limit is ${MODULUS_CAP_BITS[degree]}`,
    };
  }
  let finest: SlotCandidate;
  try {
    finest = candidateAt(task, degree, shape, most);
  } catch (error) {
    return { levels, why: reasonOf(error) };
  }
  const tooMuch = memoryRefusal(finest);
  if (tooMuch !== undefined) return { levels, finest, why: tooMuch };
  if (!(finest.worst <= task.precision)) {
    return {
      levels,
      finest,
      why: `scales of at most ${most} bits fit ${levels} levels: an error of ${finest.worst.toExponential(1)}`,
    };
  }
  const candidate = leastScale(task, degree, shape, finest);
  return { levels, candidate, why: `the smallest scale that reaches the precision` };
}

/**
 * The error is a constant, of series, and a part that halves with every bit of the scale: one guess, and a check. */
function leastScale(
  task: SlotTask,
  degree: PolynomialDegree,
  shape: Shape,
  finest: SlotCandidate,
): SlotCandidate {
  const constant = Math.max(
    ...Object.values<number>(task.circuit.outputs).map((index) => task.approximation[index]!),
  );
  const spare = Math.log2((task.precision - constant) / (finest.worst - constant));
  // What is within double precision does not halve, and no infinite precision asks for no bits at all.
  const steps = Number.isFinite(spare) ? Math.floor(spare) : finest.scaleBits;
  for (let bits = Math.max(LEAST_SCALE_BITS, finest.scaleBits - steps); bits < finest.scaleBits; bits++) {
    try {
      const candidate = candidateAt(task, degree, shape, bits);
      if (candidate.worst <= task.precision) return candidate;
    } catch (error) {
      // Too few primes of that size, or a value that only fits a larger modulus.
      if (!(error instanceof ParametersError || error instanceof PlanError)) throw error;
    }
  }
  return finest;
}

/** Carries values larger by what q_0 can take, as far as two bits: a smaller scale then reaches the same precision. */
function candidateAt(
  task: SlotTask,
  degree: PolynomialDegree,
  shape: Shape,
  scaleBits: number,
): SlotCandidate {
  const room = MODULUS_CAP_BITS[degree] - chainBits(shape, scaleBits, 0);
  const spare = Math.min(
    MOST_SPARE_BITS,
    Math.min(MAX_KERNEL_PRIME_BITS, room) - scaleBits - shape.headroomBits,
  );
  const wider = { ...shape, headroomBits: shape.headroomBits + spare };
  return candidateOf(task, parametersFor(degree, wider, scaleBits), scaleBits, spare, shape.depths);
}

/** The largest scale whose chain is within the security cap and the kernels' primes. */
function largestScale(degree: PolynomialDegree, shape: Shape): number | undefined {
  for (let bits = MAX_KERNEL_PRIME_BITS; bits >= LEAST_SCALE_BITS; bits--) {
    if (bits + shape.headroomBits > MAX_KERNEL_PRIME_BITS) continue;
    if (chainBits(shape, bits, bits + shape.headroomBits) <= MODULUS_CAP_BITS[degree]) return bits;
  }
  return undefined;
}

const specialBits = ({ levels, switchesKeys }: Shape): number =>
  levels === 0 && !switchesKeys ? 0 : switchesKeys ? MAX_KERNEL_PRIME_BITS : IDLE_SPECIAL_BITS;

function chainBits(shape: Shape, scaleBits: number, firstBits: number): number {
  return firstBits + shape.levels * scaleBits + specialBits(shape);
}

function leastModulus(shape: Shape): number {
  return chainBits(shape, LEAST_SCALE_BITS, LEAST_SCALE_BITS + shape.headroomBits);
}

function parametersFor(degree: PolynomialDegree, shape: Shape, scaleBits: number): CkksParameters {
  const room = MODULUS_CAP_BITS[degree] - chainBits(shape, scaleBits, 0);
  const wanted = Math.max(shape.headroomBits, COMFORTABLE_BITS);
  const first = Math.max(
    scaleBits + shape.headroomBits,
    Math.min(scaleBits + wanted, MAX_KERNEL_PRIME_BITS, room),
  );
  const data = [first, ...Array<number>(shape.levels).fill(scaleBits)];
  const special = specialBits(shape);
  return ckksParameters(degree, data, special === 0 ? undefined : special);
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
