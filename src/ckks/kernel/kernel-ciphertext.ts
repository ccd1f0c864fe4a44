import type { Ring } from './ring.ts';
import type { Component } from './transfer.ts';

/** How many ciphertexts and plaintexts of one evaluator nobody has disposed. */
export type LiveCount = { live: number };

/** A ciphertext in kernel memory: components, each a page a data prime. Public. Its owner disposes it, once. */
export class KernelCiphertext implements Disposable {
  readonly components: readonly Component[];
  readonly #ring: Ring;
  readonly #count: LiveCount;
  #disposed = false;

  constructor(ring: Ring, components: readonly Component[], count: LiveCount) {
    this.#ring = ring;
    this.components = components;
    this.#count = count;
    count.live++;
  }

  /** Index of the last data prime in use. */
  get level(): number {
    return this.components[0]!.length - 1;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#count.live--;
    this.#ring.pool.give(this.components.flat());
  }
}

/** A public operand: a polynomial, or a number a prime where every slot is the same. */
export class KernelPlaintext implements Disposable {
  /** A page a prime; undefined for a number. */
  readonly pages: Component | undefined;
  /** The number modulo every prime, centred; undefined for a polynomial. */
  readonly scalars: readonly number[] | undefined;
  readonly #ring: Ring;
  readonly #count: LiveCount;
  #disposed = false;

  constructor(
    ring: Ring,
    content: { readonly pages: Component } | { readonly scalars: readonly number[] },
    count: LiveCount,
  ) {
    this.#ring = ring;
    this.pages = 'pages' in content ? content.pages : undefined;
    this.scalars = 'scalars' in content ? content.scalars : undefined;
    this.#count = count;
    count.live++;
  }

  get level(): number {
    return (this.pages ?? this.scalars!).length - 1;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#count.live--;
    if (this.pages !== undefined) this.#ring.pool.give(this.pages);
  }
}
