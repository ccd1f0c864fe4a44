import type { AffineMap, Segment } from '../algebra/affine.ts';
import type { AnyCircuit } from '../algebra/circuit.ts';
import { PlanError } from '../base/errors.ts';
import type { ErrorBound } from '../domain/report.ts';
import { MAX_ENTRY } from '../kernels/field127.ts';
import { compositionOf } from './rounding.ts';

/** Fixed-point formats of a linear plan, and what they cost in accuracy. */
export type Precision = {
  /** f_i: input i is shared as round(x 2^f_i). */
  readonly inputFracBits: Readonly<Record<string, number>>;
  /**
   * F_o: output o is opened as an integer over 2^F_o. The matrix block from i to o has F_o - f_i fraction
   * bits.
   */
  readonly resultFracBits: Readonly<Record<string, number>>;
  readonly error: Readonly<Record<string, ErrorBound>>;
};

/**
 * Room of the field: |result integer| <= max |V| x sum |X| <= 2^52 x 2^74 = 2^126, kept strictly below p / 2
 * by MARGIN.
 */
const INPUT_BITS = 74;

/**
 * Everything computed here in double precision is a sum of at most 2^22 rounded positive terms; this factor
 * covers that, and the slack of 1e-12 with which declared input bounds are checked.
 */
const MARGIN: number = 1 + 2 ** -30;

/** Exponents stay where powers of two and their products are normal doubles. */
const MAX_FRAC_BITS = 480;

/** Sizes of the block of the matrix from one input to one output. */
type Block = { readonly largest: number; readonly rowSum: number };

/**
 * Chooses fraction bits: as many for every input as its 1-norm leaves below 2^74 (shared among the inputs),
 * then as many for every output as keep its matrix entries within 2^52.
 *
 * Error, proved. With X = x 2^f + e, |e| <= 1/2, and V = v 2^(F-f) + d, |d| <= 1/2, the opened integer over
 * 2^F misses v x by at most, summed over inputs of length n_i,
 *
 *     2^-(f+1) max_row sum |v|  +  2^-(F-f+1) l1(x)  +  n_i 2^-(F+2),
 *
 * and reading it back and adding the constant costs 2^-52 and 2^-53 of the result's magnitude; composing the
 * matrix, where something had to be composed, costs what {@link compositionOf} says. The reference is the
 * circuit in exact arithmetic.
 * @throws PlanError where bounds or matrices are too large or too small for doubles to scale.
 */
export function choosePrecision(circuit: AnyCircuit, map: AffineMap): Precision {
  const l1 = new Map(map.inputs.map(({ name }) => [name, l1Of(circuit, name)]));
  const inputFracBits = Object.fromEntries(
    map.inputs.map(({ name, length }) => [name, inputBits(name, l1.get(name)!, length, map.inputs.length)]),
  );
  const composition = compositionOf(circuit);
  const resultFracBits: Record<string, number> = {};
  const error: Record<string, ErrorBound> = {};
  for (const output of map.outputs) {
    const blocks = map.inputs.map((input) => ({
      input,
      f: inputFracBits[input.name]!,
      ...blockOf(map, output, input),
    }));
    const F = Math.min(
      MAX_FRAC_BITS,
      ...blocks
        .filter(({ largest }) => largest > 0)
        .map(({ f, largest }) => f + entryBits(output.name, largest)),
    );
    resultFracBits[output.name] = F;
    const magnitude = composition.magnitudes[output.name]!;
    let absolute = (composition.roundings * 2 ** -53 + 2 ** -52 + 2 ** -53) * magnitude;
    for (const { input, f, rowSum } of blocks) {
      absolute +=
        2 ** -(f + 1) * rowSum + 2 ** -(F - f + 1) * l1.get(input.name)! + input.length * 2 ** -(F + 2);
    }
    error[output.name] = { absolute: absolute * MARGIN, known: 'proved' };
  }
  return { inputFracBits, resultFracBits, error };
}

function l1Of(circuit: AnyCircuit, name: string): number {
  const { length, bound, l1 = Infinity } = circuit.inputs[name]!;
  return Math.min(l1, length * bound);
}

/** The most bits f with (2^f l1 + n / 2) MARGIN <= 2^74 / inputs: n / 2 is the rounding of n elements. */
function inputBits(name: string, l1: number, length: number, inputs: number): number {
  const room = 2 ** INPUT_BITS / inputs / MARGIN - length / 2;
  let f = Math.min(MAX_FRAC_BITS, Math.floor(Math.log2(room / l1)) + 1);
  while (f >= -MAX_FRAC_BITS && !(2 ** f * l1 <= room)) f--;
  if (f < -MAX_FRAC_BITS) {
    throw new PlanError(
      `input ${name}: a 1-norm up to ${l1} cannot be scaled into the field; declare it in larger units`,
      {
        input: name,
        l1,
      },
    );
  }
  return f;
}

/** The most bits b with round(largest 2^b) <= 2^52. */
function entryBits(output: string, largest: number): number {
  let b = Math.min(MAX_FRAC_BITS, Math.floor(Math.log2(MAX_ENTRY / largest)) + 1);
  while (b >= -MAX_FRAC_BITS && !(2 ** b * largest <= MAX_ENTRY)) b--;
  if (b < -MAX_FRAC_BITS) {
    throw new PlanError(
      `output ${output}: a coefficient of ${largest} cannot be scaled into the field; use larger units`,
      { output, largest },
    );
  }
  return b;
}

function blockOf({ matrix }: AffineMap, output: Segment, input: Segment): Block {
  let largest = 0;
  let rowSum = 0;
  for (let r = output.offset; r < output.offset + output.length; r++) {
    let sum = 0;
    for (let c = input.offset; c < input.offset + input.length; c++) {
      const magnitude = Math.abs(matrix.data[r * matrix.cols + c]!);
      largest = Math.max(largest, magnitude);
      sum += magnitude;
    }
    rowSum = Math.max(rowSum, sum);
  }
  return { largest, rowSum };
}
