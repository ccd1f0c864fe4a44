// Products of replicated bits, verified as inner products modulo p = 2^61 - 1 (src/kernels/bit-claims.ts). A claim has three bits on either side, and says
// s + s' = x y' + y x' modulo 2. Claims lie in `pieces` rows; `bytes` bytes a row, a multiple of 16; pieces is a multiple of 16. Every pointer is 16-byte aligned.
//
// `mismatches` neither branches on nor addresses memory by a bit. `fold` addresses 2 KiB tables by bits: see the comment there.

const P: u64 = 0x1fffffffffffffff;

/** counts[i pieces + j] += how often the left sides of row i do not fit the right sides of row j. At most 31 vectors a row. */
export function mismatches(
  s: usize, x: usize, y: usize, t: usize, u: usize, v: usize,
  counts: usize, pieces: i32, bytes: i32,
): void {
  const row = usize(bytes);
  const all = usize(pieces) * row;
  for (let left: usize = 0; left < all; left += row) {
    for (let right: usize = 0; right < all; right += row) {
      let sum = i8x16.splat(0);
      for (let at: usize = 0; at < row; at += 16) {
        const l = left + at;
        const r = right + at;
        const crossed = v128.xor(
          v128.and(v128.load(x + l), v128.load(v + r)),
          v128.and(v128.load(y + l), v128.load(u + r)),
        );
        const wrong = v128.xor(v128.xor(v128.load(s + l), v128.load(t + r)), crossed);
        sum = i8x16.add(sum, i8x16.popcnt(wrong));
      }
      const wide = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(sum));
      const total = i32x4.extract_lane(wide, 0) + i32x4.extract_lane(wide, 1)
        + i32x4.extract_lane(wide, 2) + i32x4.extract_lane(wide, 3);
      store<i32>(counts, load<i32>(counts) + total);
      counts += 4;
    }
  }
}

/** s mod p, canonical, of s below 2^64. */
// @ts-ignore: decorator
@inline
function reduce(s: u64): u64 {
  const folded = (s & P) + (s >> 61);
  return (folded + ((folded + 1) >> 61)) & P;
}

/** For every eight pieces, and every choice of signs of theirs (1 is minus): the sum of their factors with these signs. */
export function buildTables(factors: usize, tables: usize, pieces: i32): void {
  for (let group = 0; group < pieces; group += 8) {
    let sum: u64 = 0;
    for (let i = 0; i < 8; i++) sum = reduce(sum + load<u64>(factors + (usize(group + i) << 3)));
    store<u64>(tables, sum);
    for (let signs = 1; signs < 256; signs++) {
      const before = load<u64>(tables + (usize(signs & (signs - 1)) << 3));
      const factor = load<u64>(factors + (usize(group + ctz(signs)) << 3));
      store<u64>(tables + (usize(signs) << 3), reduce(before + 2 * (P - factor)));
    }
    tables += 2048;
  }
}

/** Byte q of every row, one after the other: out[q pieces + i] = rows[i bytes + q]. */
function interleave(rows: usize, out: usize, pieces: i32, bytes: i32): void {
  for (let i = 0; i < pieces; i++) {
    let to = out + usize(i);
    for (let q = 0; q < bytes; q++) {
      store<u8>(to, load<u8>(rows));
      rows += 1;
      to += usize(pieces);
    }
  }
}

/** Adds, at each of eight places, what the tables say of the signs of 16 pieces, a byte each. */
// @ts-ignore: decorator
@inline
function addSigned(signs: v128, tables: usize, out: usize): void {
  for (let bit = 7; bit >= 0; bit--) {
    const mask = usize(i8x16.bitmask(signs));
    const low = load<u64>(tables + ((mask & 255) << 3));
    const high = load<u64>(tables + ((mask >> 8) << 3), 2048);
    const place = out + (usize(bit) << 3);
    store<u64>(place, load<u64>(place) + low + high);
    signs = i8x16.shl(signs, 1);
  }
}

/**
 * The four signs of a side, s + (x or y), s + (not x and y), s + (x and not y), s + (x and y), where 1 is minus, each summed over the pieces with their factors: out[c 8 bytes + place]. Of the first
 * sign the opposite where flip = -1. What is looked up are bits of shares that one party has: who sees which memory this addresses learns of them what a corrupted party knows.
 * scratch: 3 pieces bytes. pieces at most 64: sums stay below 2^64.
 */
export function fold(
  s: usize, x: usize, y: usize, flip: i32, tables: usize, scratch: usize, out: usize, pieces: i32, bytes: i32,
): void {
  const size = usize(pieces) * usize(bytes);
  interleave(s, scratch, pieces, bytes);
  interleave(x, scratch + size, pieces, bytes);
  interleave(y, scratch + 2 * size, pieces, bytes);
  const places = usize(bytes) << 6;
  memory.fill(out, 0, 4 * places);
  const flips = i8x16.splat(i8(flip));
  for (let q = 0; q < bytes; q++) {
    const to = out + (usize(q) << 6);
    for (let piece = 0; piece < pieces; piece += 16) {
      const a = v128.load(scratch);
      const b = v128.load(scratch + size);
      const c = v128.load(scratch + 2 * size);
      const table = tables + (usize(piece) << 8);
      addSigned(v128.xor(v128.xor(a, flips), v128.or(b, c)), table, to);
      addSigned(v128.xor(a, v128.andnot(c, b)), table, to + places);
      addSigned(v128.xor(a, v128.andnot(b, c)), table, to + 2 * places);
      addSigned(v128.xor(a, v128.and(b, c)), table, to + 3 * places);
      scratch += 16;
    }
  }
  for (let at: usize = 0; at < 4 * places; at += 8) store<u64>(out + at, reduce(load<u64>(out + at)));
}
