import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { field127TwinVartime as twin } from '../../../src/kernels/field-twin.ts';
import { bigintsOf, FieldVector, fieldVectorOf, M127 } from '../../../src/kernels/field-vector.ts';
import { loadField127, MAX_ENTRY } from '../../../src/kernels/field127.ts';
import { base64, sha256 } from '../../../src/kernels/field127.wasm.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';
import { repeated, seededVector } from '../../support/field-vectors.ts';

const kernels = loadField127();
const lengths = [0, 1, 2, 3, 5, 17, 1001, 4095, 4096, 4097, 9001];
const patterns: readonly (readonly bigint[])[] = [
  [0n],
  [1n],
  [M127 - 1n],
  [0n, M127 - 1n],
  [M127 - 1n, 1n],
  [2n ** 126n, 2n ** 126n - 1n],
  [2n ** 64n - 1n, 2n ** 64n, 2n ** 32n - 1n],
];

function expectSame(actual: FieldVector, expected: FieldVector): void {
  expect(Buffer.compare(actual.bytes, expected.bytes)).toBe(0);
}

function pairs(): [FieldVector, FieldVector][] {
  const random = new SeededRandom(127);
  const seeded = lengths.map((length): [FieldVector, FieldVector] => [
    seededVector(random, length),
    seededVector(random, length),
  ]);
  const extreme = patterns.flatMap((a) =>
    patterns.map((b): [FieldVector, FieldVector] => [repeated(a, 7), repeated(b, 7)]),
  );
  return [...seeded, ...extreme];
}

describe('field127 kernels agree with BigInt', () => {
  test.each(['add', 'sub', 'mul'] as const)('%s', (kernel) => {
    for (const [a, b] of pairs()) expectSame(kernels[kernel](a, b), twin[kernel](a, b));
  });

  test('scale and combine', () => {
    const factors = [0n, 1n, M127 - 1n, -3n, 2n ** 126n + 12345n];
    for (const [a, b] of pairs()) {
      for (const factor of factors) expectSame(kernels.scale(a, factor), twin.scale(a, factor));
      const vectors = [a, b, a];
      expectSame(kernels.combine(factors.slice(2), vectors), twin.combine(factors.slice(2), vectors));
    }
  });

  test('evaluate', () => {
    for (const [a, b] of pairs()) {
      for (const x of [0, 1, 2, 7, 255, 2 ** 31 - 1]) {
        expectSame(kernels.evaluate([a, b, a], x), twin.evaluate([a, b, a], x));
      }
    }
  });

  const shapes: [rows: number, cols: number][] = [
    [1, 1],
    [3, 2],
    [2, 3],
    [5, 4],
    [3, 511],
    [2, 512],
    [2, 513],
    [2, 1500],
  ];
  const entries: Record<string, (random: SeededRandom, index: number) => number> = {
    'random entries': (random) => Math.round(random.between(-MAX_ENTRY, MAX_ENTRY)),
    'small entries': (random) => random.integer(-2, 2),
    'largest entries': () => MAX_ENTRY,
    'most negative entries': () => -MAX_ENTRY,
    'digits of all ones': () => MAX_ENTRY - 1,
    'alternating extremes': (_, index) => (index % 2 === 0 ? MAX_ENTRY : 1 - MAX_ENTRY),
    'low digit only': () => 2 ** 26 - 1,
  };
  test.each(Object.entries(entries))('matrix times vector: %s', (_, entryAt) => {
    const random = new SeededRandom(5);
    for (const [rows, cols] of shapes) {
      const data = Float64Array.from({ length: rows * cols }, (_, i) => entryAt(random, i));
      const rowAt = (r: number) => data.subarray(r * cols, (r + 1) * cols);
      const wasm = kernels.matrix(rows, cols, rowAt);
      const oracle = twin.matrix(rows, cols, rowAt);
      const vectors = [seededVector(random, cols), ...patterns.map((pattern) => repeated(pattern, cols))];
      for (const x of vectors) expectSame(wasm.times(x), oracle.times(x));
      expectSame(wasm.times(vectors[0]!, 1, rows), oracle.times(vectors[0]!, 1, rows));
    }
  });

  test('a matrix is unchanged by use, and independent of others', () => {
    const three = kernels.matrix(1, 1, () => Float64Array.of(3));
    const minusOne = kernels.matrix(1, 1, () => Float64Array.of(-1));
    const x = fieldVectorOf([5n]);
    expect(bigintsOf(three.times(x))).toEqual([15n]);
    expect(bigintsOf(minusOne.times(x))).toEqual([M127 - 5n]);
    expect(bigintsOf(three.times(x))).toEqual([15n]);
  });
});

describe('field127 kernels refuse', () => {
  const three = new FieldVector(3);
  const two = new FieldVector(2);
  test.each([
    ['vectors of unequal length', () => kernels.add(three, two)],
    ['too few factors', () => kernels.combine([1n], [three, three])],
    ['a vector of the wrong length', () => kernels.matrix(1, 3, () => new Float64Array(3)).times(two)],
    ['rows that do not exist', () => kernels.matrix(1, 3, () => new Float64Array(3)).times(three, 0, 2)],
    ['a row of the wrong length', () => kernels.matrix(1, 3, () => new Float64Array(2))],
  ])('%s', (_, run) => {
    expect(run).toThrowError(expect.objectContaining({ code: 'shape' }));
  });

  test.each([0.5, Number.NaN, Infinity, MAX_ENTRY + 1, -MAX_ENTRY - 1])('the entry %s', (entry) => {
    expect(() => kernels.matrix(1, 1, () => Float64Array.of(entry))).toThrowError(
      expect.objectContaining({ code: 'range' }),
    );
  });

  test.each([-1, 0.5, 2 ** 31])('the point %s', (x) => {
    expect(() => kernels.evaluate([two], x)).toThrowError(expect.objectContaining({ code: 'range' }));
  });
});

test('the embedded module is the committed one', () => {
  const bytes = Buffer.from(base64, 'base64');
  const manifest = JSON.parse(readFileSync('wasm/manifest.json', 'utf8'));
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
  expect(manifest['field127.wasm']).toMatchObject({ sha256, bytes: bytes.length });
  expect(readFileSync('wasm/field127.wasm').equals(bytes)).toBe(true);
});
