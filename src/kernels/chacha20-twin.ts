import { CHACHA_BLOCK_BYTES, type ChaCha20 } from './chacha20.ts';

/** The kernel again, word by word: the oracle of the tests. */
export const chacha20Twin: ChaCha20 = {
  keyStream(key, counter, bytes) {
    const blocks = Math.ceil(bytes / CHACHA_BLOCK_BYTES);
    const out = new Uint8Array(blocks * CHACHA_BLOCK_BYTES);
    const words = new Uint32Array(out.buffer);
    for (let block = 0; block < blocks; block++) {
      const state = initialState(key, BigInt(counter + block));
      const x = state.slice();
      for (let round = 0; round < 10; round++) {
        for (let i = 0; i < 4; i++) quarterRound(x, i, 4 + i, 8 + i, 12 + i);
        for (let i = 0; i < 4; i++)
          quarterRound(x, i, 4 + ((i + 1) & 3), 8 + ((i + 2) & 3), 12 + ((i + 3) & 3));
      }
      for (let i = 0; i < 16; i++) words[16 * block + i] = x[i]! + state[i]!;
    }
    return out;
  },
};

function initialState(key: Uint8Array, counter: bigint): Uint32Array {
  const state = new Uint32Array(16);
  state.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]);
  const view = new DataView(key.buffer, key.byteOffset);
  for (let i = 0; i < 8; i++) state[4 + i] = view.getUint32(4 * i, true);
  state[12] = Number(counter & 0xffffffffn);
  state[13] = Number(counter >> 32n);
  return state;
}

function quarterRound(x: Uint32Array, a: number, b: number, c: number, d: number): void {
  const step = (to: number, from: number, mixed: number, bits: number): void => {
    x[to]! += x[from]!;
    const m = x[mixed]! ^ x[to]!;
    x[mixed] = (m << bits) | (m >>> (32 - bits));
  };
  step(a, b, d, 16);
  step(c, d, b, 12);
  step(a, b, d, 8);
  step(c, d, b, 7);
}
