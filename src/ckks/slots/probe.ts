import type { AnyCircuit } from '../../algebra/circuit.ts';
import { MAX_KERNEL_PRIME_BITS } from '../parameters.ts';
import { type Chain, USABLE } from './chain.ts';
import { type EntryDepths, entryDepths } from './entry-depths.ts';
import { absOf } from './interval.ts';
import { lowerCircuit } from './lower.ts';
import type { BuiltProgram } from './tidy.ts';

/** What a circuit asks of a modulus, whatever its primes. */
export type Shape = {
  readonly levels: number;
  /** Bits that q_0 must have beyond the scale, at least. */
  readonly headroomBits: number;
  /** Whether it relinearises or rotates, and so needs a large special prime. */
  readonly switchesKeys: boolean;
  readonly depths: EntryDepths;
};

/** More levels than any modulus under the caps has. */
const LEVELS = 48;
/** As large as scales get: smaller ones leave more coefficients of a series out. */
const SCALE_BITS = MAX_KERNEL_PRIME_BITS;

/**
 * Lowers a circuit on a chain without limits, to see what it needs. The structure of a program depends on the number of levels
 * and not on the size of the primes.
 * @throws PlanError for a circuit that is deeper than any modulus.
 */
export function probe(circuit: AnyCircuit, slots: number, ownerFolds: boolean): Shape {
  const primes = [2 ** 200, ...Array<number>(LEVELS).fill(2 ** SCALE_BITS)];
  const chain: Chain = { slots, primes, scaleBits: SCALE_BITS };
  const lowered = lowerCircuit(circuit, chain, { depths: new Map(), ownerFolds });
  const { program, bounds } = lowered;
  const lowest = lowestLevel(lowered, LEVELS);
  // At level l the modulus is q_0 2^(l scaleBits): whatever does not fit asks for a larger q_0.
  let headroom = 0;
  program.instructions.forEach(({ level, scale, op }, index) => {
    if (op === 'dropLevels' && level < lowest) return;
    const least = Math.max(Math.log2(absOf(bounds[index]!)) - Math.log2(USABLE), 1);
    headroom = Math.max(headroom, least + Math.log2(scale) - SCALE_BITS * (level - lowest + 1));
  });
  return {
    levels: LEVELS - lowest,
    headroomBits: Math.ceil(headroom + 0.01),
    switchesKeys: program.instructions.some(({ op }) => op === 'relinearise' || op === 'rotate'),
    depths: entryDepths(lowered, chain),
  };
}

/** The lowest level to which anything was rescaled; what is only dropped could stay where it is. */
export function lowestLevel({ program }: BuiltProgram, top: number): number {
  return program.instructions.reduce(
    (least, { op, level }) => (op === 'dropLevels' || op === 'input' ? least : Math.min(least, level)),
    top,
  );
}
