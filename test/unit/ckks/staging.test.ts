import { afterEach, describe, expect, it, vi } from 'vitest';
import { Staging } from '../../../src/ckks/worker/staging.ts';

const bytesOf = (length: number, value: number) => new Uint8Array(length).fill(value);

describe('staging', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('copies into shared buffers, and uses those again that were released', () => {
    const staging = new Staging();
    const bytes = bytesOf(100_000, 7);
    const first = staging.stage(bytes);
    const second = staging.stage(bytesOf(10, 8));
    bytes.fill(0);
    expect(first).toEqual(bytesOf(100_000, 7));
    expect(first.buffer).toBeInstanceOf(SharedArrayBuffer);
    staging.release([first, second]);
    // The smallest that suffices; none that is in use.
    const small = staging.stage(bytesOf(9, 1));
    const large = staging.stage(bytesOf(70_000, 2));
    expect([small.buffer, large.buffer]).toEqual([second.buffer, first.buffer]);
    expect(small).toEqual(bytesOf(9, 1));
    expect(staging.stage(bytesOf(9, 3)).buffer).not.toBe(small.buffer);
  });

  it('keeps no more than 64 MiB', () => {
    const staging = new Staging();
    const many = Array.from({ length: 5 }, () => staging.stage(new Uint8Array(2 ** 24)));
    staging.release(many);
    const again = Array.from({ length: 5 }, () => staging.stage(new Uint8Array(2 ** 24)).buffer);
    expect(again.filter((buffer) => many.some((staged) => staged.buffer === buffer))).toHaveLength(4);
  });

  it('leaves bytes as they are where memory cannot be shared', () => {
    vi.stubGlobal('SharedArrayBuffer', undefined);
    const staging = new Staging();
    const bytes = bytesOf(5, 1);
    expect(staging.stage(bytes)).toBe(bytes);
    staging.release([bytes]);
    expect(staging.stage(bytesOf(5, 2))).not.toBe(bytes);
  });
});
