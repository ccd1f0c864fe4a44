import { RangeError } from '../base/errors.ts';
import { jumpedState } from './xoshiro-jump.ts';

/**
 * Reproducible pseudo-random numbers for tests, samples and simulations: xoshiro128** (Blackman and Vigna, 2018),
 * seeded by splitmix32. Never for secrets: no layer that holds one may import this file.
 */
export class SeededRandom {
  readonly #state: Uint32Array = new Uint32Array(4);

  constructor(seed: number) {
    let z = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      z = (z + 0x9e3779b9) >>> 0;
      let h = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
      this.#state[i] = (h ^ (h >>> 15)) >>> 0;
    }
  }

  /** An integer in [0, 2^32). */
  u32(): number {
    const s = this.#state;
    const product = Math.imul(s[1]!, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return result;
  }

  /** Fills `out` with what {@link u32} would have returned, one word after the other, several times faster. */
  fillWords(out: Uint32Array): void {
    const state = this.#state;
    let a = state[0]! | 0;
    let b = state[1]! | 0;
    let c = state[2]! | 0;
    let d = state[3]! | 0;
    for (let i = 0; i < out.length; i++) {
      const product = Math.imul(b, 5);
      out[i] = Math.imul((product << 7) | (product >>> 25), 9);
      const t = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= t;
      d = (d << 11) | (d >>> 21);
    }
    state[0] = a;
    state[1] = b;
    state[2] = c;
    state[3] = d;
  }

  /**
   * A generator of its own, index x 2^64 steps ahead of this one: streams of one seed never meet, whoever draws
   * from them and in what order (F112).
   * @throws RangeError unless `index` is an integer from 0 to 2^53 - 1.
   */
  stream(index: number): SeededRandom {
    if (!(Number.isSafeInteger(index) && index >= 0)) {
      throw new RangeError(`expected a stream from 0 to 2^53 - 1, found ${index}`, { index });
    }
    const ahead = new SeededRandom(0);
    ahead.#state.set(jumpedState(this.#state, index));
    return ahead;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return ((this.u32() >>> 5) * 2 ** 26 + (this.u32() >>> 6)) * 2 ** -53;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** An integer in [low, high]. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low + 1));
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)]!;
  }

  /** Standard normal, by Box-Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }
}
