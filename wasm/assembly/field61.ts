// Arithmetic modulo the Mersenne prime p = 2^61 - 1 over whole vectors. An element is one little-endian u64,
// canonical in [0, p). No instruction below branches on, or addresses memory by, a value of an element.
//
// The caller owns the memory: every pointer is 16-byte aligned, and every region is as long as stated, rounded up to
// four elements, since four are done at a time.

const P: i64 = 0x1fffffffffffffff;
const LOW29: i64 = 0x1fffffff;

// @ts-ignore: decorator
@inline
function splat(value: i64): v128 {
  return i64x2.splat(value);
}

/** s mod p, in [0, 2^61 + 6], for s below 2^64. */
// @ts-ignore: decorator
@inline
function fold(s: v128): v128 {
  return i64x2.add(v128.and(s, splat(P)), i64x2.shr_u(s, 61));
}

/** The canonical form of s in [0, 2p): s + 1 reaches 2^61 exactly where s reaches p. */
// @ts-ignore: decorator
@inline
function canonical(s: v128): v128 {
  const carry = i64x2.shr_u(i64x2.add(s, splat(1)), 61);
  return v128.and(i64x2.add(s, carry), splat(P));
}

/**
 * a b mod p, below 2^63, from a = a0 + 2^32 a1 and b alike: a0 b0 + 2^32 (a0 b1 + a1 b0) + 2^64 a1 b1, where 2^64 = 8 and
 * 2^32 m = 2^32 (m mod 2^29) + (m div 2^29). The sum is at most 2^61 + 7 + 2^61 + 2^33 + 2^61.
 */
// @ts-ignore: decorator
@inline
function combineProducts(low: v128, mid: v128, high: v128): v128 {
  const shifted = i64x2.shl(v128.and(mid, splat(LOW29)), 32);
  const folded = i64x2.add(fold(low), i64x2.shr_u(mid, 29));
  return i64x2.add(i64x2.add(folded, shifted), i64x2.shl(high, 3));
}

// @ts-ignore: decorator
@inline
function lowHalves(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function highHalves(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 1, 3, 5, 7);
}

// @ts-ignore: decorator
@inline
function productLow(a0: v128, a1: v128, b0: v128, b1: v128): v128 {
  const mid = i64x2.add(i64x2.extmul_low_i32x4_u(a0, b1), i64x2.extmul_low_i32x4_u(a1, b0));
  return combineProducts(i64x2.extmul_low_i32x4_u(a0, b0), mid, i64x2.extmul_low_i32x4_u(a1, b1));
}

// @ts-ignore: decorator
@inline
function productHigh(a0: v128, a1: v128, b0: v128, b1: v128): v128 {
  const mid = i64x2.add(i64x2.extmul_high_i32x4_u(a0, b1), i64x2.extmul_high_i32x4_u(a1, b0));
  return combineProducts(i64x2.extmul_high_i32x4_u(a0, b0), mid, i64x2.extmul_high_i32x4_u(a1, b1));
}

/** out[i] = a[i] + b[i]. */
export function add(a: usize, b: usize, out: usize, n: i32): void {
  for (let i = 0; i < n; i += 2) {
    v128.store(out, canonical(i64x2.add(v128.load(a), v128.load(b))));
    a += 16;
    b += 16;
    out += 16;
  }
}

/** out[i] = a[i] - b[i] = a[i] + (p - b[i]). */
export function sub(a: usize, b: usize, out: usize, n: i32): void {
  for (let i = 0; i < n; i += 2) {
    v128.store(out, canonical(i64x2.add(v128.load(a), i64x2.sub(splat(P), v128.load(b)))));
    a += 16;
    b += 16;
    out += 16;
  }
}

/** out[i] = a[i] b[i]. */
export function mul(a: usize, b: usize, out: usize, n: i32): void {
  for (let i = 0; i < n; i += 4) {
    const x = v128.load(a);
    const y = v128.load(a, 16);
    const z = v128.load(b);
    const w = v128.load(b, 16);
    const a0 = lowHalves(x, y);
    const a1 = highHalves(x, y);
    const b0 = lowHalves(z, w);
    const b1 = highHalves(z, w);
    v128.store(out, canonical(fold(productLow(a0, a1, b0, b1))));
    v128.store(out, canonical(fold(productHigh(a0, a1, b0, b1))), 16);
    a += 32;
    b += 32;
    out += 32;
  }
}

/** out[i] += c a[i] for the one element stored at c. */
export function scaleAdd(a: usize, c: usize, out: usize, n: i32): void {
  const factor = load<u64>(c);
  const c0 = i32x4.splat(i32(factor));
  const c1 = i32x4.splat(i32(factor >> 32));
  for (let i = 0; i < n; i += 4) {
    const x = v128.load(a);
    const y = v128.load(a, 16);
    const a0 = lowHalves(x, y);
    const a1 = highHalves(x, y);
    // Below 2^63 + 2^61.
    v128.store(out, canonical(fold(i64x2.add(productLow(a0, a1, c0, c1), v128.load(out)))));
    v128.store(out, canonical(fold(i64x2.add(productHigh(a0, a1, c0, c1), v128.load(out, 16)))), 16);
    a += 32;
    out += 32;
  }
}

