import type { SharingScheme } from '../sharing.ts';
import { holdersOf, keySets } from './key-sets.ts';
import type { KeyStream } from './key-stream.ts';

/** Who deals when the holders of a set's key permute: t + 1 of them, whose shares of degree t fix the secret. All are below 2t + 2, as every dealer. */
export function permutationDealers(scheme: SharingScheme, set: number): number[] {
  return holdersOf(keySets(scheme)[set]!, scheme.parties).slice(0, scheme.threshold + 1);
}

/**
 * A uniform permutation of 0 .. length - 1 from a key stream (Fisher and Yates; Knuth, "The Art of Computer Programming", vol. 2, 3.4.2 P), without bias: numbers beyond
 * the last multiple are skipped. Memory is addressed by secret places, as in everything that permutes in the clear.
 */
export function permutationFrom(stream: KeyStream, length: number): Uint32Array {
  const places = Uint32Array.from({ length }, (_, i) => i);
  let words = new Uint32Array(0);
  let at = 0;
  const draw = (): number => {
    if (at === words.length) {
      words = new Uint32Array(stream.take(4 * Math.max(16, length)).buffer);
      at = 0;
    }
    return words[at++]!;
  };
  for (let i = length - 1; i > 0; i--) {
    const limit = 2 ** 32 - (2 ** 32 % (i + 1));
    let drawn = draw();
    while (drawn >= limit) drawn = draw();
    const j = drawn % (i + 1);
    const place = places[i]!;
    places[i] = places[j]!;
    places[j] = place;
  }
  return places;
}

/** Places in `columns` vectors of equal length that lie one after the other, every one permuted alike. */
export function placesOfColumns(permutation: Uint32Array, columns: number): Uint32Array {
  const { length } = permutation;
  return Uint32Array.from({ length: columns * length }, (_, i) => {
    const row = i % length;
    return i - row + permutation[row]!;
  });
}
