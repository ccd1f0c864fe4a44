import { ShapeError } from '../../../base/errors.ts';
import type { Position } from '../../../domain/book.ts';
import type { VanillaOption } from '../../../domain/instrument.ts';

/** Options as columns: what streams of positions too large for objects are read into. Secret. */
export type OptionColumns = {
  /** Index in the market's underlyings. */
  readonly underlying: Int32Array;
  /** 1 for a call, -1 for a put. */
  readonly sign: Float64Array;
  readonly strike: Float64Array;
  readonly expiryYears: Float64Array;
  /** The position's own mark; NaN: the market's surface. */
  readonly vol: Float64Array;
  /** quantity x multiplier */
  readonly units: Float64Array;
  /** 1 where exercise is American; European if absent. */
  readonly american?: Uint8Array;
};

export function allocateColumns(count: number): Required<OptionColumns> {
  const column = (): Float64Array => new Float64Array(count);
  return {
    underlying: new Int32Array(count),
    sign: column(),
    strike: column(),
    expiryYears: column(),
    vol: column(),
    units: column(),
    american: new Uint8Array(count),
  };
}

/** Elements `from` to `to` - 1 of every column, not copied. */
export function sliceColumns(columns: OptionColumns, from: number, to: number): OptionColumns {
  const { underlying, sign, strike, expiryYears, vol, units, american } = columns;
  return {
    underlying: underlying.subarray(from, to),
    sign: sign.subarray(from, to),
    strike: strike.subarray(from, to),
    expiryYears: expiryYears.subarray(from, to),
    vol: vol.subarray(from, to),
    units: units.subarray(from, to),
    ...(american === undefined ? {} : { american: american.subarray(from, to) }),
  };
}

/** @throws ShapeError where columns differ in length. */
export function checkColumns(columns: OptionColumns): number {
  const count = columns.underlying.length;
  for (const [name, column] of Object.entries(columns)) {
    if (column === undefined || column.length === count) continue;
    throw new ShapeError(`expected ${count} elements in every column, found ${column.length} in ${name}`, {
      field: name,
      expected: count,
      found: column.length,
    });
  }
  return count;
}

/** Writes an option position into row `at` of `columns`. */
export function writeOption(
  columns: Required<OptionColumns>,
  at: number,
  underlying: number,
  option: VanillaOption,
  { quantity, multiplier }: Pick<Position, 'quantity' | 'multiplier'>,
): void {
  columns.underlying[at] = underlying;
  columns.sign[at] = option.type === 'call' ? 1 : -1;
  columns.strike[at] = option.strike;
  columns.expiryYears[at] = option.expiryYears;
  columns.vol[at] = option.vol ?? Number.NaN;
  columns.units[at] = quantity * multiplier;
  columns.american[at] = option.exercise === 'american' ? 1 : 0;
}
