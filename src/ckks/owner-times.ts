/*
 * What the owner's work costs, nanoseconds a coefficient and prime of one polynomial, on node-seal, N = 2048 .. 8192, on the machine of
 * docs/accuracy.md; and a byte on its way. Packings are compared by the sum of all that is done, wherever it is done.
 */

/** A transform. */
export const OWNER_TRANSFORM = 20;
/** Symmetric encryption and the transforms before it. */
export const SYMMETRIC_ENCRYPTION = 140;
/** Encryption under a public key. */
export const PUBLIC_ENCRYPTION = 190;
/** A byte at 1 Gbit/s. */
export const BYTE_TRANSFER = 8;
