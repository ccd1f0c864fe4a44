import { RangeError } from '../base/errors.ts';
import { base64 } from './black-scholes.wasm.ts';
import { compileModule, instantiate, reserve, type WasmMemory } from './wasm-module.ts';

/** Tables that the kernel looks up, as `numeric/` makes them. */
export type BlackScholesTables = {
  /** 2^(j/128) for j = 0..127. */
  readonly exp2Fractions: Float64Array;
  /** Three numbers for each of 128 centres: c, 1/c, ln c. */
  readonly logCentres: Float64Array;
  /** 2048 rows of eight coefficients. */
  readonly signedMills: Float64Array;
};

type Global = { readonly value: number };
type Tables = {
  readonly memory: WasmMemory;
  readonly EXP2_FRACTIONS: Global;
  readonly LOG_CENTRES: Global;
  readonly SIGNED_MILLS: Global;
  readonly HEAP: Global;
};

/** An instance with columns of its own: column c starts at `base` + c `stride`. */
export type ColumnMemory<Functions> = {
  readonly wasm: Functions;
  readonly base: number;
  readonly stride: number;
  readonly columns: readonly Float64Array<ArrayBuffer>[];
};

/**
 * Columns that start at the same place of a 4 KiB page would compete for the same lines of the first-level cache: they
 * start five lines apart.
 */
const PAGE = 4096;
const SKEW = 320;

/**
 * A new instance of {@link blackScholesModule} with its tables filled and room for `capacity` options in `columnCount` columns.
 * Memory is freed with the instance and the columns.
 * @throws RangeError for more options than 4 GiB hold.
 */
export function openColumns<Functions>(
  module: object,
  tables: BlackScholesTables,
  capacity: number,
  columnCount: number,
): ColumnMemory<Functions> {
  // What 32-bit addresses reach, less tables and scratch.
  const largest = Math.floor((2 ** 32 - 2 ** 20) / (8 * columnCount));
  if (!Number.isInteger(capacity) || capacity < 0 || capacity > largest) {
    throw new RangeError(`expected room for 0 to ${largest} options, found ${capacity}: split the batch`, {
      capacity,
      largest,
    });
  }
  const wasm = instantiate<Tables & Functions>(module);
  const base = wasm.HEAP.value;
  // The skew has room for the option that follows an odd number.
  const stride = Math.ceil((8 * capacity) / PAGE) * PAGE + SKEW;
  reserve(wasm.memory, base + columnCount * stride);
  fillTables(wasm, tables);
  const columns = Array.from(
    { length: columnCount },
    (_, c) => new Float64Array(wasm.memory.buffer, base + c * stride, capacity),
  );
  return { wasm, base, stride, columns };
}

function fillTables(wasm: Tables, { exp2Fractions, logCentres, signedMills }: BlackScholesTables): void {
  const { buffer } = wasm.memory;
  const fractions = new BigInt64Array(buffer, wasm.EXP2_FRACTIONS.value, exp2Fractions.length);
  new Float64Array(buffer, wasm.EXP2_FRACTIONS.value, exp2Fractions.length).set(exp2Fractions);
  fractions.forEach((bits, j) => {
    fractions[j] = bits - (BigInt(j) << 45n);
  });
  const centres = new Float64Array(buffer, wasm.LOG_CENTRES.value, (4 * logCentres.length) / 3);
  logCentres.forEach((value, i) => {
    centres[4 * Math.floor(i / 3) + (i % 3)] = value;
  });
  new Float64Array(buffer, wasm.SIGNED_MILLS.value, signedMills.length).set(signedMills);
}

let compiled: object | null | undefined;

/**
 * The compiled module, or null where there is no WebAssembly with SIMD, or a page's policy forbids to compile it. Cost: 1 ms
 * at the first call.
 */
export function blackScholesModule(): object | null {
  if (compiled === undefined) {
    try {
      compiled = compileModule(base64);
    } catch {
      compiled = null;
    }
  }
  return compiled;
}
