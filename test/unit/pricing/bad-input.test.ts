import { describe, expect, it } from 'vitest';
import { BlindRiskError } from '../../../src/base/errors.ts';
import * as pricing from '../../../src/pricing/index.ts';
import { PRICING_CALLS } from '../../support/pricing-calls.ts';

/** Where a number or a column stands in the arguments of a call. */
type Path = readonly (string | number)[];
type Probe = { readonly path: Path; readonly value: unknown; readonly args: readonly unknown[] };

const isColumn = (value: unknown): value is Float64Array => value instanceof Float64Array;
const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);

/** `value` with what stands at `path` replaced; nothing else is copied deeper than it must. */
function replaced(value: unknown, path: Path, by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  if (isColumn(value)) {
    const copy = value.slice();
    copy[key as number] = by as number;
    return copy;
  }
  if (Array.isArray(value)) return value.map((item, i) => (i === key ? replaced(item, rest, by) : item));
  return { ...(value as object), [key]: replaced((value as Record<string, unknown>)[key], rest, by) };
}

/** Every number in `value`, and every column as a whole. */
function* leaves(value: unknown, path: Path = []): Generator<readonly [Path, number | Float64Array]> {
  if (typeof value === 'number') yield [path, value];
  else if (isColumn(value)) {
    yield [path, value];
    for (let i = 0; i < value.length; i++) yield [[...path, i], value[i]!];
  } else if (isRecord(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (typeof item === 'function') continue;
      yield* leaves(item, [...path, Array.isArray(value) ? Number(key) : key]);
    }
  }
}

/** What cannot be negative, whoever takes it. */
const NEVER_NEGATIVE =
  /^(vol|vol1|vol2|normalVol|spot1?|spot2|strike|expiryYears|barrier|lower|upper|cash|rebate|initialVariance|longVariance|volOfVol|alpha|nu|sigma|b|contractSize|entryPrice|mark|hours|intervalHours|fundingIntervalHours|daysPerYear|paths|dates|degree|trainingPaths|index|weights|fixingYears|spots|vols|referenceVol|damper|n00|n01|n10|n11)$/;
/** Black's and Heston's forwards too; Bachelier's may be negative. */
const SIGNED: Readonly<Record<string, readonly string[]>> = {
  bachelierGreeks: ['strike', 'forward'],
  bachelierImpliedVols: ['strike', 'forward'],
  tryBachelierImpliedVols: ['strike', 'forward'],
  // A scenario's direction, in units of the scan range.
  spanRisk: ['vol'],
  // Only its square counts; volSurface and checkSurface refuse it.
  impliedVol: ['sigma'],
};

/** A shorter series of days, or of scenarios, is a series. */
const SERIES: readonly string[] = ['backtest', 'exceptionsOf', 'historicalRisk'];

const named = (path: Path): readonly string[] => path.filter((part) => typeof part === 'string');

/** Every field of every record in `value`. */
function* fields(value: unknown, path: Path = []): Generator<Path> {
  if (!isRecord(value) || isCalendar(value)) return;
  for (const [key, item] of Object.entries(value)) {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    if (!Array.isArray(value)) yield here;
    yield* fields(item, here);
  }
}

const isCalendar = (value: object): boolean => 'isBusinessDay' in value;

/** The arguments of a call with one number that no function can accept, or a column of another length. */
function* probes(name: string, args: readonly unknown[]): Generator<Probe> {
  for (const [path, leaf] of leaves(args)) {
    const bad = (value: unknown): Probe => ({
      path,
      value,
      args: replaced(args, path, value) as readonly unknown[],
    });
    if (isColumn(leaf)) {
      if (leaf.length > 1 && !SERIES.includes(name)) yield bad(leaf.slice(1));
      continue;
    }
    yield bad(Number.NaN);
    yield bad(Number.POSITIVE_INFINITY);
    yield bad(Number.NEGATIVE_INFINITY);
    const field = named(path).at(-1) ?? '';
    if (NEVER_NEGATIVE.test(field) && !SIGNED[name]?.includes(field)) yield bad(-1);
  }
  for (const path of fields(args)) {
    yield { path, value: undefined, args: replaced(args, path, undefined) as readonly unknown[] };
  }
}

/** The numbers of a result, in order. */
function numbersOf(value: unknown): number[] {
  if (value instanceof Uint8Array) return [...value];
  return [...leaves(value)].flatMap(([, leaf]) => (typeof leaf === 'number' ? [leaf] : []));
}

/** What is wrong with the answer to a probe; undefined where it was refused as it should be, or did not matter. */
async function complaint(
  name: string,
  { path, value, args }: Probe,
  clean: readonly number[],
): Promise<string | undefined> {
  const where = `${name} with ${JSON.stringify(path)} = ${isColumn(value) ? 'a shorter column' : value}`;
  let found: readonly number[];
  try {
    found = numbersOf(await PRICING_CALLS[name]!.call(...(args as never[])));
  } catch (error) {
    if (!(error instanceof BlindRiskError)) return `${where}: ${error}`;
    if (isColumn(value)) return undefined;
    const index = path.at(-1);
    // An element of a column is named by its index.
    if (
      typeof index === 'number' &&
      !path.includes('fixingYears') &&
      path.length > 2 &&
      isColumn(at(PRICING_CALLS[name]!.args, path.slice(0, -1))) &&
      !error.message.includes(placeOf(PRICING_CALLS[name]!.args, path))
    )
      return `${where}: the index is not named in "${error.message}"`;
    return undefined;
  }
  if (isColumn(value))
    return path.includes('fixingYears') ||
      found.length !== clean.length ||
      found.every((x, i) => Object.is(x, clean[i]))
      ? undefined
      : `${where}: accepted`;
  const isSame = found.length === clean.length && found.every((x, i) => Object.is(x, clean[i]));
  if (isSame) return undefined;
  // What may be absent has a default.
  const isFinite = found.every((x, i) => Number.isFinite(x) || !Number.isFinite(clean[i]!));
  return isFinite && value !== -1 ? undefined : `${where}: accepted`;
}

/** How an error names an element: by its index, one of a matrix by its row. */
function placeOf(args: readonly unknown[], path: Path): string {
  const index = path.at(-1) as number;
  if (path.at(-2) !== 'data') return String(index);
  const { cols } = at(args, path.slice(0, -2)) as { readonly cols: number };
  return String(Math.floor(index / cols));
}

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((here, key) => (here as Record<string | number, unknown>)[key], value);

/** Formulas on one point, documented as unchecked. */
const UNCHECKED: readonly string[] = ['durrlemanG', 'sviTotalVariance'];
/** Takes a text alone: its refusals are tested with its grammar. */
const TEXTS: readonly string[] = ['parsePayoff'];

describe('bad input to the pricing functions', () => {
  it('is tried on every function that is exported', () => {
    const functions = Object.entries(pricing).flatMap(([name, value]) =>
      typeof value === 'function' ? name : [],
    );
    expect([...Object.keys(PRICING_CALLS), ...TEXTS].sort()).toEqual(functions.sort());
  });

  const names = Object.keys(PRICING_CALLS).filter((name) => !UNCHECKED.includes(name));
  it.each(names)(
    '%s refuses NaN, infinities, what cannot be negative, short columns and absent fields, or is not moved by them',
    async (name) => {
      const { call, args } = PRICING_CALLS[name]!;
      const clean = numbersOf(await call(...(args as never[])));
      const complaints: string[] = [];
      for (const probe of probes(name, args)) {
        const found = await complaint(name, probe, clean);
        if (found !== undefined) complaints.push(found);
      }
      expect(complaints).toEqual([]);
    },
  );
});
