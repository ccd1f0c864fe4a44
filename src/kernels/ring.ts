import { UnsupportedError } from '../base/errors.ts';
import { base64 as fused } from './ring.wasm.ts';
import { base64 as shared } from './ring-shared.wasm.ts';
import { base64 as unfused } from './ring-unfused.wasm.ts';
import { compileModule, instantiate, type WasmMemory } from './wasm-module.ts';

/** Largest size of a prime: docs/kernels.md, K3. */
export const MAX_RING_PRIME_BITS = 49;
/** Modulo primes below this a transform need not end with a reduction: docs/kernels.md, K3. */
export const LAZY_PRIMES: number = 2 ** 45;

/**
 * Kernels on polynomials modulo a prime p < 2^49, in one linear memory. Addresses are multiples of 8 unless said otherwise (of 16
 * where speed matters). A residue is an integer in a double, of at most about p/2 in magnitude unless said otherwise;
 * `reciprocal` is 1/p rounded. n is even. Results may overwrite operands except in `permute` and `permuteAdd`.
 * Nothing is checked here: callers own the layout of the memory.
 */
export type RingKernels = {
  readonly memory: WasmMemory;
  /** First address that the kernels do not use themselves. */
  readonly HEAP: { readonly value: number };

  /**
   * Negacyclic transform of integers of at most 2^49; n >= 16. roots[brv(i)] = psi^i, centred. Output j: the value at psi^(2 brv(j) + 1).
   * With `lazy` 1 and p below {@link LAZY_PRIMES} results are not reduced: at most 1.1 times the largest input and 8 p.
   */
  forward(
    dst: number,
    src: number,
    n: number,
    roots: number,
    p: number,
    reciprocal: number,
    lazy: number,
  ): void;
  /**
   * The inverse, times `factor` n: to 0..p-1 or, with `centre` 1, to -(p-1)/2..(p-1)/2; n >= 32. Accepts residues of
   * up to 1.6 p. The same roots.
   */
  inverse(
    dst: number,
    src: number,
    n: number,
    roots: number,
    p: number,
    reciprocal: number,
    factor: number,
    centre: number,
  ): void;

  add(dst: number, a: number, b: number, n: number, p: number, reciprocal: number): void;
  sub(dst: number, a: number, b: number, n: number, p: number, reciprocal: number): void;
  negate(dst: number, a: number, n: number): void;
  multiply(dst: number, a: number, b: number, n: number, p: number, reciprocal: number): void;
  /** a factor + addend, both numbers. */
  affine(
    dst: number,
    a: number,
    factor: number,
    addend: number,
    n: number,
    p: number,
    reciprocal: number,
  ): void;
  /** d0 = a0 b0, d1 = a0 b1 + a1 b0, d2 = a1 b1. */
  tensor(
    d0: number,
    d1: number,
    d2: number,
    a0: number,
    a1: number,
    b0: number,
    b1: number,
    n: number,
    p: number,
    reciprocal: number,
  ): void;
  tensorSquare(
    d0: number,
    d1: number,
    d2: number,
    a0: number,
    a1: number,
    n: number,
    p: number,
    reciprocal: number,
  ): void;
  /** sum a_k b_k over `count` pairs of addresses (two u32 each); n a multiple of 4. `group`, `offset`: {@link lazySum}. */
  innerProduct(
    dst: number,
    pairs: number,
    count: number,
    group: number,
    offset: number,
    n: number,
    p: number,
    reciprocal: number,
  ): void;
  /** sum a_k f_k over `count` terms of 16 bytes: an address (u32), and at 8 a number f_k. */
  combine(
    dst: number,
    terms: number,
    count: number,
    group: number,
    offset: number,
    n: number,
    p: number,
    reciprocal: number,
  ): void;
  /** sum a_k b_k and sum a_k c_k over `count` triples of addresses; n a multiple of 4. */
  innerProducts(
    dst0: number,
    dst1: number,
    triples: number,
    count: number,
    group: number,
    offset: number,
    n: number,
    p: number,
    reciprocal: number,
  ): void;
  /**
   * The same for residues from..to - 1, multiples of 4, with a in a stream: for every four residues those of all terms. `pairs`: addresses
   * of b and c.
   */
  innerProductsStream(
    dst0: number,
    dst1: number,
    pairs: number,
    stream: number,
    count: number,
    group: number,
    offset: number,
    from: number,
    to: number,
    p: number,
    reciprocal: number,
  ): void;
  /**
   * The same with b and c in a stream of `stride` bytes for four residues: of each digit four of b, four of c. `digits`: addresses of a.
   * `group`, `offset`: {@link digitSum}.
   */
  sumDigits(
    dst0: number,
    dst1: number,
    digits: number,
    stream: number,
    stride: number,
    count: number,
    group: number,
    offset: number,
    n: number,
    p: number,
    reciprocal: number,
  ): void;
  /** Four residues of a every `stride` bytes. n is a multiple of 4. */
  intoStream(stream: number, stride: number, a: number, n: number): void;
  /** (a - b) factor. */
  subMultiply(
    dst: number,
    a: number,
    b: number,
    factor: number,
    n: number,
    p: number,
    reciprocal: number,
  ): void;
  /** (a - b) factor + c. */
  subMultiplyAdd(
    dst: number,
    a: number,
    b: number,
    factor: number,
    c: number,
    n: number,
    p: number,
    reciprocal: number,
  ): void;
  /** dst[i] = a[table[i]], table of u32. */
  permute(dst: number, a: number, table: number, n: number): void;
  /** dst[i] = a[table[i]] + b[i]. */
  permuteAdd(
    dst: number,
    a: number,
    table: number,
    b: number,
    n: number,
    p: number,
    reciprocal: number,
  ): void;
  /** Coefficients 0..p-1: x stays, or becomes x - p (if not 0) where X -> X^element turns its sign. */
  unrotate(dst: number, a: number, element: number, n: number, p: number): void;
  /** Integers of at most 2^53 to residues. */
  reduceAll(dst: number, a: number, n: number, p: number, reciprocal: number): void;
  /** Integers of at most 2^90 to residues. */
  reduceWide(dst: number, a: number, n: number, p: number, reciprocal: number): void;

  /** 64-bit words below p, at any address, to residues; 0 where some word is not. */
  fromWords(dst: number, words: number, n: number, p: number): number;
  /** The same from `bytes` bytes a residue, at most 7; reads up to 8 bytes beyond. */
  fromBytes(dst: number, packed: number, n: number, bytes: number, p: number): number;
  /** Residues of less than p in magnitude to 0..p-1 or, with `centre`, to -(p-1)/2..(p-1)/2. */
  normalise(dst: number, a: number, n: number, centre: 0 | 1, p: number): void;
  /** The inverse: words 0..p-1. */
  toWords(words: number, a: number, n: number, p: number): void;
  /** Words to residues as word mod p, up to the first pair with a word >= limit: how many were taken. power32 = 2^32 mod p, centred. */
  reduceWords(
    dst: number,
    words: number,
    n: number,
    limit: bigint,
    p: number,
    reciprocal: number,
    power32: number,
  ): number;
  /** Residues 0..p-1 to floor(x unit + 1/2), `bytes` bytes each, little-endian; writes up to 8 bytes beyond. */
  packLeading(dst: number, a: number, n: number, unit: number, bytes: number): void;
  /** 4096 bytes of SEAL's stream: BLAKE2Xb of the counter under a 64-byte key; `work` has 256 bytes. */
  expandSeed(dst: number, seed: number, counter: bigint, work: number): void;

  /** Inverse complex transform of n values (real parts, then imaginary ones), scaled and rounded to integers; the largest magnitude. */
  embed(re: number, n: number, rootsRe: number, rootsIm: number, scale: number): number;
  /** a b + c, with the instruction whose fusedness is in question. */
  fused(a: number, b: number, c: number): number;
};

