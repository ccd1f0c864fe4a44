import { IntegrityError } from '../../base/errors.ts';
import { checkRequestLength, exactFormat } from '../response.ts';
import { CIPHERTEXT_HEADER_BYTES, ciphertextBytes, type SealShape } from '../wire.ts';
import type { CiphertextLayout } from './layout.ts';
import { centre, type Ring } from './ring.ts';

/** Bytes that a seed gives for one counter value. */
const STREAM_BYTES = 4096;

/** Residues of one component, a page a prime. */
export type Component = readonly number[];

/**
 * Reads the components of a ciphertext whose layout was checked into new pages, for the first `primes` primes; a seeded one is
 * expanded. Cost: one pass, and 1.5 us a KiB of seeded residues.
 * @throws IntegrityError where a residue is not below its prime.
 */
export function readComponents(
  ring: Ring,
  bytes: Uint8Array,
  layout: CiphertextLayout,
  components: number,
  primes: readonly number[],
): Component[] {
  const pages = ring.pool.takeMany(components * primes.length);
  const parts = Array.from({ length: components }, (_, c) =>
    pages.slice(c * primes.length, (c + 1) * primes.length),
  );
  try {
    parts.forEach((part, c) => {
      readComponent(ring, bytes, layout, c, part, primes);
    });
  } catch (error) {
    ring.pool.give(pages);
    throw error;
  }
  return parts;
}

/**
 * Reads one component of a ciphertext whose layout was checked into given pages; the second of a seeded one is expanded.
 * @throws IntegrityError where a residue is not below its prime.
 */
export function readComponent(
  ring: Ring,
  bytes: Uint8Array,
  { data, seed }: CiphertextLayout,
  component: number,
  pages: Component,
  primes: readonly number[],
): void {
  if (seed !== undefined && component === 1) {
    expandSeed(ring, seed, pages, primes);
    return;
  }
  const start = data + component * 8 * ring.degree * primes.length;
  pages.forEach((page, k) => {
    readResidues(ring, bytes, start + k * 8 * ring.degree, page, primes[k]!);
  });
}

/**
 * Reads an upload (response.ts): the packed residues of one polynomial, prime by prime, and the seed of the other.
 * @throws IntegrityError for another size, or where a residue is not below its prime.
 */
export function readRequest(
  ring: Ring,
  bytes: Uint8Array,
  primes: readonly number[],
): [Component, Component] {
  const { kernels, degree, pool, staging } = ring;
  const moduli = primes.map((index) => ring.primes[index]!.p);
  checkRequestLength(bytes, moduli, degree);
  const pages = pool.takeMany(2 * primes.length);
  const [c0, c1] = [pages.slice(0, primes.length), pages.slice(primes.length)];
  try {
    let at = 0;
    c0.forEach((page, k) => {
      const p = moduli[k]!;
      const { bytes: width } = exactFormat(p);
      const packed = bytes.subarray(at, at + width * degree);
      at += packed.length;
      new Uint8Array(kernels.memory.buffer, staging, packed.length).set(packed);
      if (!kernels.fromBytes(page, staging, degree, width, p)) refuseResidue();
    });
    expandSeed(ring, bytes.subarray(at), c1, primes);
  } catch (error) {
    pool.give(pages);
    throw error;
  }
  return [c0, c1];
}

function readResidues(ring: Ring, bytes: Uint8Array, offset: number, page: number, index: number): void {
  const { kernels, degree, staging } = ring;
  const { p } = ring.primes[index]!;
  new Uint8Array(kernels.memory.buffer, staging, 8 * degree).set(bytes.subarray(offset, offset + 8 * degree));
  if (!kernels.fromWords(page, staging, degree, p)) refuseResidue();
}

function refuseResidue(): never {
  throw new IntegrityError(
    'expected residues below their primes, found a larger one: damaged, or made for other parameters',
  );
}

/** Serialises components in SEAL's form. */
export function writeComponents(
  ring: Ring,
  shape: SealShape,
  components: readonly Component[],
  primes: readonly number[],
): Uint8Array {
  const { kernels, degree, staging } = ring;
  const bytes = ciphertextBytes(shape, true, []);
  let offset = CIPHERTEXT_HEADER_BYTES;
  for (const component of components) {
    component.forEach((page, k) => {
      kernels.toWords(staging, page, degree, ring.primes[primes[k]!]!.p);
      bytes.set(new Uint8Array(kernels.memory.buffer, staging, 8 * degree), offset);
      offset += 8 * degree;
    });
  }
  return bytes;
}

/**
 * Expands a seed into uniform residues exactly as SEAL's `sample_poly_uniform` does: all words of the polynomial first, then
 * replacements, in order, for those at or above the largest multiple of their prime.
 */
function expandSeed(ring: Ring, seed: Uint8Array, pages: Component, primes: readonly number[]): void {
  const { kernels, degree, scratch } = ring;
  new Uint8Array(kernels.memory.buffer, scratch, seed.length).set(seed);
  const chunk = Math.min(STREAM_BYTES, 8 * degree);
  const work = scratch + 64;
  const buffer = work + 256;
  let counter = 0n;
  let left = 0;
  const nextChunk = (dst: number) => {
    // A degree below 512 takes less than the whole buffer.
    if (left === 0) {
      kernels.expandSeed(buffer, scratch, counter++, work);
      left = STREAM_BYTES;
    }
    const from = buffer + STREAM_BYTES - left;
    new Uint8Array(kernels.memory.buffer).copyWithin(dst, from, from + chunk);
    left -= chunk;
  };
  for (const page of pages) {
    for (let at = 0; at < 8 * degree; at += chunk) {
      if (chunk === STREAM_BYTES) kernels.expandSeed(page + at, scratch, counter++, work);
      else nextChunk(page + at);
    }
  }
  const replacement = (): bigint => {
    if (left === 0) {
      kernels.expandSeed(buffer, scratch, counter++, work);
      left = STREAM_BYTES;
    }
    const word = new DataView(kernels.memory.buffer).getBigUint64(buffer + STREAM_BYTES - left, true);
    left -= 8;
    return word;
  };
  pages.forEach((page, k) => {
    const { p, reciprocal } = ring.primes[primes[k]!]!;
    const limit = 2n ** 64n - 1n - ((2n ** 64n - 1n) % BigInt(p)) - 1n;
    const power32 = centre(2 ** 32 % p, p);
    for (let done = 0; done < degree; ) {
      const at = page + 8 * done;
      done += kernels.reduceWords(at, at, degree - done, limit, p, reciprocal, power32);
      if (done === degree) break;
      const words = new BigUint64Array(kernels.memory.buffer, page + 8 * done, 2);
      const values = new Float64Array(kernels.memory.buffer, page + 8 * done, 2);
      const residues = Array.from(words, (first) => {
        let word = first;
        while (word >= limit) word = replacement();
        return centre(Number(word % BigInt(p)), p);
      });
      values.set(residues);
      done += 2;
    }
  });
}
