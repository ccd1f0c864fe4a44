import { describe, expect, it } from 'vitest';
import { RangeError } from '../../../src/base/errors.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';
import { jumpedState, xoshiroStep } from '../../../src/numeric/xoshiro-jump.ts';

/** What the authors of xoshiro128** publish for 2^96 steps, next to the jump of 2^64 that the code uses. */
const LONG_JUMP = [0xb523952e, 0x0b6f099f, 0xccf5a0ef, 0x1c580662];

describe('streams of a seed', () => {
  it('2^32 jumps of 2^64 are the published jump of 2^96', () => {
    const state = Uint32Array.of(0x12345678, 0x9abcdef0, 0x0fedcba9, 0x87654321);
    const expected = new Uint32Array(4);
    const walker = state.slice();
    for (const word of LONG_JUMP) {
      for (let bit = 0; bit < 32; bit++) {
        if ((word >>> bit) & 1) for (let i = 0; i < 4; i++) expected[i]! ^= walker[i]!;
        xoshiroStep(walker);
      }
    }
    expect(jumpedState(state, 2 ** 32)).toEqual(expected);
  });

  it('jumps add up, and commute with steps', () => {
    const state = Uint32Array.of(1, 2, 3, 4);
    expect(jumpedState(jumpedState(state, 5), 2 ** 40 + 3)).toEqual(jumpedState(state, 2 ** 40 + 8));
    const stepped = state.slice();
    xoshiroStep(stepped);
    const after = jumpedState(state, 7);
    xoshiroStep(after);
    expect(jumpedState(stepped, 7)).toEqual(after);
    expect(jumpedState(state, 0)).toEqual(state);
  });

  it('stream 0 is the generator itself; streams differ', () => {
    const words = (generator: SeededRandom): Uint32Array => {
      const out = new Uint32Array(1000);
      generator.fillWords(out);
      return out;
    };
    expect(words(new SeededRandom(5).stream(0))).toEqual(words(new SeededRandom(5)));
    const [first, second] = [1, 2].map((index) => words(new SeededRandom(5).stream(index)));
    const same = first!.reduce((count, word, i) => count + (word === second![i] ? 1 : 0), 0);
    expect(same).toBeLessThan(3);
    // Bits agree half of the time: 32000 coins, within four deviations.
    const agreeing = first!.reduce((count, word, i) => {
      let difference = (word ^ second![i]!) >>> 0;
      let bits = 32;
      while (difference > 0) {
        bits -= difference & 1;
        difference >>>= 1;
      }
      return count + bits;
    }, 0);
    expect(Math.abs(agreeing - 16000)).toBeLessThan(4 * Math.sqrt(8000));
  });

  it('fillWords draws what u32 draws', () => {
    const one = new SeededRandom(9);
    const other = new SeededRandom(9);
    const words = new Uint32Array(77);
    one.fillWords(words);
    expect([...words]).toEqual(Array.from({ length: 77 }, () => other.u32()));
    expect(one.u32()).toBe(other.u32());
  });

  it('refuses streams that are no index', () => {
    for (const index of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(() => new SeededRandom(1).stream(index)).toThrow(RangeError);
    }
  });
});
