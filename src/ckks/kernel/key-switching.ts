import { type DigitSum, digitSum } from '../../kernels/ring.ts';
import type { PrimeDivision } from './prime-division.ts';
import type { Ring } from './ring.ts';
import { type SwitchingKey, sumOfDigits } from './switching-key.ts';
import type { Component } from './transfer.ts';

/**
 * Which representative of c mod q_d a digit is. Centred ones make less noise (a mean of q_d/2 is what the noise of the key is
 * multiplied by in the first slots) and do not care whether a polynomial is rotated before or after it is cut; SEAL takes those
 * from 0 to q_d - 1.
 */
export type DigitRange = 'centred' | 'seal';

/** A polynomial c cut into digits c mod q_d, each transformed modulo every prime: `digits[d][j]`, the special prime last. */
export type Decomposition = { readonly digits: readonly Component[]; readonly owned: readonly number[] };

/**
 * SEAL's key switching (one special prime, one digit a data prime), in the order of operations that touches least memory. Every step is exact, so with SEAL's digits results equal SEAL's to the bit.
 */
export class KeySwitcher {
  readonly #ring: Ring;
  readonly #digits: DigitRange;
  /** Index of the special prime. */
  readonly #special: number;
  readonly #division: PrimeDivision;
  readonly #sums: readonly DigitSum[];

  constructor(ring: Ring, division: PrimeDivision, digits: DigitRange) {
    this.#ring = ring;
    this.#division = division;
    this.#digits = digits;
    this.#special = ring.primes.length - 1;
    const largest = Math.max(...ring.primes.map(({ p }) => p)) / (digits === 'centred' ? 2 : 1);
    this.#sums = ring.primes.map(({ p }) => digitSum(p, largest));
  }

  /** Coefficients of every digit, in the given pages; for a rotation those that SEAL would see after it, turned back. */
  #coefficients(c: Component, pages: readonly number[], element?: number): void {
    const ring = this.#ring;
    const centred = this.#digits === 'centred';
    c.forEach((page, d) => {
      const prime = ring.primes[d]!;
      ring.inverse(pages[d]!, page, prime, centred ? 'centred' : 'canonical');
      if (element !== undefined && !centred) {
        ring.kernels.unrotate(pages[d]!, pages[d]!, element, ring.degree, prime.p);
      }
    });
  }

  /** Primes in use with `count` data primes. */
  #targets(count: number): readonly number[] {
    return [...Array.from({ length: count }, (_, j) => j), this.#special];
  }

  /** Cuts c once, for any number of keys. Pages: count (count + 1), less those of c itself. */
  decompose(c: Component): Decomposition {
    const ring = this.#ring;
    const targets = this.#targets(c.length);
    const owned: number[] = [];
    try {
      const digits = ring.withPages(c.length, (coefficients) => {
        this.#coefficients(c, coefficients);
        return c.map((page, d) =>
          targets.map((j) => {
            // Digit d modulo q_d is c itself.
            if (j === d) return page;
            const target = ring.pool.take();
            owned.push(target);
            ring.forwardLazy(target, coefficients[d]!, ring.primes[j]!);
            return target;
          }),
        );
      });
      return { digits, owned };
    } catch (error) {
      ring.pool.give(owned);
      throw error;
    }
  }

  release(decomposition: Decomposition): void {
    this.#ring.pool.give(decomposition.owned);
  }

  /** Two components from a decomposition: sum_d digit_d key_d, divided by the special prime, plus the addends. */
  switchDecomposed(
    { digits }: Decomposition,
    key: SwitchingKey,
    addends: readonly (Component | undefined)[],
  ): Component[] {
    const count = digits.length;
    return this.#finish(count, addends, (out0, out1, j, target) => {
      const pages = digits.map((digit) => digit[j]!);
      sumOfDigits(this.#ring, out0, out1, pages, key, target, this.#sums[target]!);
    });
  }

  /**
   * The same for one key, prime by prime, so that digits never all stand in memory.
   * @param element of a rotation X -> X^element, which is still to be done: key and c are both rotated back.
   */
  switch(
    c: Component,
    key: SwitchingKey,
    addends: readonly (Component | undefined)[],
    element?: number,
  ): Component[] {
    const ring = this.#ring;
    const count = c.length;
    return ring.withPages(2 * count, (pages) => {
      const coefficients = pages.slice(0, count);
      const work = pages.slice(count);
      this.#coefficients(c, coefficients, element);
      return this.#finish(count, addends, (out0, out1, _, target) => {
        const prime = ring.primes[target]!;
        const digits = c.map((page, d) => {
          // Turning signs adds multiples of q_d, so that modulo q_d the digit is still c.
          if (target === d) return page;
          ring.forwardLazy(work[d]!, coefficients[d]!, prime);
          return work[d]!;
        });
        sumOfDigits(ring, out0, out1, digits, key, target, this.#sums[target]!);
      });
    });
  }

  #finish(
    count: number,
    addends: readonly (Component | undefined)[],
    sum: (out0: number, out1: number, j: number, target: number) => void,
  ): Component[] {
    const ring = this.#ring;
    const sums = ring.pool.takeMany(2 * (count + 1));
    try {
      const parts = [sums.slice(0, count + 1), sums.slice(count + 1)] as const;
      this.#targets(count).forEach((target, j) => {
        sum(parts[0][j]!, parts[1][j]!, j, target);
      });
      const last = parts.map((part) => part.pop()!);
      parts.forEach((part, c) => {
        this.#division.divide(part, part, last[c]!, this.#special, count, addends[c]);
      });
      ring.pool.give(last);
      return [...parts];
    } catch (error) {
      ring.pool.give(sums);
      throw error;
    }
  }
}
