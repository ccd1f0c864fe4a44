// Arithmetic modulo the Mersenne prime p = 2^127 - 1 over whole vectors. An element is two little-endian u64
// limbs (lo, hi), canonical in [0, p). No instruction below branches on, or addresses memory by, a value of
// an element.
//
// The caller owns the memory: every pointer is 16-byte aligned and every region is as long as stated.

const LOW26: i64 = (1 << 26) - 1;
const LOW32: u64 = 0xffffffff;
const HIGH_MASK: u64 = 0x7fffffffffffffff;

/** Columns of a matrix that are summed before a carry (in groups of four): see matVec. */
const GROUPS_PER_CHUNK: i32 = 128;

/**
 * Stores lo + 2^64 hi mod p. Precondition: the value is at most 2p. One fold of bit 127 (2^127 = 1 mod p)
 * leaves a value in [0, p]; p itself then becomes 0.
 */
// @ts-ignore: decorator
@inline
function storeReduced(out: usize, lo: u64, hi: u64): void {
  const top = hi >> 63;
  const low = lo + top;
  const high = (hi & HIGH_MASK) + u64(low < top);
  const keep = u64((low == u64.MAX_VALUE) & (high == HIGH_MASK)) - 1;
  store<u64>(out, low & keep);
  store<u64>(out, high & keep, 8);
}

/** out[i] = a[i] + b[i]. */
export function add(a: usize, b: usize, out: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const lo = load<u64>(a) + load<u64>(b);
    const hi = load<u64>(a, 8) + load<u64>(b, 8) + u64(lo < load<u64>(b));
    storeReduced(out, lo, hi);
    a += 16;
    b += 16;
    out += 16;
  }
}

/** out[i] = a[i] - b[i] = a[i] + (p - b[i]), where p - b is b with its 127 bits inverted. */
export function sub(a: usize, b: usize, out: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const bLo = ~load<u64>(b);
    const lo = load<u64>(a) + bLo;
    const hi = load<u64>(a, 8) + (load<u64>(b, 8) ^ HIGH_MASK) + u64(lo < bLo);
    storeReduced(out, lo, hi);
    a += 16;
    b += 16;
    out += 16;
  }
}

/**
 * Stores (s + c) mod p for s = lo + 2^64 hi at most 2p and c canonical: folding s once leaves at most p, so
 * that the sum is again at most 2p.
 */
// @ts-ignore: decorator
@inline
function storeSum(out: usize, lo: u64, hi: u64, cLo: u64, cHi: u64): void {
  const top = hi >> 63;
  const low = lo + top;
  const sumLo = low + cLo;
  storeReduced(out, sumLo, (hi & HIGH_MASK) + u64(low < top) + cHi + u64(sumLo < cLo));
}

