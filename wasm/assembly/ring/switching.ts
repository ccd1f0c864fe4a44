// Sums of digits times a key: what a key switch is, but for the division by the special prime.

import { nextHigh, nextLow, settle } from './pointwise';

/** Bytes of a quartet of residues of both components of a key's digit: a line of the cache. */
const QUARTETS: usize = 64;

/**
 * dst0 = sum a_k b_k and dst1 = sum a_k c_k over `count` digits: `digits` are the addresses of a_k (i32). `group` and `offset` as in innerProduct, for
 * a_k as large as they become. b and c stand in one stream, `stride` bytes for four residues of all digits: of digit k those of b_k, then those of c_k. A
 * key is larger than caches: one stream is fetched ahead, many are not.
 */
export function sumDigits(
  dst0: usize, dst1: usize, digits: usize, stream: usize, stride: i32, count: i32, group: i32, offset: f64, n: i32,
  modulus: f64, reciprocal: f64,
): void {
  const p = f64x2.splat(modulus), inverse = f64x2.splat(reciprocal), start = f64x2.splat(offset);
  const last = digits + (usize(count) << 2);
  for (let i: usize = 0; i < usize(n) << 3; i += 32, stream += usize(stride)) {
    let sum0 = f64x2.splat(0), sum1 = f64x2.splat(0), sum2 = f64x2.splat(0), sum3 = f64x2.splat(0);
    let key = stream;
    for (let first = digits; first < last; ) {
      const stop = min(first + (usize(group) << 2), last);
      let high0 = start, high1 = start, high2 = start, high3 = start;
      let low0 = sum0, low1 = sum1, low2 = sum2, low3 = sum3;
      for (; first < stop; first += 4, key += QUARTETS) {
        const a = i + load<u32>(first);
        const a0 = v128.load(a), b0 = v128.load(key), c0 = v128.load(key, 32);
        const next0 = nextHigh(a0, b0, high0), next1 = nextHigh(a0, c0, high1);
        low0 = nextLow(a0, b0, f64x2.sub(next0, high0), low0);
        low1 = nextLow(a0, c0, f64x2.sub(next1, high1), low1);
        high0 = next0;
        high1 = next1;
        const a1 = v128.load(a, 16), b1 = v128.load(key, 16), c1 = v128.load(key, 48);
        const next2 = nextHigh(a1, b1, high2), next3 = nextHigh(a1, c1, high3);
        low2 = nextLow(a1, b1, f64x2.sub(next2, high2), low2);
        low3 = nextLow(a1, c1, f64x2.sub(next3, high3), low3);
        high2 = next2;
        high3 = next3;
      }
      sum0 = settle(high0, low0, start, p, inverse);
      sum1 = settle(high1, low1, start, p, inverse);
      sum2 = settle(high2, low2, start, p, inverse);
      sum3 = settle(high3, low3, start, p, inverse);
    }
    v128.store(dst0 + i, sum0);
    v128.store(dst1 + i, sum1);
    v128.store(dst0 + i, sum2, 16);
    v128.store(dst1 + i, sum3, 16);
  }
}

/** Writes a into a stream of {@link sumDigits}: four residues every `stride` bytes. */
export function intoStream(stream: usize, stride: i32, a: usize, n: i32): void {
  for (const end = a + (usize(n) << 3); a < end; a += 32, stream += usize(stride)) {
    v128.store(stream, v128.load(a));
    v128.store(stream, v128.load(a, 16), 16);
  }
}
