// SEAL's random stream from a seed: BLAKE2Xb (Aumasson, Neves, Wilcox-O'Hearn and Winnerlein, "BLAKE2X", 2016) over
// BLAKE2b (RFC 7693), 4096 bytes a counter value, the counter as message and the seed as key.
//
// All blocks of a stream hash the same message from different starts, so two go through the rounds at once, one a lane.

const IV: usize = memory.data<u64>([
  0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
  0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
], 16);

/** Message schedule of the twelve rounds (RFC 7693, 2.7), as byte offsets. */
const SIGMA: usize = memory.data<u8>([
  0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120,
  112, 80, 32, 64, 72, 120, 104, 48, 8, 96, 0, 16, 88, 56, 40, 24,
  88, 64, 96, 0, 40, 16, 120, 104, 80, 112, 24, 48, 56, 8, 72, 32,
  56, 72, 24, 8, 104, 96, 88, 112, 16, 48, 40, 80, 32, 0, 120, 64,
  72, 0, 40, 56, 16, 32, 80, 120, 112, 8, 88, 96, 48, 64, 24, 104,
  16, 96, 48, 80, 0, 88, 64, 24, 32, 104, 56, 40, 120, 112, 8, 72,
  96, 40, 8, 120, 112, 104, 32, 80, 0, 56, 48, 24, 72, 16, 64, 88,
  104, 88, 56, 112, 96, 8, 24, 72, 40, 0, 120, 32, 64, 48, 16, 80,
  48, 120, 112, 72, 88, 24, 0, 64, 96, 16, 104, 56, 8, 32, 80, 40,
  80, 16, 64, 32, 56, 48, 8, 40, 120, 88, 72, 112, 24, 96, 104, 0,
  0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120,
  112, 80, 32, 64, 72, 120, 104, 48, 8, 96, 0, 16, 88, 56, 40, 24,
], 16);

/** State of two hashes: word k of both in 16 bytes. */
let state: usize = 0;
let message: usize = 0;

/** Bytes a counter value gives, and bytes of a hash. */
const STREAM_BYTES: u64 = 4096;
const HASH_BYTES: u64 = 64;

// @ts-ignore: decorator
@inline
function word(m: usize, s: usize, k: usize): v128 {
  return v128.load64_splat(m + usize(load<u8>(s + k)));
}

// @ts-ignore: decorator
@inline
function load128(h: usize, k: usize): v128 {
  return v128.load(h + (k << 4));
}

// @ts-ignore: decorator
@inline
function rotate32(x: v128): v128 {
  return v128.shuffle<i32>(x, x, 1, 0, 3, 2);
}

// @ts-ignore: decorator
@inline
function rotate24(x: v128): v128 {
  return v128.shuffle<i8>(x, x, 3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10);
}

// @ts-ignore: decorator
@inline
function rotate16(x: v128): v128 {
  return v128.shuffle<i8>(x, x, 2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9);
}

// @ts-ignore: decorator
@inline
function rotate63(x: v128): v128 {
  return v128.or(i64x2.add(x, x), i64x2.shr_u(x, 63));
}

