import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { FieldKernels } from '../../../src/kernels/field-kernels.ts';
import { field61TwinVartime, field127TwinVartime } from '../../../src/kernels/field-twin.ts';
import { bigintsOf, FieldVector, fieldVectorOf, M61, modulusOf } from '../../../src/kernels/field-vector.ts';
import { loadField61 } from '../../../src/kernels/field61.ts';
import { base64, sha256 } from '../../../src/kernels/field61.wasm.ts';
import { loadField127 } from '../../../src/kernels/field127.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';

const fields: [name: string, wasm: FieldKernels, twin: FieldKernels][] = [
  ['M61', loadField61(), field61TwinVartime],
  ['M127', loadField127(), field127TwinVartime],
];
const lengths = [0, 1, 2, 3, 4, 5, 7, 8, 9, 1001, 4095, 4096, 4097, 9001];

function expectSame(actual: FieldVector, expected: FieldVector): void {
  expect(actual.length).toBe(expected.length);
  expect(Buffer.compare(actual.bytes, expected.bytes)).toBe(0);
}

describe.each(fields)('%s agrees with BigInt', (_, kernels, twin) => {
  const { width } = kernels;
  const p = modulusOf(width);
  const half = 1n << (width === 1 ? 60n : 126n);
  const extremes = [
    0n,
    1n,
    2n,
    p - 1n,
    p - 2n,
    half,
    half - 1n,
    half + 1n,
    2n ** 32n - 1n,
    2n ** 32n,
    2n ** 58n - 1n,
  ];
  const random = new SeededRandom(61);
  const vector = (length: number): FieldVector =>
    fieldVectorOf(
      Array.from({ length }, () =>
        random.uniform() < 0.4
          ? random.pick(extremes)
          : Array.from({ length: 4 }, () => BigInt(random.u32())).reduce((sum, word) => (sum << 32n) | word),
      ),
      width,
    );
  const pairs = (): [FieldVector, FieldVector][] => [
    ...lengths.map((length): [FieldVector, FieldVector] => [vector(length), vector(length)]),
    // Every pair of extremes, in every lane.
    ...[0, 1, 2, 3].map((lane): [FieldVector, FieldVector] => {
      const all = extremes.flatMap((a) => extremes.map((b) => [a, b] as const));
      const pad = new Array<bigint>(lane).fill(5n);
      return [
        fieldVectorOf([...pad, ...all.map(([a]) => a)], width),
        fieldVectorOf([...pad, ...all.map(([, b]) => b)], width),
      ];
    }),
  ];

  test.each(['add', 'sub', 'mul'] as const)('%s', (name) => {
    for (const [a, b] of pairs()) expectSame(kernels[name](a, b), twin[name](a, b));
  });

  test('combine, scale, addConstant, evaluate', () => {
    for (const [a, b] of pairs()) {
      for (const factor of [0n, 1n, -1n, half, 12345678901234567890123n]) {
        expectSame(
          kernels.combine([factor, -3n, factor], [a, b, a]),
          twin.combine([factor, -3n, factor], [a, b, a]),
        );
        expectSame(kernels.addConstant(a, factor), twin.addConstant(a, factor));
      }
      for (const x of [0, 1, 7, 2 ** 31 - 1])
        expectSame(kernels.evaluate([a, b, a], x), twin.evaluate([a, b, a], x));
    }
  });

  test('dots, at every length and of the largest values', () => {
    for (const [a, b] of pairs()) {
      expectSame(kernels.dots(a, b, 1), twin.dots(a, b, 1));
    }
    const largest = fieldVectorOf(new Array<bigint>(9000).fill(p - 1n), width);
    for (const rows of [1, 3, 9000])
      expectSame(kernels.dots(largest, largest, rows), twin.dots(largest, largest, rows));
    // Padding of a row is not taken from the next one.
    const [a, b] = [vector(21), vector(21)];
    for (const rows of [3, 7]) expectSame(kernels.dots(a, b, rows), twin.dots(a, b, rows));
  });

  test('matMul', () => {
    for (const [rows, cols, size] of [
      [1, 1, 1],
      [2, 3, 5],
      [62, 63, 1],
      [31, 32, 33],
      [3, 4, 9001],
    ] as const) {
      const f = vector(rows * cols);
      const x = vector(cols * size);
      expectSame(kernels.matMul(f, x, rows), twin.matMul(f, x, rows));
    }
  });

  test('lowBits and shiftRight', () => {
    for (const [a] of pairs()) {
      for (const bits of width === 1 ? [0, 1, 31, 32, 60, 61] : [0, 1, 63, 64, 65, 126, 127]) {
        expectSame(kernels.lowBits(a, bits), twin.lowBits(a, bits));
        expectSame(kernels.shiftRight(a, bits), twin.shiftRight(a, bits));
      }
    }
    // All bits set is p, which is 0.
    const ones = new FieldVector(3, width);
    ones.limbs.fill(2n ** 64n - 1n);
    expect(bigintsOf(kernels.lowBits(ones, width === 1 ? 61 : 127))).toEqual([0n, 0n, 0n]);
  });

  test('signs', () => {
    const bits = Uint8Array.from({ length: 2000 }, () => random.integer(0, 255));
    for (const length of [0, 1, 7, 8, 9, 4097, 16000]) {
      for (const c of [1n, p - 1n, half])
        expectSame(kernels.signs(bits, c, length), twin.signs(bits, c, length));
    }
  });

  test('views of a vector are operands like any other', () => {
    const a = vector(20);
    expectSame(kernels.mul(a.part(3, 9), a.part(11, 17)), twin.mul(a.slice(3, 9), a.slice(11, 17)));
  });

  test.each([
    ['unequal lengths', () => kernels.mul(vector(2), vector(3)), 'shape'],
    ['rows that do not divide', () => kernels.dots(vector(5), vector(5), 2), 'shape'],
    ['too few bits', () => kernels.signs(new Uint8Array(1), 1n, 9), 'shape'],
    ['too many bits', () => kernels.lowBits(vector(1), 128), 'range'],
  ])('refuses %s', (__, run, code) => {
    expect(run).toThrowError(expect.objectContaining({ code }));
  });
});

