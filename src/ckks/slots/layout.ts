import { periodOf } from './blocks.ts';
import type { Interval } from './interval.ts';
import type { SlotRuns } from './program.ts';

/**
 * How a vector lies in slots. Up to one ciphertext, it is repeated with a period that is a power of two, so that
 * rotations are cyclic in it, a sum over it ends in every slot, and repeating a single value costs nothing. Longer
 * ones are cut into blocks of all slots. What only matrices read may lie in runs instead.
 */
export type Layout = {
  readonly length: number;
  /** Slots after which the content repeats; all slots where there are several blocks. */
  readonly period: number;
  readonly blocks: number;
  readonly runs?: SlotRuns | undefined;
};

/** What the slots between `length` and the end of the period hold: a known number, or something of known size. */
export type Gap = number | Interval;

export function layoutOf(length: number, slots: number): Layout {
  const blocks = Math.ceil(length / slots);
  return { length, blocks, period: blocks > 1 ? slots : periodOf(length) };
}

/** A vector of one block in runs. */
export function layoutInRuns(length: number, runs: SlotRuns): Layout {
  return { length, blocks: 1, period: runs.every * Math.ceil(periodOf(length) / runs.length), runs };
}

/** Slots a period (or, with blocks, in all) that hold no element. */
export function gapSlots({ length, period, blocks }: Layout): number {
  return blocks * period - length;
}
/** A public vector in every slot of every block, `gap` between its ends. One number where all slots are equal. */
export function spread(values: Float64Array, slots: number, gap: number): readonly (Float64Array | number)[] {
  const known = spreads.get(values) ?? new Map<string, readonly (Float64Array | number)[]>();
  spreads.set(values, known);
  const key = `${slots} ${gap}`;
  const made = known.get(key) ?? makeSpread(values, slots, gap);
  known.set(key, made);
  return made;
}

/** A plan lowers its circuit several times with the same public vectors. */
const spreads = new WeakMap<Float64Array, Map<string, readonly (Float64Array | number)[]>>();

function makeSpread(values: Float64Array, slots: number, gap: number): readonly (Float64Array | number)[] {
  const layout = layoutOf(values.length, slots);
  return Array.from({ length: layout.blocks }, (_, block) => {
    const part = values.subarray(block * slots, (block + 1) * slots);
    const first = part[0]!;
    if (part.every((value) => value === first) && (gapSlots(layout) === 0 || gap === first)) return first;
    const out = new Float64Array(slots).fill(gap);
    for (let start = 0; start < slots; start += layout.period) out.set(part, start);
    return out;
  });
}

/** Whether every element is the same. */
export function uniformValue(values: Float64Array): number | undefined {
  const first = values[0]!;
  return values.every((value) => value === first) ? first : undefined;
}
