import { Ring } from '../../../src/ckks/kernel/ring.ts';
import { sealPrimes } from '../../../src/numeric/ntt-primes.ts';

/** What one core of this machine does at best, measured. */
export type MachineLimits = {
  /** Vector instructions a nanosecond, of products modulo p on operands in the first-level cache. */
  readonly instructionsPerNs: number;
  /** Bytes a nanosecond read from and written to memory beyond the caches. */
  readonly bytesPerNs: number;
};

/** Instructions of a product: two loads, a store, six of arithmetic. Only arithmetic is counted, as in work.ts. */
const PRODUCT = 6;
const SMALL = 512;
const LARGE = 2 ** 26;

export function machineLimits(): MachineLimits {
  const ring = new Ring(1024, sealPrimes(1024, [49]));
  const [a, b] = ring.pool.takeMany(2) as [number, number];
  const { p, reciprocal } = ring.primes[0]!;
  const product = best(() => {
    for (let i = 0; i < 200; i++) ring.kernels.multiply(b, a, a, SMALL, p, reciprocal);
  });
  const from = new Float64Array(LARGE / 8).fill(1);
  const to = new Float64Array(LARGE / 8);
  const copy = best(() => to.set(from));
  return {
    instructionsPerNs: (200 * (SMALL / 2) * PRODUCT) / product,
    bytesPerNs: (2 * LARGE) / copy,
  };
}

/** Least nanoseconds of a call. */
function best(action: () => void): number {
  let least = Infinity;
  for (let i = 0; i < 60; i++) {
    const start = performance.now();
    action();
    least = Math.min(least, performance.now() - start);
  }
  return least * 1e6;
}