test('terms of comparisons agree with BigInt and have a zero exactly where they should', () => {
  const random = new SeededRandom(3);
  for (const rows of [1, 5, 63, 64, 65, 83]) {
    for (const count of [1, 3, 500]) {
      const r = Array.from({ length: count }, () =>
        BigInt.asUintN(rows, (BigInt(random.u32()) << 64n) | BigInt(random.u32())),
      );
      const c = r.map((value) => BigInt.asUintN(rows, value + BigInt(random.integer(-1, 1))));
      const sign = r.map(() => (random.u32() & 1 ? 1n : -1n));
      const bits = fieldVectorOf(
        Array.from({ length: rows }, (_, i) => r.map((value) => (value >> BigInt(i)) & 1n)).flat(),
        1,
      );
      const args = [bits, fieldVectorOf(c), fieldVectorOf(sign, 1)] as const;
      const terms = loadField61().comparisonTerms(...args);
      expectSame(terms, field61TwinVartime.comparisonTerms(...args));
      const values = bigintsOf(terms);
      for (let e = 0; e < count; e++) {
        const zero = Array.from({ length: rows + 1 }, (_, i) => values[i * count + e]).includes(0n);
        expect(zero).toBe(sign[e] === 1n ? c[e]! < r[e]! : c[e]! >= r[e]!);
      }
    }
  }
  const uniform = (length: number) =>
    fieldVectorOf(
      Array.from({ length }, () => (BigInt(random.u32()) << 32n) | BigInt(random.u32())),
      1,
    );
  const shares = [uniform(64 * 200), fieldVectorOf(bigintsOf(uniform(200))), uniform(200)] as const;
  expectSame(loadField61().comparisonTerms(...shares), field61TwinVartime.comparisonTerms(...shares));
  expect(M61).toBe(2n ** 61n - 1n);
});

test('the embedded module is the committed one', () => {
  const bytes = Buffer.from(base64, 'base64');
  const manifest = JSON.parse(readFileSync('wasm/manifest.json', 'utf8'));
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
  expect(manifest['field61.wasm']).toMatchObject({ sha256, bytes: bytes.length });
  expect(readFileSync('wasm/field61.wasm').equals(bytes)).toBe(true);
});
