import { RangeError, ShapeError } from '../../base/errors.ts';
import type { SlotInput, SlotOutput, SlotRuns } from './program.ts';

/**
 * Slots of one block of an input vector: what the owner encodes. `zero` padding fills up with zeros. `repeat` writes the
 * vector over and over with the least power of two that holds it as its period (zeros between), so that rotations wrap
 * around within the vector; runs are each repeated so.
 * @throws ShapeError, RangeError
 */
export function blockOf(input: SlotInput, values: Float64Array, slots: number, block: number): Float64Array {
  checkVector(input, values, slots);
  const { padding } = input;
  const out = new Float64Array(slots);
  if (typeof padding === 'object') {
    const { length, every } = padding;
    const period = every * Math.ceil(periodOf(input.length) / length);
    for (let k = 0; k < slots; k++) out[k] = values[runElement(padding, k % period)] ?? 0;
    return out;
  }
  out.set(values.subarray(block * slots, (block + 1) * slots));
  if (padding === 'repeat') {
    for (let filled = periodOf(input.length); filled < slots; filled *= 2) out.copyWithin(filled, 0, filled);
  }
  return out;
}

/** Which element lies in a slot. */
export function runElement({ length, every }: SlotRuns, slot: number): number {
  return Math.floor(slot / every) * length + (slot % length);
}

/** The least power of two that holds `length` values. */
export function periodOf(length: number): number {
  return 2 ** Math.ceil(Math.log2(length));
}

/** @throws ShapeError, RangeError: NaN is refused here, since SEAL would turn the whole block into zeros without a word. */
function checkVector({ name, length, blocks }: SlotInput, values: Float64Array, slots: number): void {
  if (values.length !== length) {
    throw new ShapeError(`input ${name}: expected ${length} values, found ${values.length}`, {
      input: name,
      expected: length,
      found: values.length,
    });
  }
  if (blocks !== Math.ceil(length / slots)) {
    throw new ShapeError(
      `input ${name}: ${length} values fill ${Math.ceil(length / slots)} blocks of ${slots} slots, the program has ${blocks}`,
      { input: name, slots, blocks },
    );
  }
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new RangeError(`input ${name}: value ${bad} is not finite; nothing was encrypted`, {
      input: name,
      index: bad,
    });
  }
}

/** The results of an output, from the slots of its blocks: the first `length`, or sums of slots, and nothing else. */
export function resultsOf(
  { length, every }: Pick<SlotOutput, 'length' | 'every'>,
  blocks: readonly Float64Array[],
): Float64Array {
  const out = new Float64Array(length);
  if (every !== undefined) {
    const [slots] = blocks;
    for (let from = 0; from < slots!.length; from += every)
      for (let i = 0; i < length; i++) out[i]! += slots![from + i]!;
    return out;
  }
  let offset = 0;
  for (const slots of blocks) {
    out.set(slots.subarray(0, Math.max(0, length - offset)), offset);
    offset += slots.length;
  }
  return out;
}
