import type { CiphertextLayout } from './layout.ts';
import type { PrimeDivision } from './prime-division.ts';
import type { Ring } from './ring.ts';
import { type Component, readComponents } from './transfer.ts';

/**
 * A key that moves a polynomial from another secret to the current one: a two-component ciphertext at the key level for every
 * digit, that is for every data prime. `digits[d][component][prime]`.
 */
export type SwitchingKey = { readonly digits: readonly (readonly Component[])[] };

/** Reads a key whose layout was checked; `table`, if given, permutes it (see {@link KeySwitcher.switch}). */
export function readSwitchingKey(
  ring: Ring,
  bytes: Uint8Array,
  layouts: readonly CiphertextLayout[],
  table?: number,
): SwitchingKey {
  const primes = ring.primes.map((_, index) => index);
  const digits: Component[][] = [];
  try {
    for (const layout of layouts) {
      const components = readComponents(ring, bytes, layout, 2, primes);
      digits.push(table === undefined ? components : components.map((pages) => permuted(ring, pages, table)));
    }
  } catch (error) {
    ring.pool.give(digits.flat(2));
    throw error;
  }
  return { digits };
}

/** The same polynomials permuted, in pages of which one is new and one of the old ones is given back. */
function permuted(ring: Ring, pages: Component, table: number): Component {
  let spare = ring.pool.take();
  const out = pages.map((page) => {
    const target = spare;
    ring.kernels.permute(target, page, table, ring.degree);
    spare = page;
    return target;
  });
  ring.pool.give([spare]);
  return out;
}

export function releaseSwitchingKey(ring: Ring, key: SwitchingKey): void {
  ring.pool.give(key.digits.flat(2));
}

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

  constructor(ring: Ring, division: PrimeDivision, digits: DigitRange) {
    this.#ring = ring;
    this.#division = division;
    this.#digits = digits;
    this.#special = ring.primes.length - 1;
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
            ring.forward(target, coefficients[d]!, ring.primes[j]!);
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
      const triples = digits.flatMap((digit, d) => {
        const [key0, key1] = key.digits[d]!;
        return [digit[j]!, key0![target]!, key1![target]!];
      });
      this.#ring.innerProducts(out0, out1, triples, this.#ring.primes[target]!);
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
        const triples = c.flatMap((page, d) => {
          const [key0, key1] = key.digits[d]!;
          // Turning signs adds multiples of q_d, so that modulo q_d the digit is still c.
          if (target !== d) ring.forward(work[d]!, coefficients[d]!, prime);
          return [target === d ? page : work[d]!, key0![target]!, key1![target]!];
        });
        ring.innerProducts(out0, out1, triples, prime);
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
