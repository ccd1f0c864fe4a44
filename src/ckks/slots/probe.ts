import type { AnyCircuit } from '../../algebra/circuit.ts';
import { type Chain, USABLE } from './builder.ts';
import { absOf } from './interval.ts';
import { type LoweredCircuit, lowerCircuit } from './lower.ts';

/** What a circuit asks of a modulus, whatever its primes. */
export type Shape = {
  readonly levels: number;
  /** Bits that q_0 must have beyond the scale, at least. */
  readonly headroomBits: number;
  /** Whether it relinearises or rotates, and so needs a large special prime. */
  readonly switchesKeys: boolean;
};

/** More levels than any modulus under the caps has. */
const LEVELS = 48;
const SCALE_BITS = 40;

/**
 * Lowers a circuit on a chain without limits, to see what it needs. The structure of a program depends on the number of levels
 * and not on the size of the primes.
 * @throws PlanError for a circuit that is deeper than any modulus.
 */
export function probe(circuit: AnyCircuit, slots: number): Shape {
  const primes = [2 ** 200, ...Array<number>(LEVELS).fill(2 ** SCALE_BITS)];
  const chain: Chain = { slots, primes, scaleBits: SCALE_BITS };
  return shapeOf(lowerCircuit(circuit, chain));
}

function shapeOf({ program, bounds }: LoweredCircuit): Shape {
  // What is only dropped could stay where it is.
  const working = program.instructions.filter(({ op }) => op !== 'dropLevels' && op !== 'input');
  const lowest = working.reduce((least, { level }) => Math.min(least, level), LEVELS);
  let headroom = 0;
  program.instructions.forEach(({ level, scale, op }, index) => {
    if (level !== lowest || op === 'dropLevels') return;
    headroom = Math.max(headroom, Math.log2(absOf(bounds[index]!)) + Math.log2(scale) - SCALE_BITS);
  });
  return {
    levels: LEVELS - lowest,
    headroomBits: Math.ceil(headroom - Math.log2(USABLE) + 0.01),
    switchesKeys: program.instructions.some(({ op }) => op === 'relinearise' || op === 'rotate'),
  };
}
