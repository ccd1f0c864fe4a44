/** Negacyclic transforms modulo any prime, on BigInt, in SEAL's order of roots: for attacks and oracles of tests, slow. */
export type Negacyclic = {
  readonly prime: bigint;
  forward(coefficients: readonly bigint[]): bigint[];
  inverse(values: readonly bigint[]): bigint[];
};

const power = (base: bigint, exponent: bigint, p: bigint): bigint => {
  let result = 1n;
  for (let b = base % p, e = exponent; e > 0n; e >>= 1n, b = (b * b) % p)
    if (e & 1n) result = (result * b) % p;
  return result;
};

export const inverseOf = (a: bigint, p: bigint): bigint => power(a, p - 2n, p);

/** The least primitive 2n-th root of unity, which is the one that SEAL takes. */
function leastRoot(n: number, p: bigint): bigint {
  const order = 2n * BigInt(n);
  let root = 0n;
  for (let g = 2n; root === 0n; g++) {
    const candidate = power(g, (p - 1n) / order, p);
    if (power(candidate, order / 2n, p) === p - 1n) root = candidate;
  }
  const square = (root * root) % p;
  let least = root;
  for (let i = 0, x = root; i < n; i++, x = (x * square) % p) if (x < least) least = x;
  return least;
}

export function negacyclic(n: number, prime: bigint): Negacyclic {
  const bits = Math.log2(n);
  const reversed = (i: number) =>
    Number.parseInt(i.toString(2).padStart(bits, '0').split('').reverse().join(''), 2);
  const powers: bigint[] = [1n];
  const root = leastRoot(n, prime);
  for (let i = 1; i < n; i++) powers.push((powers[i - 1]! * root) % prime);
  const roots = powers.map((_, i) => powers[reversed(i)]!);
  const inverses = roots.map((x) => inverseOf(x, prime));
  return {
    prime,
    forward(coefficients) {
      const x = coefficients.map((c) => ((c % prime) + prime) % prime);
      for (let m = 1, half = n / 2; m < n; m *= 2, half /= 2) {
        for (let i = 0; i < m; i++) {
          for (let j = 2 * i * half; j < (2 * i + 1) * half; j++) {
            const t = (x[j + half]! * roots[m + i]!) % prime;
            [x[j], x[j + half]] = [(x[j]! + t) % prime, (x[j]! - t + prime) % prime];
          }
        }
      }
      return x;
    },
    inverse(values) {
      const x = values.slice();
      for (let m = n / 2, half = 1; m >= 1; m /= 2, half *= 2) {
        for (let i = 0; i < m; i++) {
          for (let j = 2 * i * half; j < (2 * i + 1) * half; j++) {
            const [a, b] = [x[j]!, x[j + half]!];
            [x[j], x[j + half]] = [(a + b) % prime, ((a - b + prime) * inverses[m + i]!) % prime];
          }
        }
      }
      const scale = inverseOf(BigInt(n), prime);
      return x.map((value) => (value * scale) % prime);
    },
  };
}
