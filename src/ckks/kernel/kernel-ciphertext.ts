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

/** A page a prime; or, where every slot is the same, the number modulo every prime, centred. */
export type PlaintextContent = { readonly pages: Component } | { readonly scalars: readonly number[] };

/** A public operand: a polynomial, or a number a prime. */
export class KernelPlaintext implements Disposable {
  readonly content: PlaintextContent;
  readonly #ring: Ring;
  readonly #count: LiveCount;
  readonly #borrowed: boolean;
  #disposed = false;

  /** @param borrowed whether the pages are somebody else's. */
  constructor(ring: Ring, content: PlaintextContent, count: LiveCount, borrowed = false) {
    this.#ring = ring;
    this.content = content;
    this.#count = count;
    this.#borrowed = borrowed;
    count.live++;
  }

  get pages(): Component | undefined {
    return 'pages' in this.content ? this.content.pages : undefined;
  }

  get scalars(): readonly number[] | undefined {
    return 'scalars' in this.content ? this.content.scalars : undefined;
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
    if (this.pages !== undefined && !this.#borrowed) this.#ring.pool.give(this.pages);
  }
}
