import { ParametersError } from '../../base/errors.ts';
import {
  LAZY_PRIMES,
  type LazySum,
  lazySum,
  loadRing,
  loadSharedRing,
  MAX_RING_PRIME_BITS,
  type RingKernels,
  type RingVariant,
} from '../../kernels/ring.ts';
import type { WasmMemory } from '../../kernels/wasm-module.ts';
import { inverseMod, powMod } from '../../numeric/modular.ts';
import { isPrime } from '../../numeric/ntt-primes.ts';
import { minimalPrimitiveRoot } from '../../numeric/roots-of-unity.ts';
import { MAX_POOL_BYTES, PagePool, SCRATCH_BYTES } from './page-pool.ts';

/** A prime of the chain and what the kernels want to know about it. */
export type RingPrime = {
  readonly p: number;
  readonly reciprocal: number;
  /** Pages of the roots of the transforms. */
  readonly roots: number;
  readonly inverses: number;
  /** 1/N mod p, centred. */
  readonly degreeInverse: number;
  readonly sum: LazySum;
};

export type RingOptions = {
  /** Which kernels: by default the fastest that this engine has; or an instance of the caller's, used by nobody else. */
  readonly kernels?: RingVariant | RingKernels | undefined;
  /** Bytes that the memory may reach. Default: 4 GiB less 1 MiB. */
  readonly maxBytes?: number | undefined;
  /** Of a memory that others use too. `kernels` and `maxBytes` are then this region's. */
  readonly region?: RingRegion | undefined;
  /** Tables of the same degree and primes that stand in that memory already. */
  readonly tables?: readonly RingPrime[] | undefined;
};

/** Bytes from..to of a shared memory, which belong to one ring. */
export type RingRegion = { readonly memory: WasmMemory; readonly from: number; readonly to: number };

/** x in (-p, p) as -(p-1)/2..(p-1)/2. */
export function centre(x: number, p: number): number {
  const r = x < 0 ? x + p : x;
  return 2 * r > p ? r - p : r;
}

/**
 * Z_p[X] / (X^N + 1) for every prime p of a chain, in one WASM memory: kernels, root tables and pages. Cost: 0.4 ms a prime at
 * N = 16384.
 */
export class Ring {
  readonly kernels: RingKernels;
  /** Which kernels they are. */
  readonly variant: RingVariant | 'given';
  readonly degree: number;
  readonly primes: readonly RingPrime[];
  readonly pool: PagePool;
  /** Memory for short lists; any method may overwrite all of it. */
  readonly scratch: number;
  readonly scratchBytes: number = SCRATCH_BYTES;
  /** A page through which serialised words pass, with room for a few bytes more. */
  readonly staging: number;
  /** Bit reversals of 0..N-1. */
  readonly #reversed: Uint32Array;

