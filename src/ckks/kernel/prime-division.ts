import { inverseMod } from '../../numeric/modular.ts';
import { centre, type Ring } from './ring.ts';
import type { Component } from './transfer.ts';

/** Division of polynomials by a prime of the chain, rounding to nearest, as SEAL divides: equal to the bit (docs/kernels.md, K7). */
export class PrimeDivision {
  readonly #ring: Ring;
  /** inverse[l][j] = q_l^-1 mod q_j, centred. */
  readonly #inverse: readonly (readonly number[])[];

  constructor(ring: Ring) {
    this.#ring = ring;
    this.#inverse = ring.primes.map(({ p: dropped }, l) =>
      ring.primes.map(({ p }, j) => (j === l ? 0 : centre(inverseMod(dropped % p, p), p))),
    );
  }

  /**
   * out_j = (a_j - NTT([a_l] mod q_j)) / q_l (+ addend_j) for the primes j < count. Cost: count + 1 transforms.
   * @param last page of a_l, transformed, which is overwritten by its coefficients.
   */
  divide(
    out: Component,
    a: Component,
    last: number,
    dropped: number,
    count: number,
    addend?: Component,
  ): void {
    const ring = this.#ring;
    const { kernels, degree } = ring;
    ring.inverse(last, last, ring.primes[dropped]!, 'centred');
    ring.withPages(1, ([work]) => {
      for (let j = 0; j < count; j++) {
        const prime = ring.primes[j]!;
        const { p, reciprocal } = prime;
        const factor = this.#inverse[dropped]![j]!;
        ring.forwardLazy(work!, last, prime);
        const [target, from] = [out[j]!, a[j]!];
        if (addend === undefined) {
          kernels.subMultiply(target, from, work!, factor, degree, p, reciprocal);
        } else {
          kernels.subMultiplyAdd(target, from, work!, factor, addend[j]!, degree, p, reciprocal);
        }
      }
    });
  }

  /**
   * Coefficients 0..q_j - 1 of a, divided by its last primes until `left` are there, in `out`, a page for every prime of a.
   * Cost: an inverse transform a prime; none forward.
   */
  coefficients(out: Component, a: Component, left: number): void {
    const { kernels, degree, primes } = this.#ring;
    a.forEach((page, j) => {
      this.#ring.inverse(out[j]!, page, primes[j]!, j < left ? 'canonical' : 'centred');
    });
    for (let l = a.length - 1; l >= left; l--) {
      const { p: dropped } = primes[l]!;
      // A quotient is any representative: the one that is divided by must be the centred one.
      if (l < a.length - 1) kernels.normalise(out[l]!, out[l]!, degree, 1, dropped);
      for (let j = 0; j < l; j++) {
        const { p, reciprocal } = primes[j]!;
        const factor = this.#inverse[l]![j]!;
        kernels.subMultiply(out[j]!, out[j]!, out[l]!, factor, degree, p, reciprocal);
      }
    }
    if (left === a.length) return;
    for (let j = 0; j < left; j++) kernels.normalise(out[j]!, out[j]!, degree, 0, primes[j]!.p);
  }
}
