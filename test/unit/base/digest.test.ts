import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { bytesOf, bytesOfHex, concatBytes, hex, utf8 } from '../../../src/base/bytes.ts';
import { type Digestible, digestOf, sha256Of } from '../../../src/base/digest.ts';
import { ShapeError } from '../../../src/base/errors.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';

const digest = (value: unknown, label = 'test'): string => digestOf(label, value as Digestible);

/** tag, u32 length or count, content: the encoding as its comment describes it, written out by hand. */
const field = (tag: string, length: number, content: Uint8Array = new Uint8Array(0)): Uint8Array =>
  concatBytes([utf8(tag), bytesOf(Uint32Array.of(length)), content]);
const text = (tag: string, value: string): Uint8Array => field(tag, utf8(value).length, utf8(value));

describe('digestOf', () => {
  it("is noble's SHA-256 of the encoding made by hand", () => {
    const doubles = Float64Array.of(1, -2.5);
    const value = { b: ['x', 1.5, true, null, undefined], a: doubles };
    const encoded = concatBytes([
      text('L', 'label'),
      field('r', 2),
      text('f', 'a'),
      text('k', 'Float64Array'),
      field('v', 16, bytesOf(doubles)),
      text('f', 'b'),
      field('l', 5),
      text('s', 'x'),
      field('d', 8, bytesOf(Float64Array.of(1.5))),
      field('b', 1),
      field('n', 0),
      field('u', 0),
    ]);
    expect(digest(value, 'label')).toBe(hex(sha256(encoded)));
  });

  it('differs for values that look alike', () => {
    const bytes = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0);
    const alike: unknown[] = [
      ['ab', 'c'],
      ['a', 'bc'],
      ['abc'],
      'abc',
      [['a'], 'bc'],
      [['a', 'bc']],
      [],
      {},
      '',
      null,
      undefined,
      false,
      true,
      0,
      -0,
      1,
      '1',
      Number.NaN,
      [null],
      [undefined],
      [[]],
      [{}],
      { a: undefined },
      { a: null },
      { a: {} },
      { a: [] },
      { a: 'b' },
      ['a', 'b'],
      { ab: '' },
      { a: 1, b: 2 },
      { a: 2, b: 1 },
      { a: { b: 2 } },
      { a: 1, b: { c: 3 } },
      { a: 1, b: {}, c: 3 },
      bytes,
      new Int8Array(bytes.buffer),
      new Uint8ClampedArray(bytes.buffer),
      new Uint16Array(bytes.buffer),
      new Int32Array(bytes.buffer),
      new Uint32Array(bytes.buffer),
      new Float32Array(bytes.buffer),
      new Float64Array(bytes.buffer),
      new BigUint64Array(bytes.buffer),
      new DataView(bytes.buffer),
      bytes.subarray(0, 7),
      new Uint8Array(0),
      new Float64Array(0),
      '\u0001\0\0\0\0\0\0\0',
      [1, 0, 0, 0, 0, 0, 0, 0],
    ];
    const digests = alike.map((value) => digest(value));
    digests.forEach((of, i) => {
      expect(digests.indexOf(of), `value ${i} collides`).toBe(i);
    });
  });

  it('separates labels', () => {
    expect(digest('b', 'a')).not.toBe(digest('b', 'c'));
    expect(digest([], 'ab')).not.toBe(digest(['b'], 'a'));
  });

  it('does not depend on the order of keys, nor on where a typed array lies', () => {
    expect(digest({ a: 1, b: [2], 'a b': 3 })).toBe(digest({ 'a b': 3, b: [2], a: 1 }));
    const padded = Float64Array.of(9, 1, 2, 9);
    expect(digest(padded.subarray(1, 3))).toBe(digest(Float64Array.of(1, 2)));
    expect(digest(Buffer.from([1, 2, 3]))).toBe(digest(Uint8Array.of(1, 2, 3)));
  });

  it('hashes fields around and beyond its block of 65,536 bytes like one long message', () => {
    const random = new SeededRandom(1);
    const sizes = [65_520, 10, 65_536, 1, 65_537, 65_531, 200_000, 65_525, 3, 0, 65_535];
    const parts = sizes.map((size) => Uint8Array.from({ length: size }, () => random.u32()));
    const encoded = concatBytes([
      text('L', 'test'),
      field('l', parts.length),
      ...parts.flatMap((part) => [text('k', 'Uint8Array'), field('v', part.length, part)]),
    ]);
    expect(digest(parts)).toBe(hex(sha256(encoded)));
    // 13 bytes a number: block ends fall at every place within one.
    const numbers = Array.from({ length: 20_000 }, () => random.normal());
    const many = concatBytes([
      text('L', 'test'),
      field('l', numbers.length),
      ...numbers.map((number) => field('d', 8, bytesOf(Float64Array.of(number)))),
    ]);
    expect(digest(numbers)).toBe(hex(sha256(many)));
  });

  it('sees a change of one bit anywhere in a large array', () => {
    const data = new Float64Array(20_000);
    const before = digest(data);
    for (const index of [0, 8_191, 8_192, 19_999]) {
      data[index] = Number.MIN_VALUE;
      expect(digest(data), `element ${index}`).not.toBe(before);
      data[index] = 0;
    }
    expect(digest(data)).toBe(before);
  });

  it.each([
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a Map', new Map([[1, 2]])],
    ['a Set', new Set([1])],
    ['a Date', new Date(0)],
    ['an ArrayBuffer', new ArrayBuffer(4)],
    ['a lone surrogate', '\ud800'],
    ['a key with a lone surrogate', { '\udc00': 1 }],
  ])('refuses %s instead of hashing it like something else', (_, value) => {
    expect(() => digest(value)).toThrow(ShapeError);
    expect(() => digest([value])).toThrow(ShapeError);
  });
});

describe('sha256Of', () => {
  it.each([
    // FIPS 180-4 examples.
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ])('of %j', (message, expected) => {
    expect(sha256Of(utf8(message))).toEqual(bytesOfHex(expected));
  });
});
