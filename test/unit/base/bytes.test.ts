import { describe, expect, it } from 'vitest';
import {
  ByteReader,
  ByteWriter,
  bytesOf,
  bytesOfHex,
  concatBytes,
  hex,
  utf8,
} from '../../../src/base/bytes.ts';
import { IntegrityError } from '../../../src/base/errors.ts';

const written = () =>
  new ByteWriter()
    .u8(0xab)
    .u32(0xfedcba98)
    .f64(-0.1)
    .raw(Uint8Array.of(1, 2, 3))
    .blob(Uint8Array.of(9, 8))
    .text('ß\ufeff €')
    .finish();

/** Reads what `written` wrote. */
function readAll(bytes: Uint8Array): unknown[] {
  const reader = new ByteReader(bytes, 'thing');
  const fields = [
    reader.u8(),
    reader.u32(),
    reader.f64(),
    [...reader.raw(3)],
    [...reader.blob(2)],
    reader.text(20),
  ];
  reader.end();
  return fields;
}

describe('ByteWriter and ByteReader', () => {
  it('write little-endian fields with u32 lengths', () => {
    const bytes = new ByteWriter().u8(7).u32(0x01020304).f64(1).blob(Uint8Array.of(5)).text('é').finish();
    expect(hex(bytes)).toBe('07040302010000' + '00000000f03f' + '0100000005' + '02000000c3a9');
  });

  it('read back what was written, in a view that starts in the middle of a buffer', () => {
    const bytes = written();
    const buffer = new Uint8Array(bytes.length + 14).fill(255);
    buffer.set(bytes, 7);
    const fields = [0xab, 0xfedcba98, -0.1, [1, 2, 3], [9, 8], 'ß\ufeff €'];
    expect(readAll(buffer.subarray(7, 7 + bytes.length))).toEqual(fields);
  });

  it('keep a byte order mark: two different texts stay different', () => {
    const bytes = new ByteWriter().text('\ufeffa').finish();
    expect(new ByteReader(bytes, 'thing').text(9)).toBe('\ufeffa');
  });

  it('refuse every truncation, with the name of the thing', () => {
    const bytes = written();
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readAll(bytes.subarray(0, length)), `length ${length}`).toThrow(IntegrityError);
      expect(() => readAll(bytes.subarray(0, length))).toThrow(/^thing: truncated/);
    }
  });

  it('do not read past the view into the rest of the buffer', () => {
    const buffer = new Uint8Array(64);
    expect(() => new ByteReader(buffer.subarray(0, 3), 'thing').u32()).toThrow(IntegrityError);
    expect(() => new ByteReader(buffer.subarray(0, 7), 'thing').f64()).toThrow(IntegrityError);
    expect(() => new ByteReader(buffer.subarray(0, 0), 'thing').u8()).toThrow(IntegrityError);
  });

  it('refuse leftover bytes', () => {
    const reader = new ByteReader(Uint8Array.of(1, 2), 'thing');
    reader.u8();
    expect(reader.offset).toBe(1);
    expect(() => reader.end()).toThrow(/expected 1 bytes, found 2/);
  });

  it('refuse a blob over its limit before anything else, whatever length it claims', () => {
    const claim = (length: number) => new ByteWriter().u32(length).raw(new Uint8Array(8)).finish();
    for (const length of [5, 8, 2 ** 31, 2 ** 32 - 1]) {
      expect(() => new ByteReader(claim(length), 'thing').blob(4), `${length}`).toThrow(
        /exceeds its limit of 4/,
      );
    }
    // Under the limit but longer than what is there: nothing is allocated either.
    expect(() => new ByteReader(claim(2 ** 32 - 1), 'thing').blob(2 ** 40)).toThrow(/truncated/);
    expect(new ByteReader(claim(8), 'thing').blob(8).length).toBe(8);
  });

  it('stay where they were after a refusal', () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3), 'thing');
    expect(() => reader.u32()).toThrow(IntegrityError);
    expect(reader.offset).toBe(0);
    expect(reader.u8()).toBe(1);
  });

  it.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a cut sequence', [0xe2, 0x82]],
  ])('refuse text that is not UTF-8: %s', (_, codes) => {
    const bytes = new ByteWriter().blob(Uint8Array.from(codes)).finish();
    expect(() => new ByteReader(bytes, 'thing').text(9)).toThrow(IntegrityError);
  });
});

describe('byte helpers', () => {
  it('hex and bytesOfHex are inverse on every byte', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(hex(all).slice(0, 8)).toBe('00010203');
    expect(bytesOfHex(hex(all))).toEqual(all);
    expect(bytesOfHex('').length).toBe(0);
  });

  it.each(['0', 'zz', 'AB', '0x', ' 1', '1_'])('bytesOfHex refuses %j', (text) => {
    expect(() => bytesOfHex(text)).toThrow(IntegrityError);
  });

  it('bytesOf shares memory, with its offset', () => {
    const doubles = new Float64Array(4);
    const bytes = bytesOf(doubles.subarray(1, 3));
    expect([bytes.byteOffset, bytes.length]).toEqual([8, 16]);
    doubles[2] = -2;
    expect(hex(bytes)).toBe('0000000000000000' + '00000000000000c0');
  });

  it('concatBytes copies', () => {
    const part = Uint8Array.of(1);
    const joined = concatBytes([part, new Uint8Array(0), utf8('AB')]);
    part[0] = 9;
    expect([...joined]).toEqual([1, 65, 66]);
  });
});
