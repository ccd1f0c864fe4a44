import type { FieldVector } from '../../kernels/field-vector.ts';
import { KEY_BYTES, KeyStream } from '../engine/key-stream.ts';
import { permutationFrom } from '../engine/permutation.ts';
import type { Context, Protocol } from '../engine/protocol.ts';
import type { SharingScheme } from '../sharing.ts';
import { openNegative } from './compare.ts';
import { type Comparing, selectItem, smallestItems, sortItems } from './comparing.ts';
import { maskableBits } from './masking.ts';
import { comparatorsFor, mergeExchange, runNetwork } from './network.ts';
import { shuffle } from './shuffle.ts';

/*
 * Order statistics of integers whose differences are below 2^(bits - 1) in magnitude. Few of them, or such that leave no room for ties, go through a sorting
 * network, which opens nothing but its comparisons' masked values and costs the same whatever happens. Otherwise they are shuffled, compared by algorithms that adapt, and the
 * results of the comparisons are opened: of keys that differ, in an order that nobody knows, those are what a random order would give, whatever the
 * values are. Which of equal values comes first is decided by their places before the shuffle, so that ties do not show.
 */

/** Fewer are sorted by a network. */
const FEW = 24;

/** Bits that make keys of equal values differ. */
function tieBits(length: number): number {
  return Math.ceil(Math.log2(length));
}

/** Whether so many values are shuffled: then costs vary a little from run to run, independently of the values. */
export function isShuffled(scheme: SharingScheme, length: number, bits: number): boolean {
  return length >= FEW && bits + tieBits(length) <= maskableBits(scheme);
}

/** What an algorithm finds out about shuffled values, and these values. Leaks as its comparisons (see lowPart), and the order of nothing. */
function* shuffledAndCompared<T>(
  context: Context,
  x: FieldVector,
  bits: number,
  algorithm: (items: readonly number[]) => Comparing<T>,
): Protocol<{ readonly values: FieldVector; readonly found: T }> {
  const { k127 } = context;
  const { length } = x;
  const ties = tieBits(length);
  const items = Array.from({ length }, (_, i) => i);
  const places = context.constant(items.map(BigInt), 2);
  const [values, tags] = yield* shuffle(context, [x, places]);
  const keys = k127.add(k127.scale(values!, 1n << BigInt(ties)), tags!);
  // With what order a plan counts: any fixed one.
  const ranks = permutationFrom(new KeyStream(new Uint8Array(KEY_BYTES)), length);
  const asking = algorithm(items);
  let step = asking.next();
  while (!step.done) {
    const pairs = step.value;
    const [a, b] = [0, 1].map((side) =>
      k127.gather(
        keys,
        Uint32Array.from(pairs, (pair) => pair[side]!),
      ),
    );
    const less = yield* openNegative(context, k127.sub(a!, b!), bits + ties);
    const typical = () => pairs.map(([i, j]) => (ranks[i]! < ranks[j]! ? 1n : 0n));
    step = asking.next(context.read(less, typical).map((bit) => bit === 1n));
  }
  return { values: values!, found: step.value };
}

/** All values in increasing order. Cost: about n log2(n) comparisons in some 20 batches, or Batcher's network. */
export function* sort(context: Context, x: FieldVector, bits: number): Protocol<FieldVector> {
  if (!isShuffled(context.scheme, x.length, bits)) {
    return yield* runNetwork(context, x, mergeExchange(x.length), bits);
  }
  const { values, found } = yield* shuffledAndCompared(context, x, bits, sortItems);
  return context.k127.gather(values, Uint32Array.from(found));
}

/** The k-th smallest value, k from 1. Cost: 1.5 n comparisons near the ends, 3 n in the middle, or the part of a sorting network on which it depends. */
export function* kthSmallest(
  context: Context,
  x: FieldVector,
  k: number,
  bits: number,
): Protocol<FieldVector> {
  if (!isShuffled(context.scheme, x.length, bits)) {
    const sorted = yield* runNetwork(context, x, comparatorsFor(mergeExchange(x.length), [k - 1]), bits);
    return sorted.part(k - 1, k);
  }
  const { values, found } = yield* shuffledAndCompared(context, x, bits, (items) => selectItem(items, k));
  return values.part(found.item, found.item + 1);
}

/** The k smallest values in increasing order. Cost: as of one order statistic, and k log2(k) comparisons. */
export function* smallest(context: Context, x: FieldVector, k: number, bits: number): Protocol<FieldVector> {
  if (!isShuffled(context.scheme, x.length, bits)) {
    const places = Array.from({ length: k }, (_, i) => i);
    const sorted = yield* runNetwork(context, x, comparatorsFor(mergeExchange(x.length), places), bits);
    return sorted.part(0, k);
  }
  const { values, found } = yield* shuffledAndCompared(context, x, bits, (items) => smallestItems(items, k));
  return context.k127.gather(values, Uint32Array.from(found));
}

/** The sum of the k largest values. Cost: as of one order statistic. */
export function* topSum(context: Context, x: FieldVector, k: number, bits: number): Protocol<FieldVector> {
  const { k127, scheme } = context;
  const ones = context.constant(new Array<bigint>(k).fill(1n), 2);
  if (!isShuffled(scheme, x.length, bits)) {
    const places = Array.from({ length: k }, (_, i) => x.length - 1 - i);
    const sorted = yield* runNetwork(context, x, comparatorsFor(mergeExchange(x.length), places), bits);
    return k127.dots(sorted.part(x.length - k, x.length), ones, 1);
  }
  const { values, found } = yield* shuffledAndCompared(context, x, bits, (items) =>
    selectItem(items, x.length - k + 1),
  );
  return k127.dots(k127.gather(values, Uint32Array.of(found.item, ...found.larger)), ones, 1);
}
