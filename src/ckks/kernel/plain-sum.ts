import type { KernelCiphertext, KernelPlaintext } from './kernel-ciphertext.ts';
import type { Ring, RingPrime } from './ring.ts';
import type { Component } from './transfer.ts';

/**
 * Writes sum_i ciphertexts[i] plaintexts[i] into new components: every product is added before anything is reduced, and a plaintext
 * polynomial is read once for two components. Numbers and polynomials may be mixed.
 */
export function fillPlainSum(
  ring: Ring,
  out: readonly Component[],
  ciphertexts: readonly KernelCiphertext[],
  plaintexts: readonly KernelPlaintext[],
): void {
  const polynomials: Term<Component>[] = [];
  const numbers: Term<readonly number[]>[] = [];
  ciphertexts.forEach(({ components }, i) => {
    const { pages, scalars } = plaintexts[i]!;
    if (pages !== undefined) polynomials.push({ components, factor: pages });
    else numbers.push({ components, factor: scalars! });
  });
  out[0]!.forEach((_, j) => {
    const prime = ring.primes[j]!;
    const targets = out.map((component) => component[j]!);
    if (numbers.length === 0) sumPolynomials(ring, targets, polynomials, j, prime);
    else if (polynomials.length === 0) sumNumbers(ring, targets, numbers, j, prime);
    else {
      ring.withPages(targets.length, (work) => {
        sumPolynomials(ring, targets, polynomials, j, prime);
        sumNumbers(ring, work, numbers, j, prime);
        targets.forEach((target, c) => {
          ring.kernels.add(target, target, work[c]!, ring.degree, prime.p, prime.reciprocal);
        });
      });
    }
  });
}

type Term<F> = { readonly components: readonly Component[]; readonly factor: F };

function sumPolynomials(
  ring: Ring,
  targets: readonly number[],
  terms: readonly Term<Component>[],
  j: number,
  prime: RingPrime,
): void {
  for (let c = 0; c < targets.length; c += 2) {
    const next = targets[c + 1];
    if (next === undefined) {
      const pairs = terms.flatMap(({ components, factor }) => [factor[j]!, components[c]![j]!]);
      ring.innerProduct(targets[c]!, pairs, prime);
    } else {
      const triples = terms.flatMap(({ components, factor }) => [
        factor[j]!,
        components[c]![j]!,
        components[c + 1]![j]!,
      ]);
      ring.innerProducts(targets[c]!, next, triples, prime);
    }
  }
}

function sumNumbers(
  ring: Ring,
  targets: readonly number[],
  terms: readonly Term<readonly number[]>[],
  j: number,
  prime: RingPrime,
): void {
  const factors = terms.map(({ factor }) => factor[j]!);
  targets.forEach((target, c) => {
    ring.combine(
      target,
      terms.map(({ components }) => components[c]![j]!),
      factors,
      prime,
    );
  });
}
