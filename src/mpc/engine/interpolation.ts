import { inverseVartime } from '../sharing.ts';

/** 1 / prod_{j != i} (i - j) for the points 0 .. count - 1, by modulus and count. */
const weights = new Map<string, readonly bigint[]>();
const beyond = new Map<string, readonly bigint[]>();

/**
 * L_i(at) for the points 0 .. count - 1, by which q(at) = sum_i L_i(at) q(i) for a polynomial q of degree below
 * count. Public. Cost: a few products a point once the weights of a count are known.
 */
export function consecutiveFactors(count: number, at: bigint, modulus: bigint): bigint[] {
  const w = weightsOf(count, modulus);
  // prod_{j != i} (at - j) = prefix of i times suffix of i.
  const out: bigint[] = [];
  let prefix = 1n;
  for (let i = 0; i < count; i++) {
    out.push(prefix);
    prefix = (prefix * (at - BigInt(i))) % modulus;
  }
  let suffix = 1n;
  for (let i = count - 1; i >= 0; i--) {
    out[i] = (((out[i]! * suffix) % modulus) * w[i]!) % modulus;
    suffix = (suffix * (at - BigInt(i))) % modulus;
  }
  return out;
}

/** The factors at count .. 2 count - 2, one point after the other. */
export function factorsBeyond(count: number, modulus: bigint): readonly bigint[] {
  const key = `${count}/${modulus}`;
  let factors = beyond.get(key);
  if (factors === undefined) {
    factors = Array.from({ length: count - 1 }, (_, i) =>
      consecutiveFactors(count, BigInt(count + i), modulus),
    ).flat();
    beyond.set(key, factors);
  }
  return factors;
}

function weightsOf(count: number, modulus: bigint): readonly bigint[] {
  const key = `${count}/${modulus}`;
  let found = weights.get(key);
  if (found === undefined) {
    const factorials = [1n];
    for (let i = 1; i < count; i++) factorials.push((factorials[i - 1]! * BigInt(i)) % modulus);
    // prod_{j != i} (i - j) = i! (count - 1 - i)! (-1)^(count - 1 - i).
    found = factorials.map((factorial, i) => {
      const sign = (count - 1 - i) % 2 === 0 ? 1n : -1n;
      return inverseVartime(sign * factorial * factorials[count - 1 - i]!, modulus);
    });
    weights.set(key, found);
  }
  return found;
}
