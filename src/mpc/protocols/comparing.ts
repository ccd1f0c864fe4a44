/** Two items to compare: is the first less than the second? Items are numbers, no two of which compare equal. */
export type Pair = readonly [a: number, b: number];

/** An algorithm on items that can only be compared: it asks for comparisons in batches and goes on with the answers. */
export type Comparing<T> = Generator<readonly Pair[], T, readonly boolean[]>;

/** Runs algorithms side by side: their batches are asked for together. */
export function* together<T>(algorithms: readonly Comparing<T>[]): Comparing<T[]> {
  const results = new Array<T>(algorithms.length);
  let waiting = algorithms.map((algorithm, i) => ({ algorithm, i, step: algorithm.next() }));
  for (;;) {
    waiting = waiting.filter(({ step, i }) => {
      if (step.done) results[i] = step.value;
      return !step.done;
    });
    if (waiting.length === 0) return results;
    const batches = waiting.map(({ step }) => step.value as readonly Pair[]);
    const answers = yield batches.flat();
    let at = 0;
    waiting = waiting.map(({ algorithm, i }, k) => {
      const { length } = batches[k]!;
      at += length;
      return { algorithm, i, step: algorithm.next(answers.slice(at - length, at)) };
    });
  }
}

/** As many items as are sorted by comparing all with all, in one batch. */
const FEW = 10;

/** Items in increasing order, every one compared with every other. */
function* sortFew(items: readonly number[]): Comparing<number[]> {
  if (items.length < 2) return [...items];
  const pairs = items.flatMap((a, i) => items.slice(i + 1).map((b): Pair => [a, b]));
  const less = yield pairs;
  const smaller = new Map(items.map((item) => [item, 0]));
  pairs.forEach(([a, b], i) => {
    const larger = less[i] ? b : a;
    smaller.set(larger, smaller.get(larger)! + 1);
  });
  const sorted = new Array<number>(items.length);
  for (const [item, rank] of smaller) sorted[rank] = item;
  return sorted;
}

/** Items into `pivots.length + 1` buckets between sorted pivots, by binary search: pivots.length + 1 is a power of two. */
function* distribute(items: readonly number[], pivots: readonly number[]): Comparing<number[][]> {
  const low = items.map(() => 0);
  for (let step = (pivots.length + 1) >> 1; step > 0; step >>= 1) {
    const less = yield items.map((item, i): Pair => [item, pivots[low[i]! + step - 1]!]);
    less.forEach((isLess, i) => {
      if (!isLess) low[i]! += step;
    });
  }
  const buckets: number[][] = Array.from({ length: pivots.length + 1 }, () => []);
  items.forEach((item, i) => {
    buckets[low[i]!]!.push(item);
  });
  return buckets;
}

/**
 * Items in increasing order; they have to come in random order. Sample sort: about n log2(n) comparisons, 10 % more at a thousand, in about log2(n) + 2 log2 log2(n)
 * batches.
 */
export function* sortItems(items: readonly number[]): Comparing<number[]> {
  if (items.length <= FEW) return yield* sortFew(items);
  const count = 2 ** Math.max(1, Math.floor(Math.log2(items.length) / 2)) - 1;
  const pivots = yield* sortFew(items.slice(0, count));
  const buckets = yield* distribute(items.slice(count), pivots);
  const sorted = yield* together(buckets.map(sortItems));
  return sorted.flatMap((bucket, i) => (i < count ? [...bucket, pivots[i]!] : bucket));
}

/** The item at a place of the order, and what lies on either side of it. */
export type Selected = {
  readonly item: number;
  readonly smaller: readonly number[];
  readonly larger: readonly number[];
};

/** Items of which selection compares all with all. */
const FEW_TO_SELECT = 24;

/**
 * The k-th smallest of items, k from 1; they have to come in random order (Floyd and Rivest, "Expected time bounds for selection", CACM 18 (1975)): two items of a sorted
 * sample, between which the wanted one most likely lies, divide the others. About n + min(k, n - k) comparisons and n / 2 more at a thousand.
 */
export function* selectItem(items: readonly number[], k: number): Comparing<Selected> {
  const n = items.length;
  if (n <= FEW_TO_SELECT) {
    const sorted = yield* sortFew(items);
    return { item: sorted[k - 1]!, smaller: sorted.slice(0, k - 1), larger: sorted.slice(k) };
  }
  const count = Math.min(FEW_TO_SELECT, Math.floor(Math.sqrt(n)));
  const sample = yield* sortFew(items.slice(0, count));
  const expected = (k * (count + 1)) / (n + 1);
  const spread = 0.5 + Math.sqrt((expected * (count + 1 - expected)) / (count + 2));
  // Places of the pivots in the sample, from 1; 0 and count + 1 stand for none.
  const lower = Math.max(0, Math.floor(expected - spread));
  const upper = Math.min(count + 1, Math.ceil(expected + spread));
  const rest = items.slice(count);
  const parts: number[][] = [[], [], []];
  // First the pivot that is expected to rule out more.
  const upperFirst = count + 1 - upper > lower;
  let middle = rest;
  for (const isUpper of [upperFirst, !upperFirst]) {
    const place = isUpper ? upper : lower;
    if (place === 0 || place === count + 1) continue;
    const pivot = sample[place - 1]!;
    const less = yield middle.map((item): Pair => [item, pivot]);
    const stays = middle.filter((_, i) => less[i] === isUpper);
    parts[isUpper ? 2 : 0]!.push(...middle.filter((_, i) => less[i] !== isUpper));
    middle = stays;
  }
  parts[1] = middle;
  // Behind the others: what was a sample is not in random order.
  parts[0]!.push(...sample.slice(0, Math.max(0, lower - 1)));
  parts[1]!.push(...sample.slice(lower, upper - 1));
  parts[2]!.push(...sample.slice(upper));
  const [below, between, above] = parts as [number[], number[], number[]];
  const low = lower > 0 ? [sample[lower - 1]!] : [];
  const high = upper <= count ? [sample[upper - 1]!] : [];
  return yield* selectAmong([below, low, between, high, above], k);
}

/** The k smallest items in increasing order; they have to come in random order. Cost: of a selection, and of sorting what it finds. */
export function* smallestItems(items: readonly number[], k: number): Comparing<number[]> {
  const { item, smaller } = yield* selectItem(items, k);
  return [...(yield* sortItems(smaller)), item];
}

/** Selection in the group of several, each smaller than the next, that holds the wanted item. */
function* selectAmong(groups: readonly (readonly number[])[], k: number): Comparing<Selected> {
  let before = 0;
  let index = 0;
  while (before + groups[index]!.length < k) before += groups[index++]!.length;
  const { item, smaller, larger } = yield* selectItem(groups[index]!, k - before);
  return {
    item,
    smaller: [...groups.slice(0, index).flat(), ...smaller],
    larger: [...larger, ...groups.slice(index + 1).flat()],
  };
}
