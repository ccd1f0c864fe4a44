/** Limbs up to which memory is made by copying, or kept. */
const LARGEST: number = 2 ** 22;
const SMALLEST = 512;
/** Limbs that are kept at most: 64 MiB. */
const MOST_KEPT: number = 2 ** 23;

type Limbs = BigUint64Array<ArrayBuffer>;

let zeros: Limbs = new BigUint64Array(SMALLEST);
/** Memory to use again, by its length. */
const kept = new Map<number, Limbs[]>();
let keptLimbs = 0;

/**
 * So many zeros. Memory that was given back is used first: taking new memory from the system, page by page, costs more than
 * most field operations on it (Node 24: 1.25 ns a byte for a new array, 0.26 for a copy of zeros, 0.02 for clearing).
 */
export function zeroedLimbs(length: number): Limbs {
  if (length < SMALLEST || length > LARGEST) return new BigUint64Array(length);
  const again = kept.get(length)?.pop();
  if (again !== undefined) {
    keptLimbs -= length;
    return again;
  }
  if (zeros.length < length) zeros = new BigUint64Array(2 ** Math.ceil(Math.log2(length)));
  return zeros.slice(0, length);
}

/** Takes back memory that nobody reads any more, and clears it. Views of larger memory are left alone. */
export function recycleLimbs(limbs: Limbs): void {
  limbs.fill(0n);
  const { length } = limbs;
  const whole = limbs.byteLength === limbs.buffer.byteLength;
  if (!whole || length < SMALLEST || length > LARGEST) return;
  if (keptLimbs + length > MOST_KEPT) {
    // Sizes change from phase to phase: what was kept for another one goes.
    kept.clear();
    keptLimbs = 0;
  }
  const stack = kept.get(length);
  if (stack === undefined) kept.set(length, [limbs]);
  else stack.push(limbs);
  keptLimbs += length;
}
