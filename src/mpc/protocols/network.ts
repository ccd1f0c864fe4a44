import type { FieldVector } from '../../kernels/field-vector.ts';
import type { Context, Protocol } from '../engine/protocol.ts';
import { sortPairs } from './compare.ts';

/** Places of which the smaller value goes to `low`, the larger to `high`. */
export type Comparator = readonly [low: number, high: number];

/**
 * Batcher's merge exchange (Knuth, "The Art of Computer Programming", vol. 3, 5.2.2 M): layers of disjoint comparators that sort any `n`
 * values in increasing order: about n log2(n)^2 / 4 comparators in log2(n) (log2(n) + 1) / 2 layers. Public: what is compared with what depends on n alone.
 */
export function mergeExchange(n: number): Comparator[][] {
  const layers: Comparator[][] = [];
  const top = n < 2 ? 0 : 2 ** (Math.ceil(Math.log2(n)) - 1);
  for (let p = top; p > 0; p >>= 1) {
    let q = top;
    let r = 0;
    let d = p;
    for (;;) {
      const layer: Comparator[] = [];
      for (let i = 0; i < n - d; i++) if ((i & p) === r) layer.push([i, i + d]);
      layers.push(layer);
      if (q === p) break;
      d = q - p;
      q >>= 1;
      r = p;
    }
  }
  return layers;
}

/** The comparators on which the places `wanted` depend. */
export function comparatorsFor(
  layers: readonly (readonly Comparator[])[],
  wanted: readonly number[],
): Comparator[][] {
  const needed = new Set(wanted);
  const kept: Comparator[][] = [];
  for (const layer of layers.toReversed()) {
    const used = layer.filter(([low, high]) => needed.has(low) || needed.has(high));
    for (const [low, high] of used) needed.add(low).add(high);
    if (used.length > 0) kept.unshift(used);
  }
  return kept;
}

/**
 * Runs a sorting network on integers whose differences are below 2^(bits - 1) in magnitude. Leaks nothing beyond its comparisons
 * (see lowPart): no order is opened.
 */
export function* runNetwork(
  context: Context,
  x: FieldVector,
  layers: readonly (readonly Comparator[])[],
  bits: number,
): Protocol<FieldVector> {
  const { k127 } = context;
  let values = x;
  for (const layer of layers) {
    const low = k127.gather(
      values,
      Uint32Array.from(layer, ([place]) => place),
    );
    const high = k127.gather(
      values,
      Uint32Array.from(layer, ([, place]) => place),
    );
    const { smaller, larger } = yield* sortPairs(context, low, high, bits);
    const places = Uint32Array.from({ length: x.length }, (_, i) => i);
    layer.forEach(([a, b], i) => {
      places[a] = x.length + i;
      places[b] = x.length + layer.length + i;
    });
    values = k127.gather(k127.concat([values, smaller, larger]), places);
  }
  return values;
}