  /** @throws ParametersError unless the primes are distinct, 1 mod 2 N and of at most 49 bits. */
  constructor(degree: number, primes: readonly number[], options: RingOptions = {}) {
    if (!Number.isInteger(Math.log2(degree)) || degree < 32 || degree > 32768) {
      throw new ParametersError(`expected a degree that is a power of two from 32 to 32768, found ${degree}`);
    }
    const bad = primes.find(
      (p) => p % (2 * degree) !== 1 || p >= 2 ** MAX_RING_PRIME_BITS || p < 2 ** 13 || !isPrime(p),
    );
    if (bad !== undefined || primes.length === 0 || new Set(primes).size !== primes.length) {
      throw new ParametersError(
        `expected different primes below 2^${MAX_RING_PRIME_BITS} that are 1 modulo ${2 * degree}, found ${bad ?? `[${primes}]`}: use smaller primes, or node-seal`,
      );
    }
    const { region, kernels = region === undefined ? loadRing() : loadSharedRing(region.memory) } = options;
    this.kernels = typeof kernels === 'string' ? loadRing(kernels) : kernels;
    this.variant = 'variant' in this.kernels ? (this.kernels.variant as RingVariant) : 'given';
    this.degree = degree;
    this.scratch = Math.ceil(Math.max(this.kernels.HEAP.value, region?.from ?? 0) / 64) * 64;
    const start = this.scratch + SCRATCH_BYTES;
    const limit = region?.to ?? options.maxBytes ?? MAX_POOL_BYTES;
    this.pool = new PagePool(this.kernels.memory, degree, start, limit);
    this.pool.reserve(options.tables === undefined ? 2 * primes.length + 2 : 2);
    this.staging = this.pool.take();
    this.#reversed = new Uint32Array(degree);
    for (let m = 1, step = degree / 2; m < degree; m *= 2, step /= 2) {
      for (let i = 0; i < m; i++) this.#reversed[m + i] = this.#reversed[i]! + step;
    }
    this.primes = options.tables ?? primes.map((p) => this.#prime(p));
  }

  /** Runs with `count` pages that are given back afterwards. */
  withPages<T>(count: number, use: (pages: readonly number[]) => T): T {
    const pages = this.pool.takeMany(count);
    try {
      return use(pages);
    } finally {
      this.pool.give(pages);
    }
  }

  forward(dst: number, src: number, { p, reciprocal, roots }: RingPrime): void {
    this.kernels.forward(dst, src, this.degree, roots, p, reciprocal, 0);
  }

  /** The same for what is multiplied next, without its reduction where the prime allows: at most 1.1 times the largest input and 8 p. */
  forwardLazy(dst: number, src: number, { p, reciprocal, roots }: RingPrime): void {
    const lazy = Number(p < LAZY_PRIMES);
    this.kernels.forward(dst, src, this.degree, roots, p, reciprocal, lazy);
  }

  /** To coefficients 0..p-1, or centred ones. */
  inverse(dst: number, src: number, prime: RingPrime, range: 'canonical' | 'centred'): void {
    const { p, reciprocal, inverses, degreeInverse } = prime;
    const centred = range === 'centred' ? 1 : 0;
    this.kernels.inverse(dst, src, this.degree, inverses, p, reciprocal, degreeInverse, centred);
  }

  /** sum a_k b_k and sum a_k c_k of pages. */
  innerProducts(
    dst0: number,
    dst1: number,
    triples: readonly number[],
    { p, reciprocal, sum }: RingPrime,
  ): void {
    const { scratch, degree } = this;
    this.writeAddresses(triples);
    const count = triples.length / 3;
    this.kernels.innerProducts(dst0, dst1, scratch, count, sum.group, sum.offset, 0, degree, p, reciprocal);
  }

  /** sum a_k b_k of pages. */
  innerProduct(dst: number, pairs: readonly number[], { p, reciprocal, sum }: RingPrime): void {
    const count = pairs.length / 2;
    this.writeAddresses(pairs);
    this.kernels.innerProduct(dst, this.scratch, count, sum.group, sum.offset, this.degree, p, reciprocal);
  }

  /** sum a_k f_k of pages and centred numbers. */
  combine(
    dst: number,
    pages: readonly number[],
    factors: readonly number[],
    { p, reciprocal, sum }: RingPrime,
  ): void {
    const terms = new DataView(this.kernels.memory.buffer, this.scratch, 16 * checkedCount(pages.length, 16));
    pages.forEach((page, k) => {
      terms.setUint32(16 * k, page, true);
      terms.setFloat64(16 * k + 8, factors[k]!, true);
    });
    this.kernels.combine(dst, this.scratch, pages.length, sum.group, sum.offset, this.degree, p, reciprocal);
  }

  /** Where each value of a transformed polynomial comes from under X -> X^element, written to a page for `permute`. */
  writeAutomorphism(page: number, element: number): void {
    const reversed = this.#reversed;
    const mask = 2 * this.degree - 1;
    const table = new Uint32Array(this.kernels.memory.buffer, page, this.degree);
    // Value i stands at psi^(2 brv(i) + 1).
    for (let i = 0; i < table.length; i++)
      table[i] = reversed[(((2 * reversed[i]! + 1) * element) & mask) >> 1]!;
  }

  /** Writes a list of addresses to the scratch memory. */
  writeAddresses(addresses: readonly number[]): void {
    new Uint32Array(this.kernels.memory.buffer, this.scratch, checkedCount(addresses.length, 4)).set(
      addresses,
    );
  }

  #prime(p: number): RingPrime {
    const root = minimalPrimitiveRoot(2 * this.degree, p);
    return {
      p,
      reciprocal: 1 / p,
      roots: this.#table(root, p),
      inverses: this.#table(inverseMod(root, p), p),
      degreeInverse: centre(inverseMod(this.degree, p), p),
      sum: lazySum(p),
    };
  }

  /** root^brv(i) at i: the second half of every doubled table is the first one times root^(N / 2m). */
  #table(root: number, p: number): number {
    const page = this.pool.take();
    const n = this.degree;
    const factor = (m: number) => centre(powMod(root, n / (2 * m), p), p);
    this.pool.view(page).set([1, factor(1)]);
    for (let m = 2; m < n; m *= 2) this.kernels.affine(page + 8 * m, page, factor(m), 0, m, p, 1 / p);
    return page;
  }
}

function checkedCount(entries: number, bytes: number): number {
  if (entries * bytes > SCRATCH_BYTES) {
    throw new ParametersError(
      `expected a sum of at most ${SCRATCH_BYTES / bytes} addresses, found ${entries}: split it`,
      { entries },
    );
  }
  return entries;
}
