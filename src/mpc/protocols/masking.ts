import { keySetCount } from '../engine/protocol.ts';
import type { SharingScheme } from '../sharing.ts';

/** Statistical security of masks, in bits: two values of a masked opening differ by at most 2^-KAPPA in distribution. */
export const KAPPA = 40;

/** log2 of the number of masks that are added to one, rounded up. */
function maskCountBits(scheme: SharingScheme): number {
  return Math.ceil(Math.log2(keySetCount(scheme)));
}

/**
 * The most bits, sign included, of an integer modulo 2^127 - 1 that can be opened under a mask: a value below 2^k and C masks below
 * 2^(k + KAPPA) add up to less than p.
 */
export function maskableBits(scheme: SharingScheme): number {
  return 125 - KAPPA - maskCountBits(scheme);
}

/** The same modulo 2^61 - 1. */
export function maskableBits61(scheme: SharingScheme): number {
  return 59 - KAPPA - maskCountBits(scheme);
}
