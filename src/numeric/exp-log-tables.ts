/**
 * Tables for an exponential and a logarithm that a compiler can inline into a loop: Math.exp and Math.log are calls
 * of about 10 ns each in V8, which is half the cost of an option. Table-driven reduction after P. T. P. Tang,
 * "Table-driven implementation of the exponential function in IEEE floating-point arithmetic", ACM Trans. Math.
 * Softw. 15 (1989), 144-157, and "... of the logarithm function ...", 16 (1990), 378-400.
 *
 * The loops read these arrays through constants of their own module, which is what lets V8 fold the addresses.
 */

/** 2^(j/128) for j = 0..127, each correctly rounded. */
export const EXP2_FRACTIONS: Float64Array = exp2Fractions();

/** 2^(k - 1200) for k = 0..2223: zero up to entry 125, subnormal up to 177, the last is 2^1023. */
export const POWERS_OF_TWO: Float64Array = Float64Array.from({ length: 2224 }, (_, k) => 2 ** (k - 1200));

/** Three numbers for each of 128 intervals of the significand in [0.6875, 1.375): c, 1/c, ln c, each correctly rounded. */
export const LOG_CENTRES: Float64Array = logCentres();

function exp2Fractions(): Float64Array {
  // Fixed point with 120 bits: seven square roots of 2, then powers of the last.
  const one = 1n << 120n;
  let root = 2n * one;
  for (let i = 0; i < 7; i++) root = integerSqrt(root * one);
  const table = new Float64Array(128);
  let power = one;
  for (let j = 0; j < 128; j++) {
    table[j] = Number(power) / 2 ** 120;
    power = (power * root) >> 120n;
  }
  return table;
}

function integerSqrt(value: bigint): bigint {
  let x = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (x + value / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}

function logCentres(): Float64Array {
  const table = new Float64Array(3 * 128);
  for (let j = 0; j < 128; j++) {
    // The high word of 0.6875 is 0x3fe60000; an interval is one step of the seventh bit of the significand.
    const low = widthAndLow(j);
    // The two intervals that meet at 1 share the centre 1, whose logarithm is exactly zero.
    const centre = low.end === 1 || low.start === 1 ? 1 : (low.start + low.end) / 2;
    table[3 * j] = centre;
    table[3 * j + 1] = 1 / centre;
    table[3 * j + 2] = logarithm(centre);
  }
  return table;
}

/** ln x, correctly rounded for the numbers of the table: engines' own logarithms differ in the last bit, and then prices do. */
function logarithm(x: number): number {
  // Fixed point with 120 bits: 2 (y + y^3/3 + y^5/5 + ...), y = (x - 1)/(x + 1), |y| < 0.19.
  const one = 1n << 120n;
  const scaled = BigInt(x * 2 ** 52) << 68n;
  const y = ((scaled - one) * one) / (scaled + one);
  const square = (y * y) >> 120n;
  let sum = 0n;
  let power = y;
  for (let odd = 1n; power !== 0n && power !== -1n; odd += 2n) {
    sum += power / odd;
    power = (power * square) >> 120n;
  }
  return Number(2n * sum) / 2 ** 120;
}

function widthAndLow(j: number): { start: number; end: number } {
  const view = new DataView(new ArrayBuffer(8));
  const edge = (index: number): number => {
    view.setUint32(0, 0x3fe60000 + (index << 13));
    return view.getFloat64(0);
  };
  return { start: edge(j), end: edge(j + 1) };
}