/** How products are split: by a fused multiply-add, or by Dekker's product. */
export type RingVariant = 'fused' | 'unfused';

/**
 * Instances of the kernels, each with a memory of its own. By default the fused ones where the engine has relaxed SIMD and really
 * fuses, which this tests (it may legally round twice); both give the same residues. Cost: 1 ms at the first call, then 50 us.
 * @throws UnsupportedError where there is no WebAssembly with SIMD, or `variant` asks for fused products that are not there.
 */
export function loadRing(variant?: RingVariant): RingKernels & { readonly variant: RingVariant } {
  if (variant !== 'unfused') {
    const kernels = instanceOf('fused');
    if (kernels !== undefined && isFused(kernels)) return { ...kernels, variant: 'fused' };
    if (variant === 'fused') {
      throw new UnsupportedError('this engine has no fused multiply-add: use the unfused kernels');
    }
  }
  const kernels = instanceOf('unfused');
  if (kernels === undefined) {
    throw new UnsupportedError(
      'expected WebAssembly with 128-bit SIMD, and a page policy that lets it compile; found none',
    );
  }
  return { ...kernels, variant: 'unfused' };
}

/**
 * An instance of the fused kernels on a memory that others use too: each of them keeps to a region of its own, and what they all
 * read is written before they start.
 * @throws UnsupportedError where products are not fused.
 */
