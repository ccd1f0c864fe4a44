import { ParametersError } from '../base/errors.ts';
import { MAX_MODULUS, mulMod, powMod } from './modular.ts';

/** Most bits of a prime that is still exact in a double. */
const MAX_BITS = 53;

/**
 * The primes that SEAL's `CoeffModulus::Create(degree, bits)` makes: for each size the largest primes congruent to
 * 1 modulo 2 degree with exactly that many bits; where a size is asked for several times, its smallest prime comes first.
 * Cost: some 10 us a candidate, 10 to 40 candidates a prime.
 * @throws ParametersError for a degree that is no power of two, sizes beyond 53 bits, or where too few such primes exist.
 */
export function sealPrimes(degree: number, bits: readonly number[]): number[] {
  if (!Number.isInteger(Math.log2(degree)) || degree < 2 || degree > 131072) {
    throw new ParametersError(`expected a degree that is a power of two from 2 to 131072, found ${degree}`, {
      degree,
    });
  }
  const wanted = new Map<number, number>();
  for (const size of bits) wanted.set(size, (wanted.get(size) ?? 0) + 1);
  const found = new Map<number, number[]>();
  for (const [size, count] of wanted) found.set(size, largestPrimes(2 * degree, size, count));
  return bits.map((size) => found.get(size)!.pop()!);
}

/** The `count` largest primes of `bits` bits congruent to 1 modulo `step`, in falling order. */
function largestPrimes(step: number, bits: number, count: number): number[] {
  if (!Number.isInteger(bits) || bits < 2 || bits > MAX_BITS) {
    throw new ParametersError(`expected primes of 2 to ${MAX_BITS} bits, found ${bits}`, { found: bits });
  }
  const primes: number[] = [];
  const least = 2 ** (bits - 1);
  const first = Math.floor((2 ** bits - 1) / step) * step + 1;
  for (let candidate = first; candidate > least && primes.length < count; candidate -= step) {
    if (isPrime(candidate)) primes.push(candidate);
  }
  if (primes.length < count) {
    throw new ParametersError(
      `only ${primes.length} primes of ${bits} bits are 1 modulo ${step}, ${count} are needed: use more bits`,
      { bits, step, found: primes.length, needed: count },
    );
  }
  return primes;
}

const SMALL_PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83];

/**
 * Bases for which the strong pseudoprime test has no exception below 2^64 (Jim Sinclair, 2011; verified by Feitsma and
 * Galway's list of all pseudoprimes to base 2 below 2^64).
 */
const BASES = [2, 325, 9375, 28178, 450775, 9780504, 1795265022];

/** Whether a safe integer is prime, without error (Miller-Rabin to bases that decide below 2^64). Cost: up to 100 us. */
export function isPrime(n: number): boolean {
  if (!Number.isSafeInteger(n) || n < 2) return false;
  for (const p of SMALL_PRIMES) if (n % p === 0) return n === p;
  const power = n < MAX_MODULUS ? (base: number, e: number) => powMod(base % n, e, n) : bigPower(n);
  const square = n < MAX_MODULUS ? (x: number) => mulMod(x, x, n) : bigSquare(n);
  let odd = n - 1;
  let twos = 0;
  for (; odd % 2 === 0; odd /= 2) twos++;
  return BASES.every((base) => {
    if (base % n === 0) return true;
    let x = power(base, odd);
    if (x === 1 || x === n - 1) return true;
    for (let i = 1; i < twos; i++) {
      x = square(x);
      if (x === n - 1) return true;
    }
    return false;
  });
}

const bigSquare = (n: number) => (x: number) => Number((BigInt(x) * BigInt(x)) % BigInt(n));

const bigPower = (n: number) => (base: number, exponent: number) => {
  const modulus = BigInt(n);
  let result = 1n;
  let square = BigInt(base) % modulus;
  for (let e = BigInt(exponent); e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return Number(result);
};
