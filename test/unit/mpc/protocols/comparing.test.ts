import { describe, expect, test } from 'vitest';
import { type Comparing, selectItem, sortItems } from '../../../../src/mpc/protocols/comparing.ts';
import { SeededRandom } from '../../../../src/numeric/seeded.ts';

/** Runs an algorithm on numbers; counts what it asks for. */
function run<T>(values: readonly number[], algorithm: Comparing<T>) {
  let comparisons = 0;
  let batches = 0;
  let step = algorithm.next();
  while (!step.done) {
    batches++;
    comparisons += step.value.length;
    step = algorithm.next(step.value.map(([a, b]) => values[a]! < values[b]!));
  }
  return { result: step.value, comparisons, batches };
}

const random = new SeededRandom(4);
const lengths = [1, 2, 7, 10, 11, 24, 25, 40, 100, 333, 1000];

describe.each(lengths)('%d items', (n) => {
  const items = Array.from({ length: n }, (_, i) => i);
  // Random order, and orders that no shuffle would give: costs may suffer, results may not.
  const orders = [items.map(() => random.uniform()), items.map((i) => i), items.map((i) => -i)];

  test('are sorted', () => {
    for (const values of orders) {
      const { result } = run(values, sortItems(items));
      expect(result.map((item) => values[item]!)).toEqual(values.toSorted((a, b) => a - b));
    }
  });

  test('are divided at any place of the order', () => {
    for (const values of orders) {
      const sorted = values.toSorted((a, b) => a - b);
      for (const k of new Set([1, 2, Math.ceil(n / 4), Math.ceil(n / 2), n - 1, n])) {
        if (k < 1 || k > n) continue;
        const { item, smaller, larger } = run(values, selectItem(items, k)).result;
        expect(values[item]).toBe(sorted[k - 1]);
        expect(smaller.map((i) => values[i]!).toSorted((a, b) => a - b)).toEqual(sorted.slice(0, k - 1));
        expect(larger.map((i) => values[i]!).toSorted((a, b) => a - b)).toEqual(sorted.slice(k));
      }
    }
  });
});

test('a thousand items in random order take as many comparisons as is said', () => {
  const items = Array.from({ length: 1000 }, (_, i) => i);
  let sorting = 0;
  let end = 0;
  let middle = 0;
  for (let i = 0; i < 10; i++) {
    const values = items.map(() => random.uniform());
    const sorted = run(values, sortItems(items));
    expect(sorted.batches).toBeLessThan(30);
    sorting += sorted.comparisons / 10;
    end += run(values, selectItem(items, 10)).comparisons / 10;
    middle += run(values, selectItem(items, 500)).comparisons / 10;
  }
  expect(sorting).toBeLessThan(1.2 * 1000 * Math.log2(1000));
  expect(end).toBeLessThan(1900);
  expect(middle).toBeLessThan(3500);
});
