import { RangeError } from '../base/errors.ts';
import { powMod } from './modular.ts';

/** A root of unity of exactly the given order (a power of two) modulo a prime p < 2^50. @throws RangeError where p has none. */
export function primitiveRoot(order: number, p: number): number {
  if ((p - 1) % order !== 0) {
    throw new RangeError(`expected a prime that is 1 modulo ${order}, found ${p}`, { order, p });
  }
  // The order divides `order`, and is it unless the square root of 1 that its half gives is 1.
  for (let base = 2; ; base++) {
    const root = powMod(base, (p - 1) / order, p);
    if (powMod(root, order / 2, p) === p - 1) return root;
  }
}

/** The lowest `bits` bits of x in reverse. */
export function reverseBits(x: number, bits: number): number {
  let reversed = 0;
  for (let i = 0; i < bits; i++) reversed |= ((x >>> i) & 1) << (bits - 1 - i);
  return reversed;
}