/** out = a b mod p + c mod p, schoolbook on 32-bit digits. out may be any of the operands' addresses. */
// @ts-ignore: decorator
@inline
function storeMulAdd(out: usize, aLo: u64, aHi: u64, bLo: u64, bHi: u64, cLo: u64, cHi: u64): void {
  const a0 = aLo & LOW32;
  const a1 = aLo >> 32;
  const a2 = aHi & LOW32;
  const a3 = aHi >> 32;
  const b0 = bLo & LOW32;
  const b1 = bLo >> 32;
  const b2 = bHi & LOW32;
  const b3 = bHi >> 32;
  // Digit-product x plus two digits never exceeds 2^64 - 1: (2^32 - 1)^2 + 2 (2^32 - 1) = 2^64 - 1.
  let t = a0 * b0;
  const r0 = t & LOW32;
  t = a1 * b0 + (t >> 32);
  let r1 = t & LOW32;
  t = a2 * b0 + (t >> 32);
  let r2 = t & LOW32;
  t = a3 * b0 + (t >> 32);
  let r3 = t & LOW32;
  let r4 = t >> 32;

  t = a0 * b1 + r1;
  r1 = t & LOW32;
  t = a1 * b1 + r2 + (t >> 32);
  r2 = t & LOW32;
  t = a2 * b1 + r3 + (t >> 32);
  r3 = t & LOW32;
  t = a3 * b1 + r4 + (t >> 32);
  r4 = t & LOW32;
  let r5 = t >> 32;

  t = a0 * b2 + r2;
  r2 = t & LOW32;
  t = a1 * b2 + r3 + (t >> 32);
  r3 = t & LOW32;
  t = a2 * b2 + r4 + (t >> 32);
  r4 = t & LOW32;
  t = a3 * b2 + r5 + (t >> 32);
  r5 = t & LOW32;
  let r6 = t >> 32;

  t = a0 * b3 + r3;
  r3 = t & LOW32;
  t = a1 * b3 + r4 + (t >> 32);
  r4 = t & LOW32;
  t = a2 * b3 + r5 + (t >> 32);
  r5 = t & LOW32;
  t = a3 * b3 + r6 + (t >> 32);
  r6 = t & LOW32;
  const r7 = t >> 32;

  // product = low + 2^127 high with low <= p and high <= p - 3, so low + high <= 2p.
  const lowLo = r0 | (r1 << 32);
  const lowHi = r2 | ((r3 & 0x7fffffff) << 32);
  const highLo = (r3 >> 31) | (r4 << 1) | (r5 << 33);
  const highHi = (r5 >> 31) | (r6 << 1) | (r7 << 33);
  const lo = lowLo + highLo;
  storeSum(out, lo, lowHi + highHi + u64(lo < highLo), cLo, cHi);
}

/** out[i] = a[i] b[i]. */
export function mul(a: usize, b: usize, out: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    storeMulAdd(out, load<u64>(a), load<u64>(a, 8), load<u64>(b), load<u64>(b, 8), 0, 0);
    a += 16;
    b += 16;
    out += 16;
  }
}

/** out[i] += c a[i] for the one element stored at c. */
export function scaleAdd(a: usize, c: usize, out: usize, n: i32): void {
  const cLo = load<u64>(c);
  const cHi = load<u64>(c, 8);
  for (let i = 0; i < n; i++) {
    storeMulAdd(out, load<u64>(a), load<u64>(a, 8), cLo, cHi, load<u64>(out), load<u64>(out, 8));
    a += 16;
    out += 16;
  }
}

/** Adds sum_i a[i] b[i] to the element at out. */
export function dot(a: usize, b: usize, out: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    storeMulAdd(out, load<u64>(a), load<u64>(a, 8), load<u64>(b), load<u64>(b, 8), load<u64>(out), load<u64>(out, 8));
    a += 16;
    b += 16;
  }
}

/** out[i] = the low `bits` of a[i], reduced: bits = 127 makes an element of 127 random bits (p itself becomes 0). */
export function lowBits(a: usize, bits: i32, out: usize, n: i32): void {
  const low: u64 = bits >= 64 ? u64.MAX_VALUE : (u64(1) << bits) - 1;
  const high: u64 = bits <= 64 ? 0 : (u64(1) << (bits - 64)) - 1;
  for (let i = 0; i < n; i++) {
    storeReduced(out, load<u64>(a) & low, load<u64>(a, 8) & high);
    a += 16;
    out += 16;
  }
}

/** out[i] = a[i] >> shift, as an integer. */
export function shiftRight(a: usize, shift: i32, out: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const lo = load<u64>(a);
    const hi = load<u64>(a, 8);
    const low: u64 = shift >= 64 ? hi >> (shift - 64) : shift == 0 ? lo : (lo >> shift) | (hi << (64 - shift));
    store<u64>(out, low);
    store<u64>(out, shift >= 64 ? 0 : hi >> shift, 8);
    a += 16;
    out += 16;
  }
}

