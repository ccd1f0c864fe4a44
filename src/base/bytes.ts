import { IntegrityError } from './errors.ts';

const encoder = new TextEncoder();
// A byte order mark is content: stripped, two different texts would read as the same.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const BASE64_BLOCK = 8192;

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

export function hex(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += byte.toString(16).padStart(2, '0');
  return out;
}

export function bytesOfHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) {
    throw new IntegrityError('expected an even number of lower-case hexadecimal digits', {
      length: text.length,
    });
  }
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

export function base64(bytes: Uint8Array): string {
  let text = '';
  // In blocks: arguments go on the stack.
  for (let i = 0; i < bytes.length; i += BASE64_BLOCK) {
    text += String.fromCharCode(...bytes.subarray(i, i + BASE64_BLOCK));
  }
  return btoa(text);
}

/** @throws IntegrityError for text that is not base64 with its padding, in the one spelling that these bytes have. */
export function bytesOfBase64(text: string): Uint8Array {
  const plausible = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  const bytes = plausible ? Uint8Array.from(atob(text), (char) => char.charCodeAt(0)) : undefined;
  // Unused bits of the last digit may be anything to a decoder.
  if (bytes === undefined || base64(bytes) !== text) {
    throw new IntegrityError('expected base64 with its padding', { length: text.length });
  }
  return bytes;
}

/** The memory of any typed array as bytes, without a copy. */
export function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** Appends little-endian fields and length-prefixed blobs; the counterpart of {@link ByteReader}. */
export class ByteWriter {
  readonly #parts: Uint8Array[] = [];

  u8(value: number): this {
    this.#parts.push(Uint8Array.of(value));
    return this;
  }

  u32(value: number): this {
    const part = new Uint8Array(4);
    new DataView(part.buffer).setUint32(0, value, true);
    this.#parts.push(part);
    return this;
  }

  f64(value: number): this {
    const part = new Uint8Array(8);
    new DataView(part.buffer).setFloat64(0, value, true);
    this.#parts.push(part);
    return this;
  }

  /** Fixed-length bytes: the reader must know the length. */
  raw(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    return this;
  }

  /** u32 length, then the bytes. */
  blob(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }

  text(value: string): this {
    return this.blob(utf8(value));
  }

  finish(): Uint8Array {
    return concatBytes(this.#parts);
  }
}

/**
 * Reads what {@link ByteWriter} wrote. Every read is bounds-checked before anything is allocated, and a limit
 * caps every blob, so hostile lengths cost nothing.
 * @throws IntegrityError when the bytes end early, a blob exceeds its limit, or bytes are left over at `end()`.
 */
export class ByteReader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #offset = 0;

  /** @param what names the object in error messages, e.g. `envelope`. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** A view, not a copy. */
  raw(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  blob(maxLength: number): Uint8Array {
    const length = this.u32();
    if (length > maxLength) {
      throw new IntegrityError(
        `${this.#what}: a field of ${length} bytes exceeds its limit of ${maxLength}`,
        {
          length,
          maxLength,
        },
      );
    }
    return this.raw(length);
  }

  text(maxLength: number): string {
    const bytes = this.blob(maxLength);
    try {
      return decoder.decode(bytes);
    } catch (cause) {
      throw new IntegrityError(`${this.#what}: a text field is not valid UTF-8`, {}, { cause });
    }
  }

  get offset(): number {
    return this.#offset;
  }

  end(): void {
    if (this.#offset !== this.#bytes.length) {
      throw new IntegrityError(
        `${this.#what}: expected ${this.#offset} bytes, found ${this.#bytes.length}; refuse it and ask for it again`,
        { expected: this.#offset, found: this.#bytes.length },
      );
    }
  }

  #take(length: number): number {
    const start = this.#offset;
    if (start + length > this.#bytes.length) {
      throw new IntegrityError(
        `${this.#what}: truncated, expected at least ${start + length} bytes, found ${this.#bytes.length}`,
        { expected: start + length, found: this.#bytes.length },
      );
    }
    this.#offset = start + length;
    return start;
  }
}
