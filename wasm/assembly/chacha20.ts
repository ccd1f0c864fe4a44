// The key stream of ChaCha20 (Bernstein 2008; RFC 8439), four blocks at a time. Word r of the four states is one vector. No
// instruction branches on, or addresses memory by, the key.

// @ts-ignore: decorator
@inline
function rotl(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits));
}

// @ts-ignore: decorator
@inline
function rotl16(x: v128): v128 {
  return v128.shuffle<u8>(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}

// @ts-ignore: decorator
@inline
function rotl8(x: v128): v128 {
  return v128.shuffle<u8>(x, x, 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14);
}

/** Stores words 4j .. 4j+3 of four blocks, given by rows, at 16 j of each block. */
// @ts-ignore: decorator
@inline
function storeTransposed(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<i64>(ab0, cd0, 0, 2));
  v128.store(out, v128.shuffle<i64>(ab0, cd0, 1, 3), 64);
  v128.store(out, v128.shuffle<i64>(ab1, cd1, 0, 2), 128);
  v128.store(out, v128.shuffle<i64>(ab1, cd1, 1, 3), 192);
}

/**
 * Blocks `counter` to counter + blocks - 1 of the key at `key` (32 bytes), nonce zero; blocks is a multiple of 4. Words 12 and 13 are the
 * 64-bit counter of the original; below 2^32 this is RFC 8439.
 */
export function keyStream(key: usize, counter: u64, out: usize, blocks: i32): void {
  const c0 = i32x4.splat(0x61707865);
  const c1 = i32x4.splat(0x3320646e);
  const c2 = i32x4.splat(0x79622d32);
  const c3 = i32x4.splat(0x6b206574);
  for (let block = 0; block < blocks; block += 4) {
    const n = counter + u64(block);
    const n1 = n + 1;
    const n2 = n + 2;
    const n3 = n + 3;
    const s12 = i32x4.replace_lane(
      i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(i32(n)), 1, i32(n1)), 2, i32(n2)), 3, i32(n3));
    const s13 = i32x4.replace_lane(
      i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(i32(n >> 32)), 1, i32(n1 >> 32)), 2, i32(n2 >> 32)), 3, i32(n3 >> 32));
    let x0 = c0;
    let x1 = c1;
    let x2 = c2;
    let x3 = c3;
    let x4 = v128.load32_splat(key, 0);
    let x5 = v128.load32_splat(key, 4);
    let x6 = v128.load32_splat(key, 8);
    let x7 = v128.load32_splat(key, 12);
    let x8 = v128.load32_splat(key, 16);
    let x9 = v128.load32_splat(key, 20);
    let x10 = v128.load32_splat(key, 24);
    let x11 = v128.load32_splat(key, 28);
    let x12 = s12;
    let x13 = s13;
    let x14 = i32x4.splat(0);
    let x15 = i32x4.splat(0);
    for (let round = 0; round < 10; round++) {
      x0 = i32x4.add(x0, x4); x12 = rotl16(v128.xor(x12, x0));
      x1 = i32x4.add(x1, x5); x13 = rotl16(v128.xor(x13, x1));
      x2 = i32x4.add(x2, x6); x14 = rotl16(v128.xor(x14, x2));
      x3 = i32x4.add(x3, x7); x15 = rotl16(v128.xor(x15, x3));
      x8 = i32x4.add(x8, x12); x4 = rotl(v128.xor(x4, x8), 12);
      x9 = i32x4.add(x9, x13); x5 = rotl(v128.xor(x5, x9), 12);
      x10 = i32x4.add(x10, x14); x6 = rotl(v128.xor(x6, x10), 12);
      x11 = i32x4.add(x11, x15); x7 = rotl(v128.xor(x7, x11), 12);
      x0 = i32x4.add(x0, x4); x12 = rotl8(v128.xor(x12, x0));
      x1 = i32x4.add(x1, x5); x13 = rotl8(v128.xor(x13, x1));
      x2 = i32x4.add(x2, x6); x14 = rotl8(v128.xor(x14, x2));
      x3 = i32x4.add(x3, x7); x15 = rotl8(v128.xor(x15, x3));
      x8 = i32x4.add(x8, x12); x4 = rotl(v128.xor(x4, x8), 7);
      x9 = i32x4.add(x9, x13); x5 = rotl(v128.xor(x5, x9), 7);
      x10 = i32x4.add(x10, x14); x6 = rotl(v128.xor(x6, x10), 7);
      x11 = i32x4.add(x11, x15); x7 = rotl(v128.xor(x7, x11), 7);

      x0 = i32x4.add(x0, x5); x15 = rotl16(v128.xor(x15, x0));
      x1 = i32x4.add(x1, x6); x12 = rotl16(v128.xor(x12, x1));
      x2 = i32x4.add(x2, x7); x13 = rotl16(v128.xor(x13, x2));
      x3 = i32x4.add(x3, x4); x14 = rotl16(v128.xor(x14, x3));
      x10 = i32x4.add(x10, x15); x5 = rotl(v128.xor(x5, x10), 12);
      x11 = i32x4.add(x11, x12); x6 = rotl(v128.xor(x6, x11), 12);
      x8 = i32x4.add(x8, x13); x7 = rotl(v128.xor(x7, x8), 12);
      x9 = i32x4.add(x9, x14); x4 = rotl(v128.xor(x4, x9), 12);
      x0 = i32x4.add(x0, x5); x15 = rotl8(v128.xor(x15, x0));
      x1 = i32x4.add(x1, x6); x12 = rotl8(v128.xor(x12, x1));
      x2 = i32x4.add(x2, x7); x13 = rotl8(v128.xor(x13, x2));
      x3 = i32x4.add(x3, x4); x14 = rotl8(v128.xor(x14, x3));
      x10 = i32x4.add(x10, x15); x5 = rotl(v128.xor(x5, x10), 7);
      x11 = i32x4.add(x11, x12); x6 = rotl(v128.xor(x6, x11), 7);
      x8 = i32x4.add(x8, x13); x7 = rotl(v128.xor(x7, x8), 7);
      x9 = i32x4.add(x9, x14); x4 = rotl(v128.xor(x4, x9), 7);
    }
    storeTransposed(out, i32x4.add(x0, c0), i32x4.add(x1, c1), i32x4.add(x2, c2), i32x4.add(x3, c3));
    storeTransposed(
      out + 16,
      i32x4.add(x4, v128.load32_splat(key, 0)),
      i32x4.add(x5, v128.load32_splat(key, 4)),
      i32x4.add(x6, v128.load32_splat(key, 8)),
      i32x4.add(x7, v128.load32_splat(key, 12)),
    );
    storeTransposed(
      out + 32,
      i32x4.add(x8, v128.load32_splat(key, 16)),
      i32x4.add(x9, v128.load32_splat(key, 20)),
      i32x4.add(x10, v128.load32_splat(key, 24)),
      i32x4.add(x11, v128.load32_splat(key, 28)),
    );
    storeTransposed(out + 48, i32x4.add(x12, s12), i32x4.add(x13, s13), x14, x15);
    out += 256;
  }
}