/** out[i] = c where bit i (of the bytes at a) is 1, p - c where it is 0; c canonical and not zero. */
export function signs(a: usize, c: usize, out: usize, n: i32): void {
  const lo = load<u64>(c);
  const hi = load<u64>(c, 8);
  for (let i = 0; i < n; i++) {
    // p - c inverts the 127 bits of c.
    const invert = u64((load<u8>(a + usize(i >> 3)) >> (i & 7)) & 1) - 1;
    storeReduced(out + (usize(i) << 4), lo ^ invert, hi ^ (invert & HIGH_MASK));
  }
}

/** One Horner step: out[i] = x out[i] + a[i] for a public integer x below 2^31. */
export function horner(a: usize, x: u32, out: usize, n: i32): void {
  const factor = u64(x);
  for (let i = 0; i < n; i++) {
    const yLo = load<u64>(out);
    const yHi = load<u64>(out, 8);
    const t0 = (yLo & LOW32) * factor;
    const t1 = (yLo >> 32) * factor + (t0 >> 32);
    const t2 = (yHi & LOW32) * factor + (t1 >> 32);
    const t3 = (yHi >> 32) * factor + (t2 >> 32);
    // y x = low + 2^127 (t3 >> 31), with a carry below 2^31: low + carry <= 2p.
    const carry = t3 >> 31;
    const lo = ((t0 & LOW32) | (t1 << 32)) + carry;
    const hi = (t2 & LOW32) | ((t3 & 0x7fffffff) << 32);
    storeSum(out, lo, hi + u64(lo < carry), load<u64>(a), load<u64>(a, 8));
    a += 16;
    out += 16;
  }
}

/**
 * Stores integers, given as doubles with |v| <= 2^52, as matVec reads them: v = v0 + 2^26 v1 with v0 in [0,
 * 2^26) and v1 in [-2^26, 2^26], a group of four columns being four i32 of v0 and then four of v1. The
 * destination (32 bytes a group) is zero beforehand, which pads the last group.
 */
export function packRow(source: usize, out: usize, cols: i32): void {
  for (let c = 0; c < cols; c++) {
    const v = i64(load<f64>(source + (usize(c) << 3)));
    const at = out + (usize(c >> 2) << 5) + (usize(c & 3) << 2);
    store<i32>(at, i32(v & LOW26));
    store<i32>(at, i32(v >> 26), 16);
  }
}

/**
 * Splits field elements into five 26-bit digits, four elements a group of 80 bytes: digit k at 16 k. Padding
 * as above.
 */
export function packVector(source: usize, out: usize, n: i32): void {
  for (let c = 0; c < n; c++) {
    const lo = load<u64>(source);
    const hi = load<u64>(source, 8);
    const at = out + usize(c >> 2) * 80 + (usize(c & 3) << 2);
    store<u32>(at, u32(lo & LOW26));
    store<u32>(at, u32((lo >> 26) & LOW26), 16);
    store<u32>(at, u32(((lo >> 52) | (hi << 12)) & LOW26), 32);
    store<u32>(at, u32((hi >> 14) & LOW26), 48);
    store<u32>(at, u32(hi >> 40), 64);
    source += 16;
  }
}

// @ts-ignore: decorator
@inline
function mulAddLanes(sum: v128, a: v128, b: v128): v128 {
  return i64x2.add(i64x2.add(sum, i64x2.extmul_low_i32x4_s(a, b)), i64x2.extmul_high_i32x4_s(a, b));
}

// @ts-ignore: decorator
@inline
function sumLanes(s: v128): i64 {
  return i64x2.extract_lane(s, 0) + i64x2.extract_lane(s, 1);
}

/**
 * out = out + (lo + 2^64 hi) mod p, where out is canonical and the value at most p + 1: together at most 2p.
 */
// @ts-ignore: decorator
@inline
function addTo(out: usize, lo: u64, hi: u64): void {
  const sumLo = load<u64>(out) + lo;
  storeReduced(out, sumLo, load<u64>(out, 8) + hi + u64(sumLo < lo));
}

/**
 * Adds sum_k s_k 2^(26 k), k = 0..5, to the element at out. Precondition: |s_k| < 2^62, so that a carry
 * (below 2^37) cannot overflow the next digit.
 */
