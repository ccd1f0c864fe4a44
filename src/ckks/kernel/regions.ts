import { loadRing } from '../../kernels/ring.ts';
import { sharedMemory } from '../../kernels/wasm-module.ts';
import type { CoefficientPacking } from '../packing.ts';
import { BASE_BYTES, type ProgramPages, type RingPages } from './memory.ts';
import { pageStride, SCRATCH_BYTES } from './page-pool.ts';
import type { RingRegion } from './ring.ts';

/**
 * One memory for several workers: what all of them read (roots, keys, encoded operands) stands in it once, and each has a region of
 * its own for what it computes. All of it is allocated at once, to its planned size.
 */
export type SharedRegions = { readonly constants: RingRegion; readonly own: readonly RingRegion[] };

/**
 * @param constants pages that are read by all; @param each pages of one worker.
 * @returns undefined where the platform shares no memory, or has no fused products: each worker then has a memory and a copy.
 */
export function sharedRegions(
  degree: number,
  constants: number,
  each: number,
  workers: number,
): SharedRegions | undefined {
  if (workers < 2 || loadRing().variant !== 'fused') return undefined;
  const stride = pageStride(degree);
  // A page each for staging, and one for what rounding takes.
  const first = BASE_BYTES + (constants + 2) * stride;
  const size = SCRATCH_BYTES + (each + 2) * stride;
  const memory = sharedMemory(first + workers * size);
  if (memory === undefined) return undefined;
  const own = Array.from({ length: workers }, (_, w) => {
    const from = first + w * size;
    return { memory, from, to: from + size };
  });
  return { constants: { memory, from: 0, to: first }, own };
}

/** All of the memory. */
export function bytesOf({ constants }: SharedRegions): number {
  return constants.memory.buffer.byteLength;
}

/** Of a program: tables, keys and operands are shared, registers are not. */
export function programRegions(
  degree: number,
  { tables, keys }: RingPages,
  { plaintexts, registers, scratch }: ProgramPages,
  workers: number,
): SharedRegions | undefined {
  // Keys are read through a page a prime, of which there are fewer than tables.
  return sharedRegions(degree, 2 * tables + keys + plaintexts, registers + scratch, workers);
}

/** Of a packed matrix of p primes: the encoded polynomials are shared, inputs and results are not. */
export function matrixRegions(
  degree: number,
  { chunks, outputs }: CoefficientPacking,
  primes: number,
  workers: number,
): SharedRegions | undefined {
  // Results, one of them masked and one in coefficients.
  const each = 2 * primes * (chunks + outputs + 2);
  // An output is encoded before it is in its place.
  return sharedRegions(degree, primes * (chunks * (outputs + 1) + 1), each, workers);
}
