import { ShapeError } from '../../base/errors.ts';
import type { PolynomialSchedule } from './schedule.ts';

/** What a schedule needs of an algebra. */
export interface ScheduleAlgebra<V> {
  add(a: V, b: V): V;
  mul(a: V, b: V): V;
  scale(a: V, factor: number): V;
  /** a + constant in every element. */
  offset(a: V, constant: number): V;
}

/** The algebra on clear vectors. */
export const clearScheduleAlgebra: ScheduleAlgebra<Float64Array> = {
  add: (a, b) => a.map((x, i) => x + b[i]!),
  mul: (a, b) => a.map((x, i) => x * b[i]!),
  scale: (a, factor) => a.map((x) => x * factor),
  offset: (a, constant) => a.map((x) => x + constant),
};

/**
 * Runs a schedule.
 * @param argument u in [-1, 1]. @param weights of the weighted outputs, by their index; others are not read.
 * @returns every output, in their order. A polynomial that is constant and not weighted needs the argument for its length.
 * @throws ShapeError where a weight is missing.
 */
export function runSchedule<V>(
  schedule: PolynomialSchedule,
  alg: ScheduleAlgebra<V>,
  argument: V,
  weights: readonly (V | undefined)[] = [],
): V[] {
  const registers = schedule.inputs.map((input): V => {
    if (input.kind === 'argument') return argument;
    const weight = weights[input.output];
    if (weight === undefined)
      throw new ShapeError(`output ${input.output} is weighted: expected its weight, found none`);
    return input.kind === 'weight' ? weight : alg.scale(weight, input.factor);
  });
  for (const { products, factor, terms, constant } of schedule.steps) {
    const parts = products.map(([a, b]) => alg.mul(registers[a]!, registers[b]!));
    let sum = parts.length > 0 ? parts.reduce((x, y) => alg.add(x, y)) : undefined;
    if (sum !== undefined && factor === 2) sum = alg.add(sum, sum);
    for (const { register, coefficient } of terms) {
      const term = alg.scale(registers[register]!, coefficient);
      sum = sum === undefined ? term : alg.add(sum, term);
    }
    sum ??= alg.scale(argument, 0);
    registers.push(constant === 0 ? sum : alg.offset(sum, constant));
  }
  return schedule.outputs.map((register) => registers[register]!);
}
