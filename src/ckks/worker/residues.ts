/*
 * Conversions between real coefficients and residues modulo the data primes, laid out as SEAL stores a polynomial:
 * [prime][coefficient], one 64-bit word each.
 */

/** Writes small integer coefficients (|v| < 2^53) as residues without BigInt; every step is exact in a double. */
export function residuesOfIntegers(values: Float64Array, primes: readonly bigint[]): BigUint64Array {
  const n = values.length;
  const words = new BigUint64Array(n * primes.length);
  const halves = new Uint32Array(words.buffer);
  primes.forEach((prime, p) => {
    const q = Number(prime);
    for (let i = 0; i < n; i++) {
      const remainder = values[i]! % q;
      const residue = remainder < 0 ? remainder + q : remainder;
      const high = Math.floor(residue / 4294967296);
      const at = 2 * (p * n + i);
      halves[at] = residue - high * 4294967296;
      halves[at + 1] = high;
    }
  });
  return words;
}

/** Writes round(x 2^scaleBits) as residues, for any scale; the vector is padded with zeros to the degree. */
export function residuesOfScaled(
  x: Float64Array,
  scaleBits: number,
  degree: number,
  primes: readonly bigint[],
): BigUint64Array {
  const words = new BigUint64Array(degree * primes.length);
  const scale = 2 ** scaleBits;
  x.forEach((value, i) => {
    const integer = BigInt(Math.round(value * scale));
    primes.forEach((q, p) => {
      const residue = integer % q;
      words[p * degree + i] = residue < 0n ? residue + q : residue;
    });
  });
  return words;
}

/**
 * Reads the coefficients at `positions`, centred modulo the product of the primes (Chinese remainder theorem), divided
 * by 2^scaleBits and rounded once to a double.
 */
export function scaledOfResidues(
  words: BigUint64Array,
  degree: number,
  primes: readonly bigint[],
  positions: readonly number[],
  scaleBits: number,
): Float64Array {
  const modulus = primes.reduce((product, q) => product * q, 1n);
  // x = sum r_p (Q/q_p) [(Q/q_p)^-1 mod q_p] mod Q
  const weights = primes.map((q) => {
    const cofactor = modulus / q;
    return cofactor * inverse(cofactor % q, q);
  });
  const half = modulus / 2n;
  return Float64Array.from(positions, (position) => {
    let value = 0n;
    for (let p = 0; p < primes.length; p++) value += words[p * degree + position]! * weights[p]!;
    value %= modulus;
    return Number(value > half ? value - modulus : value) * 2 ** -scaleBits;
  });
}

/** a^-1 mod a prime q, by the extended Euclidean algorithm. */
function inverse(a: bigint, q: bigint): bigint {
  let [r0, r1, t0, t1] = [q, a, 0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  return t0 < 0n ? t0 + q : t0;
}
