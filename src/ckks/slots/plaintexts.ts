import { PlanError } from '../../base/errors.ts';
import { boundOfValues, hull, type Interval, ZERO } from './interval.ts';
import type { SlotPlaintext } from './program.ts';

/** One number for every slot, or a number a slot; slots beyond the array are zero. */
export type SlotValues = Float64Array | number;

/** Public operands of a program under construction; equal ones at one level and scale occur once. */
export class PlaintextTable {
  readonly entries: SlotPlaintext[] = [];
  readonly #known = new Map<string, number[]>();

  intern(
    values: SlotValues,
    level: number,
    scale: number,
    slots: number,
  ): { readonly plain: number; readonly bound: Interval } {
    const { content, bound, hash } = summaryOf(values, slots);
    if (!(scale > 0 && Number.isFinite(scale))) {
      throw new PlanError(`expected a positive scale of a public operand, found ${scale}`, { scale });
    }
    const key = `${level} ${scale} ${hash}`;
    const candidates = this.#known.get(key) ?? [];
    const same = candidates.find((index) => equal(this.entries[index]!.values, content));
    if (same !== undefined) return { plain: same, bound };
    const plain = this.entries.length;
    this.entries.push({ values: content, level, scale });
    this.#known.set(key, [...candidates, plain]);
    return { plain, bound };
  }
}

type Summary = { readonly content: SlotValues; readonly bound: Interval; readonly hash: string };

/** A plan lowers its circuit several times with the same public vectors: each is looked at once. */
const summaries = new WeakMap<Float64Array, Map<number, Summary>>();

function summaryOf(values: SlotValues, slots: number): Summary {
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

function equal(a: SlotValues, b: SlotValues): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b;
  if (a === b) return true;
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