function foldDigits(out: usize, s0: i64, s1: i64, s2: i64, s3: i64, s4: i64, s5: i64): void {
  s1 += s0 >> 26;
  s2 += s1 >> 26;
  s3 += s2 >> 26;
  s4 += s3 >> 26;
  s5 += s4 >> 26;
  const r1 = u64(s1 & LOW26);
  const r2 = u64(s2 & LOW26);
  const r4 = u64(s4 & LOW26);
  // Digits 0..4 hold 130 bits: bits 0..126 are at most p; bits 127..129 weigh 1, 2, 4 since 2^127 = 1 mod p.
  addTo(out, u64(s0 & LOW26) | (r1 << 26) | (r2 << 52), (r2 >> 12) | (u64(s3 & LOW26) << 14) | ((r4 & 0x7fffff) << 40));
  addTo(out, r4 >> 23, 0);
  // s5 2^130 = 8 s5 mod p. Add 8 u with u = s5 + 2^62 + 2^37 >= 0, then take the offset 2^65 + 2^40 off again
  // by adding p minus it, so that the sign of s5 needs no branch.
  const u = u64(s5 + 0x4000002000000000);
  addTo(out, u << 3, u >> 61);
  addTo(out, 0xfffffeffffffffff, HIGH_MASK ^ 2);
}

/**
 * out[r] = sum_c M[r][c] x[c] mod p for `rows` rows packed by packRow and a vector packed by packVector.
 *
 * Growth: with radix 2^26, digit column k collects v0 x_k + v1 x_(k-1), and |v0 x_k + v1 x_(k-1)| <= (2^26 -
 * 1)(2^26 - 1) + 2^26 (2^26 - 1) < 2^53. A chunk of 4 x 128 = 512 columns therefore stays below 2^62 in each
 * 64-bit sum (both lanes together), which is what foldDigits needs; then the sums are carried and reduced.
 */
export function matVec(m: usize, x: usize, out: usize, rows: i32, groups: i32): void {
  for (let r = 0; r < rows; r++) {
    store<u64>(out, 0);
    store<u64>(out, 0, 8);
    let px = x;
    let left = groups;
    while (left > 0) {
      const chunk = min(left, GROUPS_PER_CHUNK);
      left -= chunk;
      let s0 = i64x2.splat(0);
      let s1 = i64x2.splat(0);
      let s2 = i64x2.splat(0);
      let s3 = i64x2.splat(0);
      let s4 = i64x2.splat(0);
      let s5 = i64x2.splat(0);
      for (let g = 0; g < chunk; g++) {
        const v0 = v128.load(m);
        const v1 = v128.load(m, 16);
        const x0 = v128.load(px);
        s0 = mulAddLanes(s0, v0, x0);
        s1 = mulAddLanes(s1, v1, x0);
        const x1 = v128.load(px, 16);
        s1 = mulAddLanes(s1, v0, x1);
        s2 = mulAddLanes(s2, v1, x1);
        const x2 = v128.load(px, 32);
        s2 = mulAddLanes(s2, v0, x2);
        s3 = mulAddLanes(s3, v1, x2);
        const x3 = v128.load(px, 48);
        s3 = mulAddLanes(s3, v0, x3);
        s4 = mulAddLanes(s4, v1, x3);
        const x4 = v128.load(px, 64);
        s4 = mulAddLanes(s4, v0, x4);
        s5 = mulAddLanes(s5, v1, x4);
        m += 32;
        px += 80;
      }
      foldDigits(out, sumLanes(s0), sumLanes(s1), sumLanes(s2), sumLanes(s3), sumLanes(s4), sumLanes(s5));
    }
    out += 16;
  }
}

/** out = F X for a `rows` x `cols` matrix F and a `cols` x `stride` matrix X; out is zero beforehand. */
export function combineRows(f: usize, x: usize, out: usize, rows: i32, cols: i32, stride: i32): void {
  const row = usize(stride) << 4;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      scaleAdd(x + usize(c) * row, f, out, stride);
      f += 16;
    }
    out += row;
  }
}
