import { BackendError } from '../../base/errors.ts';
import type { WasmMemory } from '../../kernels/wasm-module.ts';

const WASM_PAGE = 65_536;
/**
 * Least bytes by which the memory grows, and least part of its size: V8 takes milliseconds to grow a large memory. What is grown but
 * not touched costs address space only.
 */
const GROWTH = 2 ** 24;
const GROWTH_RATE = 0.5;
/**
 * Polynomials that start at the same place of a 4 KiB page would compete for the same lines of the first-level cache: they start
 * five lines apart.
 */
const SKEW = 320;

/** Bytes before the pool: seeds and lists of addresses. */
export const SCRATCH_BYTES: number = 2 ** 17;

/** Bytes from one page to the next. */
export function pageStride(degree: number): number {
  return 8 * degree + SKEW;
}

/** What an engine allows its kernels: one WASM memory cannot exceed 4 GiB. */
export const MAX_POOL_BYTES: number = 2 ** 32 - 2 ** 20;

/**
 * The memory of one instance as pages of N doubles, one polynomial modulo one prime each. Every object is a list of pages, so
 * that freeing never fragments. Pages hold public data and are not wiped.
 */
export class PagePool {
  readonly memory: WasmMemory;
  readonly degree: number;
  readonly #limit: number;
  readonly #stride: number;
  readonly #free: number[] = [];
  #next: number;
  #used = 0;

  /** @param start first address that is free. @param limit bytes that the memory may reach. */
  constructor(memory: WasmMemory, degree: number, start: number, limit: number) {
    this.memory = memory;
    this.degree = degree;
    this.#limit = Math.min(limit, MAX_POOL_BYTES);
    this.#stride = pageStride(degree);
    this.#next = Math.ceil(start / 64) * 64;
  }

  /** Pages that somebody holds. */
  get used(): number {
    return this.#used;
  }

  /** Address of a page with anything in it. @throws BackendError where the limit is reached; nothing is lost then. */
  take(): number {
    const free = this.#free.pop();
    this.#used++;
    if (free !== undefined) return free;
    const address = this.#next;
    const end = address + this.#stride;
    if (end > this.#limit || !this.#grow(end)) {
      this.#used--;
      throw this.#exhausted();
    }
    this.#next = end;
    return address;
  }

  /** All or none of `count` pages. */
  takeMany(count: number): number[] {
    const pages: number[] = [];
    try {
      while (pages.length < count) pages.push(this.take());
    } catch (error) {
      this.give(pages);
      throw error;
    }
    return pages;
  }

  /**
   * Consecutive pages: their first address begins that many times N doubles, and more. They are given back as pages.
   * @throws BackendError as {@link take}. Cost: a sort of the free pages.
   */
  takeRun(count: number): number[] {
    const free = this.#free.sort((a, b) => a - b);
    for (let first = 0, at = 0; at < free.length; at++) {
      if (at > 0 && free[at] !== free[at - 1]! + this.#stride) first = at;
      if (at - first + 1 === count) {
        this.#used += count;
        return free.splice(first, count);
      }
    }
    const start = this.#next;
    const end = start + count * this.#stride;
    if (end > this.#limit || !this.#grow(end)) throw this.#exhausted();
    this.#next = end;
    this.#used += count;
    return Array.from({ length: count }, (_, i) => start + i * this.#stride);
  }

  /** Grows the memory at once, and no further, to hold `count` pages more. @throws BackendError beyond the limit. */
  reserve(count: number): void {
    const end = this.#next + Math.max(0, count - this.#free.length) * this.#stride;
    if (end > this.#limit || !this.#grow(end, end)) throw this.#exhausted();
  }

  give(pages: readonly number[]): void {
    this.#free.push(...pages);
    this.#used -= pages.length;
  }

  /** The doubles of a page; void after the next `take`. */
  view(page: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.memory.buffer, page, this.degree);
  }

  #exhausted(): BackendError {
    return new BackendError(
      `the evaluator's memory limit of ${this.#limit} bytes is reached: allow more, or hold fewer ciphertexts at a time`,
      { limit: this.#limit, pages: this.#used },
    );
  }

  #grow(end: number, most: number = this.#limit): boolean {
    const size = this.memory.buffer.byteLength;
    if (end <= size) return true;
    const wanted = Math.min(Math.max(end, size + GROWTH, size * (1 + GROWTH_RATE)), most);
    try {
      this.memory.grow(Math.ceil((wanted - size) / WASM_PAGE));
      return true;
    } catch {
      return false;
    }
  }
}
