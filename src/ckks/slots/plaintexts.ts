import { PlanError } from '../../base/errors.ts';
import { boundOfValues, hull, type Interval, ZERO } from './interval.ts';
import type { SlotPlaintext } from './program.ts';

/**
 * A vector that is made when it is read: a plan of a large matrix needs the sizes of its diagonals, not the diagonals.
 * Who makes one gives the same object for the same vector: it is known by that.
 */
export type LazyValues = {
  readonly bound: Interval;
  readonly make: () => Float64Array;
};

/** One number for every slot, or a number a slot; slots beyond the array are zero. */
export type SlotValues = Float64Array | number | LazyValues;

/** `uniform`: one number in every slot, which needs no transform and rounds as one coefficient. */
export type PlaintextBound = { readonly bound: Interval; readonly uniform: boolean };

/** Public operands of a program under construction; equal ones at one level and scale occur once. */
export class PlaintextTable {
  readonly entries: SlotPlaintext[] = [];
  /** What the values of an entry are known to lie in, without making them. */
  readonly bounds: PlaintextBound[] = [];
  readonly #known = new Map<string, number[]>();
  readonly #lazy = new Map<LazyValues, number[]>();

  intern(
    values: SlotValues,
    level: number,
    scale: number,
    slots: number,
  ): { readonly plain: number; readonly bound: Interval } {
    if (!(scale > 0 && Number.isFinite(scale))) {
      throw new PlanError(`expected a positive scale of a public operand, found ${scale}`, { scale });
    }
    if (isLazy(values)) return this.#internLazy(values, level, scale);
    const { content, bound, hash } = summaryOf(values, slots);
    const key = `${level} ${scale} ${hash}`;
    const candidates = this.#known.get(key) ?? [];
    const same = candidates.find((index) => equal(this.entries[index]!.values, content));
    if (same !== undefined) return { plain: same, bound };
    const plain = this.entries.length;
    this.entries.push({ values: content, level, scale });
    this.bounds.push({ bound, uniform: typeof content === 'number' });
    this.#known.set(key, [...candidates, plain]);
    return { plain, bound };
  }

  #internLazy(
    values: LazyValues,
    level: number,
    scale: number,
  ): { readonly plain: number; readonly bound: Interval } {
    const { bound, make } = values;
    const known = this.#lazy.get(values) ?? [];
    const same = known.find(
      (index) => this.entries[index]!.level === level && this.entries[index]!.scale === scale,
    );
    if (same !== undefined) return { plain: same, bound };
    const plain = this.entries.length;
    this.bounds.push({ bound, uniform: false });
    this.entries.push({
      level,
      scale,
      made: true,
      get values() {
        return make();
      },
    });
    known.push(plain);
    this.#lazy.set(values, known);
    return { plain, bound };
  }
}

const isLazy = (values: SlotValues): values is LazyValues =>
  typeof values === 'object' && !(values instanceof Float64Array);

type Content = Float64Array | number;
type Summary = { readonly content: Content; readonly bound: Interval; readonly hash: string };

/** A plan lowers its circuit several times with the same public vectors: each is looked at once. */
const summaries = new WeakMap<Float64Array, Map<number, Summary>>();

function summaryOf(values: Content, slots: number): Summary {
  if (typeof values === 'number')
    return { content: values, bound: { low: values, high: values }, hash: `${values}` };
  if (values.length > slots) {
    throw new PlanError(`expected at most ${slots} values, found ${values.length}`, { slots });
  }
  const bySlots = summaries.get(values) ?? new Map<number, Summary>();
  let summary = bySlots.get(slots);
  if (summary === undefined) {
    summary = summarise(values, slots);
    bySlots.set(slots, summary);
    summaries.set(values, bySlots);
  }
  return summary;
}

function summarise(values: Float64Array, slots: number): Summary {
  const bound = boundOfValues(values);
  if (values.length === slots && bound.low === bound.high) return summaryOf(bound.low, slots);
  return {
    content: values,
    bound: values.length < slots ? hull(bound, ZERO) : bound,
    hash: `${values.length} ${fingerprint(values)}`,
  };
}

/** Not cryptographic: equality is checked entry by entry. FNV-1a over the words of the doubles. */
function fingerprint(values: Float64Array): number {
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  let hash = 0x811c9dc5;
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
  return hash >>> 0;
}

function equal(a: Content, b: Content): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b;
  if (a === b) return true;
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
