import { describe, expect, it } from 'vitest';
import { buffersOf } from '../../../src/base/worker.ts';

describe('buffers of a message that may move', () => {
  it('are those of arrays that fill them, once each, wherever they lie', () => {
    const own = new Uint8Array(8);
    const rows = new Float64Array(2);
    const message = { ciphertexts: [own, null, own], rows, name: 'x', count: 3 };
    expect([...buffersOf(message)]).toEqual([own.buffer, rows.buffer]);
  });

  it('are not those of which an array is a part, nor shared ones', () => {
    const part = new Uint8Array(16).subarray(0, 8);
    const shared = new Uint8Array(new SharedArrayBuffer(8));
    expect([...buffersOf({ part, shared })]).toEqual([]);
    expect([...buffersOf(undefined)]).toEqual([]);
  });
});