export function loadSharedRing(memory: WasmMemory): RingKernels & { readonly variant: RingVariant } {
  const kernels = instanceOf('shared', { env: { memory } });
  if (kernels !== undefined && isFused(kernels)) return { ...kernels, variant: 'fused' };
  throw new UnsupportedError('this engine has no fused multiply-add: use a memory a worker');
}

const SOURCES = { fused, unfused, shared };
const compiled: { [Name in keyof typeof SOURCES]?: object | null } = {};

function instanceOf(name: keyof typeof SOURCES, imports?: object): RingKernels | undefined {
  let module = compiled[name];
  if (module === undefined) {
    try {
      module = compileModule(SOURCES[name]);
    } catch {
      module = null;
    }
    compiled[name] = module;
  }
  return module === null ? undefined : instantiate<RingKernels>(module, imports);
}

/** (2^27 + 1)^2 - 2^54 - 2^28 is 1, and 0 if the product is rounded first. */
function isFused(kernels: RingKernels): boolean {
  const a = 2 ** 27 + 1;
  return kernels.fused(a, a, -(2 ** 54 + 2 ** 28)) === 1;
}

/** How sums of products are added exactly in two doubles: K5 of docs/kernels.md. */
export type LazySum = {
  /** Products between two reductions. */
  readonly group: number;
  /** 1.5 2^E, where the upper double starts. */
  readonly offset: number;
};

/**
 * group = 2^(53 - b) terms, at least 16 and at most 2^16, for residues modulo a prime of b bits: the upper sum stays below
 * 2^(E-1) = group p^2 / 4, and the lower sum, whose terms are at most half a last place 2^(E-53), below 2^52.
 */
export function lazySum(p: number): LazySum {
  const bits = Math.floor(Math.log2(p)) + 1;
  const groupBits = Math.min(16, 53 - bits);
  return { group: 2 ** groupBits, offset: 1.5 * 2 ** (groupBits + 2 * bits - 1) };
}

/** How digits of a key switch are transformed and summed. */
export type DigitSum = LazySum & {
  /** Whether transforms leave them unreduced. */
  readonly lazy: boolean;
};

/**
 * For digits of coefficients of at most `largest` (at most 2^49) times residues modulo p. Unreduced digits are at most 1.1 `largest` + 8 p; the sum
 * of a group of them times p/2 stays below 2^(E-1), and its quotient by p below 2^52.
 */
export function digitSum(p: number, largest: number): DigitSum {
  if (p >= LAZY_PRIMES) return { ...lazySum(p), lazy: false };
  const bound = 1.1 * largest + 8 * p;
  const group = Math.floor(2 ** 53 / bound);
  return { group, offset: 1.5 * 2 ** (Math.ceil(Math.log2((group * bound * p) / 2)) + 1), lazy: true };
}