/** One Horner step: out[i] = x out[i] + a[i] for a public integer x below 2^31. */
export function horner(a: usize, x: u32, out: usize, n: i32): void {
  const x0 = i32x4.splat(i32(x));
  const x1 = i32x4.splat(0);
  for (let i = 0; i < n; i += 4) {
    const y = v128.load(out);
    const z = v128.load(out, 16);
    const y0 = lowHalves(y, z);
    const y1 = highHalves(y, z);
    v128.store(out, canonical(fold(i64x2.add(productLow(y0, y1, x0, x1), v128.load(a)))));
    v128.store(out, canonical(fold(i64x2.add(productHigh(y0, y1, x0, x1), v128.load(a, 16)))), 16);
    a += 16 * 2;
    out += 16 * 2;
  }
}

/** Adds sum_i a[i] b[i] to the element at out. Padding of either operand is zero. */
export function dot(a: usize, b: usize, out: usize, n: i32): void {
  let even = splat(0);
  let odd = splat(0);
  for (let i = 0; i < n; i += 4) {
    const x = v128.load(a);
    const y = v128.load(a, 16);
    const z = v128.load(b);
    const w = v128.load(b, 16);
    const a0 = lowHalves(x, y);
    const a1 = highHalves(x, y);
    const b0 = lowHalves(z, w);
    const b1 = highHalves(z, w);
    // Each sum stays below 2^62: what is added is below 2^63, and folding leaves at most 2^61 + 6.
    even = fold(i64x2.add(even, productLow(a0, a1, b0, b1)));
    odd = fold(i64x2.add(odd, productHigh(a0, a1, b0, b1)));
    a += 32;
    b += 32;
  }
  const sum = fold(i64x2.add(even, odd));
  const total = u64(i64x2.extract_lane(sum, 0)) + u64(i64x2.extract_lane(sum, 1)) + load<u64>(out);
  const folded = (total & u64(P)) + (total >> 61);
  store<u64>(out, (folded + ((folded + 1) >> 61)) & u64(P));
}

/** out[i] = the low `bits` of a[i], reduced: bits = 61 makes an element of 61 random bits (p itself becomes 0). */
export function lowBits(a: usize, bits: i32, out: usize, n: i32): void {
  const mask = splat(bits >= 61 ? P : (i64(1) << bits) - 1);
  for (let i = 0; i < n; i += 2) {
    v128.store(out, canonical(v128.and(v128.load(a), mask)));
    a += 16;
    out += 16;
  }
}

/** out[i] = a[i] >> shift, as an integer. */
export function shiftRight(a: usize, shift: i32, out: usize, n: i32): void {
  for (let i = 0; i < n; i += 2) {
    v128.store(out, i64x2.shr_u(v128.load(a), shift));
    a += 16;
    out += 16;
  }
}

/** out[i] = c where bit i (of the bytes at a) is 1, p - c where it is 0; c canonical. */
export function signs(a: usize, c: usize, out: usize, n: i32): void {
  const factor = load<u64>(c);
  const negative = factor == 0 ? 0 : u64(P) - factor;
  const toggle = factor ^ negative;
  for (let i = 0; i < n; i += 8) {
    const bits = u64(load<u8>(a + usize(i >> 3)));
    for (let k = 0; k < 8; k++) {
      store<u64>(out + (usize(i + k) << 3), negative ^ (toggle & (0 - ((bits >> k) & 1))));
    }
  }
}

/**
 * The terms of a comparison (Damgard, Geisler, Kroigaard, "Efficient and secure comparison for on-line auctions", ACISP
 * 2007) of public c with shared bits b, most significant last, for `count` elements side by side:
 *
 *   e_i = s + c_i - b_i + 3 sum_{j > i} (c_j xor b_j),  i = bits-1..0,   e_bits = s + 1 + 3 sum_j (c_j xor b_j),
 *
 * where the last stands for 2c + 1 against 2b, so that the two are never equal. b: `bits` rows of `count`; c: 16 bytes an
 * element; s: count; out: bits + 1 rows of count. `one` is the share of 1, which is 1.
 */
export function comparisonTerms(b: usize, c: usize, s: usize, out: usize, count: i32, bits: i32): void {
  const row = usize(count) << 3;
  for (let e = 0; e < count; e++) {
    const at = usize(e) << 3;
    const lo = load<u64>(c + 2 * at);
    const hi = load<u64>(c + 2 * at, 8);
    const sign = load<u64>(s + at);
    let higher: u64 = 0;
    for (let i = bits - 1; i >= 0; i--) {
      const ci = ((i < 64 ? lo >> i : hi >> (i - 64)) & 1);
      const bi = load<u64>(b + usize(i) * row + at);
      const minus = u64(P) - bi;
      // s + c_i - b_i + higher: four terms of at most p.
      let term = sign + ci + minus + higher;
      term = (term & u64(P)) + (term >> 61);
      store<u64>(out + usize(i) * row + at, (term + ((term + 1) >> 61)) & u64(P));
      // c xor b = b or 1 - b. c is public.
      const difference = ci ? minus + 1 : bi;
      const more = higher + 3 * difference;
      higher = (more & u64(P)) + (more >> 61);
    }
    let last = sign + 1 + higher;
    last = (last & u64(P)) + (last >> 61);
    store<u64>(out + usize(bits) * row + at, (last + ((last + 1) >> 61)) & u64(P));
  }
}

/**
 * out = F X for a `rows` x `cols` matrix F and a `cols` x `stride` matrix X; stride is a multiple of 4 and out is zero
 * beforehand.
 */
export function combineRows(f: usize, x: usize, out: usize, rows: i32, cols: i32, stride: i32): void {
  const row = usize(stride) << 3;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      scaleAdd(x + usize(c) * row, f, out, stride);
      f += 8;
    }
    out += row;
  }
}
