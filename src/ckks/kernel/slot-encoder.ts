import { RangeError } from '../../base/errors.ts';
import { centre, type Ring } from './ring.ts';

/** Complex slots; `im` absent means real. */
export type SlotValues = { readonly re: Float64Array; readonly im?: Float64Array | undefined };

/** Coefficients beyond this would not be reduced exactly. */
const MAX_COEFFICIENT = 2 ** 90;

/**
 * Encodes slots into polynomials, without SEAL: slot i is the value at zeta^(3^i), as in SEAL. wasm/assembly/ring/embedding.ts
 * says how half a complex transform suffices. Rounding is that of doubles: each coefficient is within some 2^-50 of the largest
 * from the exact one, then rounded to an integer.
 */
export class SlotEncoder {
  readonly slots: number;
  readonly #ring: Ring;
  readonly #rootsRe: number;
  readonly #rootsIm: number;
  /** Place of slot i among the values at zeta^(4 j + 1), in bit-reversed order. */
  readonly #place: Uint32Array;
  /** -1 where that value is the conjugate of the slot. */
  readonly #sign: Float64Array;

  constructor(ring: Ring) {
    const { degree } = ring;
    const n = degree / 2;
    this.slots = n;
    this.#ring = ring;
    this.#place = new Uint32Array(n);
    this.#sign = new Float64Array(n);
    const reversed = ring.reversed;
    for (let i = 0, exponent = 1; i < n; i++, exponent = (3 * exponent) & (2 * degree - 1)) {
      const direct = exponent % 4 === 1;
      // The table reverses the bits of numbers below N, of which n has one less.
      this.#place[i] = reversed[((direct ? exponent : 2 * degree - exponent) - 1) / 4]! >> 1;
      this.#sign[i] = direct ? 1 : -1;
    }
    const re = new Float64Array(n);
    const im = new Float64Array(n);
    for (let m = 1; m < n; m *= 2) {
      for (let i = 0; i < m; i++) {
        // Block i of layer m is modulo Y^(n/m) - exp(pi sqrt(-1) (1/2 + 2 brv(i)) / m): the root halves the exponent.
        const angle = (Math.PI * (1 + (4 * reversed[i]! * m) / degree)) / (4 * m);
        re[m + i] = Math.cos(angle);
        im[m + i] = -Math.sin(angle);
      }
    }
    const { pool } = ring;
    const page = pool.take();
    pool.view(page).set(re);
    pool.view(page).set(im, n);
    this.#rootsRe = page;
    this.#rootsIm = page + 8 * n;
  }

  /**
   * Transformed residues of round(values scale) modulo the given primes, a page each, in new pages; missing slots are zero.
   * Cost: a complex transform of N/2 and a transform a prime.
   * @throws RangeError for too many slots, values that are not finite, or coefficients beyond 2^90.
   */
  encode({ re, im }: SlotValues, scale: number, primes: readonly number[]): number[] {
    const ring = this.#ring;
    const { pool, kernels, degree } = ring;
    if (re.length > this.slots || (im !== undefined && im.length !== re.length)) {
      throw new RangeError(
        `expected at most ${this.slots} slots, found ${re.length} and ${im?.length ?? 0}`,
        {
          slots: this.slots,
          found: re.length,
        },
      );
    }
    return ring.withPages(1, ([work]) => {
      const values = pool.view(work!);
      values.fill(0);
      const n = this.slots;
      for (let i = 0; i < re.length; i++) values[this.#place[i]!] = re[i]!;
      if (im !== undefined) {
        for (let i = 0; i < im.length; i++) values[n + this.#place[i]!] = im[i]! * this.#sign[i]!;
      }
      const most = kernels.embed(work!, n, this.#rootsRe, this.#rootsIm, scale / n);
      if (!(most <= MAX_COEFFICIENT)) {
        throw new RangeError(
          `expected finite values that stay below 2^90 at scale ${scale}, found a coefficient of ${most}`,
        );
      }
      const pages = pool.takeMany(primes.length);
      primes.forEach((index, k) => {
        const prime = ring.primes[index]!;
        const page = pages[k]!;
        kernels.reduceWide(page, work!, degree, prime.p, prime.reciprocal);
        ring.forward(page, page, prime);
      });
      return pages;
    });
  }
}

/** round(value scale) modulo each prime, centred: a number in every slot is the constant polynomial. */
export function encodeScalar(value: number, scale: number, ring: Ring, primes: readonly number[]): number[] {
  const scaled = Math.round(value * scale);
  if (!Number.isFinite(scaled)) {
    throw new RangeError(`expected a finite number at scale ${scale}, found ${value}`);
  }
  return primes.map((index) => {
    const { p } = ring.primes[index]!;
    return centre(scaled % p, p);
  });
}
