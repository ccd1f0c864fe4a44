import { ShapeError } from '../../base/errors.ts';
import type { SealShape } from '../wire.ts';
import {
  KernelCiphertext,
  KernelPlaintext,
  type LiveCount,
  type PlaintextContent,
} from './kernel-ciphertext.ts';
import { parmsIdOf } from './layout.ts';
import { alive } from './operands.ts';
import type { Ring, RingPrime } from './ring.ts';
import type { Component } from './transfer.ts';

/** Ciphertexts and plaintexts over the levels of one ring: how they are made, prime by prime, and how many are alive. */
export class CiphertextSpace {
  readonly ring: Ring;
  /** By how many primes are in use. */
  readonly #parmsIds = new Map<number, Uint8Array>();
  readonly #count: LiveCount = { live: 0 };

  constructor(ring: Ring) {
    this.ring = ring;
  }

  /** SEAL's identifier of the level with so many primes, the special one among them only where it is all. */
  parmsId(primes: number): Uint8Array {
    let id = this.#parmsIds.get(primes);
    if (id === undefined) {
      id = parmsIdOf(
        this.ring.degree,
        this.ring.primes.slice(0, primes).map(({ p }) => p),
      );
      this.#parmsIds.set(primes, id);
    }
    return id;
  }

  /** All primes but the special one; a prime alone is no special one. */
  get dataPrimes(): number {
    return Math.max(1, this.ring.primes.length - 1);
  }

  /** Ciphertexts and plaintexts that nobody has disposed. */
  get live(): number {
    return this.#count.live;
  }

  shape(level: number, components: 2 | 3, scale: number): SealShape {
    const { degree } = this.ring;
    return { parmsId: this.parmsId(level + 1), degree, primes: level + 1, components, scale };
  }

  /** Indices of the primes of a level. @throws ShapeError where there is no such level. */
  primesAt(level: number): readonly number[] {
    if (!Number.isInteger(level) || level < 0 || level >= this.dataPrimes) {
      throw new ShapeError(`expected a level from 0 to ${this.dataPrimes - 1}, found ${level}`);
    }
    return Array.from({ length: level + 1 }, (_, index) => index);
  }

  wrap(components: readonly Component[]): KernelCiphertext {
    return new KernelCiphertext(this.ring, components, this.#count);
  }

  plaintext(content: PlaintextContent): KernelPlaintext {
    return new KernelPlaintext(this.ring, content, this.#count);
  }

  /** An operand whose pages stay another's. */
  borrowed(content: PlaintextContent): KernelPlaintext {
    return new KernelPlaintext(this.ring, content, this.#count, true);
  }

  /** A new ciphertext that `fill` writes into. */
  fill(level: number, components: number, fill: (out: readonly Component[]) => void): KernelCiphertext {
    const primes = level + 1;
    const pages = this.ring.pool.takeMany(components * primes);
    const out = Array.from({ length: components }, (_, c) => pages.slice(c * primes, (c + 1) * primes));
    try {
      fill(out);
    } catch (error) {
      this.ring.pool.give(pages);
      throw error;
    }
    return this.wrap(out);
  }

  eachPrime(level: number, action: (prime: RingPrime, index: number) => void): void {
    for (let j = 0; j <= level; j++) action(this.ring.primes[j]!, j);
  }

  /** A new ciphertext of the same shape, page by page. */
  map(
    a: KernelCiphertext,
    action: (out: number, component: Component, index: number, prime: RingPrime) => void,
  ): KernelCiphertext {
    alive(a);
    return this.fill(a.level, a.components.length, (out) => {
      this.eachPrime(a.level, (prime, j) => {
        out.forEach((component, c) => {
          action(component[j]!, a.components[c]!, j, prime);
        });
      });
    });
  }

  /** The first residues of a. */
  copy(a: KernelCiphertext, level: number): KernelCiphertext {
    const { pool } = this.ring;
    return this.fill(level, a.components.length, (out) => {
      out.forEach((component, c) => {
        component.forEach((page, j) => {
          pool.view(page).set(pool.view(a.components[c]![j]!));
        });
      });
    });
  }
}