/** One compression of the message into both states; `bytes` hashed so far, `last` for the last block. */
function compress(bytes: u64, last: bool): void {
  const h = state, m = message;
  let v0 = load128(h, 0), v1 = load128(h, 1), v2 = load128(h, 2), v3 = load128(h, 3), v4 = load128(h, 4), v5 = load128(h, 5), v6 = load128(h, 6), v7 = load128(h, 7);
  let v8 = v128.load64_splat(IV), v9 = v128.load64_splat(IV, 8), v10 = v128.load64_splat(IV, 16);
  let v11 = v128.load64_splat(IV, 24);
  let v12 = v128.xor(v128.load64_splat(IV, 32), i64x2.splat(bytes)), v13 = v128.load64_splat(IV, 40);
  let v14 = v128.xor(v128.load64_splat(IV, 48), i64x2.splat(last ? -1 : 0)), v15 = v128.load64_splat(IV, 56);
  for (let s = SIGMA; s < SIGMA + 192; s += 16) {
    v0 = i64x2.add(i64x2.add(v0, v4), word(m, s, 0));
    v12 = rotate32(v128.xor(v12, v0));
    v8 = i64x2.add(v8, v12);
    v4 = rotate24(v128.xor(v4, v8));
    v0 = i64x2.add(i64x2.add(v0, v4), word(m, s, 1));
    v12 = rotate16(v128.xor(v12, v0));
    v8 = i64x2.add(v8, v12);
    v4 = rotate63(v128.xor(v4, v8));
    v1 = i64x2.add(i64x2.add(v1, v5), word(m, s, 2));
    v13 = rotate32(v128.xor(v13, v1));
    v9 = i64x2.add(v9, v13);
    v5 = rotate24(v128.xor(v5, v9));
    v1 = i64x2.add(i64x2.add(v1, v5), word(m, s, 3));
    v13 = rotate16(v128.xor(v13, v1));
    v9 = i64x2.add(v9, v13);
    v5 = rotate63(v128.xor(v5, v9));
    v2 = i64x2.add(i64x2.add(v2, v6), word(m, s, 4));
    v14 = rotate32(v128.xor(v14, v2));
    v10 = i64x2.add(v10, v14);
    v6 = rotate24(v128.xor(v6, v10));
    v2 = i64x2.add(i64x2.add(v2, v6), word(m, s, 5));
    v14 = rotate16(v128.xor(v14, v2));
    v10 = i64x2.add(v10, v14);
    v6 = rotate63(v128.xor(v6, v10));
    v3 = i64x2.add(i64x2.add(v3, v7), word(m, s, 6));
    v15 = rotate32(v128.xor(v15, v3));
    v11 = i64x2.add(v11, v15);
    v7 = rotate24(v128.xor(v7, v11));
    v3 = i64x2.add(i64x2.add(v3, v7), word(m, s, 7));
    v15 = rotate16(v128.xor(v15, v3));
    v11 = i64x2.add(v11, v15);
    v7 = rotate63(v128.xor(v7, v11));
    v0 = i64x2.add(i64x2.add(v0, v5), word(m, s, 8));
    v15 = rotate32(v128.xor(v15, v0));
    v10 = i64x2.add(v10, v15);
    v5 = rotate24(v128.xor(v5, v10));
    v0 = i64x2.add(i64x2.add(v0, v5), word(m, s, 9));
    v15 = rotate16(v128.xor(v15, v0));
    v10 = i64x2.add(v10, v15);
    v5 = rotate63(v128.xor(v5, v10));
    v1 = i64x2.add(i64x2.add(v1, v6), word(m, s, 10));
    v12 = rotate32(v128.xor(v12, v1));
    v11 = i64x2.add(v11, v12);
    v6 = rotate24(v128.xor(v6, v11));
    v1 = i64x2.add(i64x2.add(v1, v6), word(m, s, 11));
    v12 = rotate16(v128.xor(v12, v1));
    v11 = i64x2.add(v11, v12);
    v6 = rotate63(v128.xor(v6, v11));
    v2 = i64x2.add(i64x2.add(v2, v7), word(m, s, 12));
    v13 = rotate32(v128.xor(v13, v2));
    v8 = i64x2.add(v8, v13);
    v7 = rotate24(v128.xor(v7, v8));
    v2 = i64x2.add(i64x2.add(v2, v7), word(m, s, 13));
    v13 = rotate16(v128.xor(v13, v2));
    v8 = i64x2.add(v8, v13);
    v7 = rotate63(v128.xor(v7, v8));
    v3 = i64x2.add(i64x2.add(v3, v4), word(m, s, 14));
    v14 = rotate32(v128.xor(v14, v3));
    v9 = i64x2.add(v9, v14);
    v4 = rotate24(v128.xor(v4, v9));
    v3 = i64x2.add(i64x2.add(v3, v4), word(m, s, 15));
    v14 = rotate16(v128.xor(v14, v3));
    v9 = i64x2.add(v9, v14);
    v4 = rotate63(v128.xor(v4, v9));
  }
  v128.store(h, v128.xor(load128(h, 0), v128.xor(v0, v8)), 0);
  v128.store(h, v128.xor(load128(h, 1), v128.xor(v1, v9)), 16);
  v128.store(h, v128.xor(load128(h, 2), v128.xor(v2, v10)), 32);
  v128.store(h, v128.xor(load128(h, 3), v128.xor(v3, v11)), 48);
  v128.store(h, v128.xor(load128(h, 4), v128.xor(v4, v12)), 64);
  v128.store(h, v128.xor(load128(h, 5), v128.xor(v5, v13)), 80);
  v128.store(h, v128.xor(load128(h, 6), v128.xor(v6, v14)), 96);
  v128.store(h, v128.xor(load128(h, 7), v128.xor(v7, v15)), 112);
}

/** Starts both states from the parameter block (RFC 7693, 2.5; BLAKE2X, 2.1), of which three words are not zero. */
function start(word0: u64, word1: v128, word2: u64): void {
  for (let k: usize = 0; k < 8; k++) v128.store(state + (k << 4), v128.load64_splat(IV + (k << 3)));
  v128.store(state, v128.xor(load128(state, 0), i64x2.splat(word0)));
  v128.store(state, v128.xor(load128(state, 1), word1), 16);
  v128.store(state, v128.xor(load128(state, 2), i64x2.splat(word2)), 32);
}

/** The 4096 bytes that the 64-byte seed gives for a counter value; `work` has 256 bytes, and nobody else's. */
export function expandSeed(dst: usize, seed: usize, counter: u64, work: usize): void {
  state = work;
  message = work + 128;
  const length = i64x2.splat(STREAM_BYTES << 32);
  // The root: 64-byte digest, 64-byte key, fan-out and depth 1; the key fills the first block.
  start(HASH_BYTES | (64 << 8) | (1 << 16) | (1 << 24), length, 0);
  memory.fill(message, 0, 128);
  memory.copy(message, seed, 64);
  compress(128, false);
  memory.fill(message, 0, 128);
  store<u64>(message, counter);
  compress(136, true);
  memory.fill(message, 0, 128);
  for (let k: usize = 0; k < 8; k++) store<u64>(message + (k << 3), load<u64>(state + (k << 4)));
  // The leaves: no key, fan-out and depth 0, leaf and inner length 64, their number as node offset.
  for (let leaf: u64 = 0; leaf < STREAM_BYTES / HASH_BYTES; leaf += 2, dst += 128) {
    const offsets = i64x2.replace_lane(i64x2.splat(leaf), 1, leaf + 1);
    start(HASH_BYTES | (HASH_BYTES << 32), v128.or(length, offsets), HASH_BYTES << 8);
    compress(HASH_BYTES, true);
    for (let k: usize = 0; k < 8; k++) {
      const w = load128(state, k);
      store<u64>(dst + (k << 3), i64x2.extract_lane(w, 0));
      store<u64>(dst + (k << 3), i64x2.extract_lane(w, 1), 64);
    }
  }
}
