import type { DigitSum } from '../../kernels/ring.ts';
import type { CiphertextLayout } from './layout.ts';
import type { Ring } from './ring.ts';
import { readComponent } from './transfer.ts';

/**
 * A key that moves a polynomial from another secret to the current one: SEAL's two-component ciphertexts at the key level, one a
 * digit, that is a data prime. They are stored as sums read them: for each prime one stream, in it for every four residues those of
 * the digits one after the other, of each digit those of the first component, then of the second. Plain numbers.
 */
export type SwitchingKey = {
  /** Consecutive pages of a stream, for each prime. */
  readonly streams: readonly (readonly number[])[];
  /** Bytes of four residues of all digits. */
  readonly stride: number;
};

/** Four residues of one component. */
const QUARTET_BYTES = 32;

/** Room for a key whose digits are still to be written. */
export function newSwitchingKey(ring: Ring): SwitchingKey {
  const digits = ring.primes.length - 1;
  const streams: number[][] = [];
  try {
    for (const _ of ring.primes) streams.push(ring.pool.takeRun(2 * digits));
  } catch (error) {
    ring.pool.give(streams.flat());
    throw error;
  }
  return { streams, stride: 2 * digits * QUARTET_BYTES };
}

/** Reads one digit, whose layout was checked, into its places; `table`, if given, permutes it. @throws IntegrityError */
export function readDigit(
  ring: Ring,
  key: SwitchingKey,
  digit: number,
  bytes: Uint8Array,
  layout: CiphertextLayout,
  table?: number,
): void {
  const primes = ring.primes.map((_, index) => index);
  ring.withPages(primes.length + 1, (pages) => {
    const work = pages.slice(0, primes.length);
    const spare = pages.at(-1)!;
    for (const component of [0, 1] as const) {
      readComponent(ring, bytes, layout, component, work, primes);
      work.forEach((page, j) => {
        if (table !== undefined) ring.kernels.permute(spare, page, table, ring.degree);
        const from = table === undefined ? page : spare;
        const to = key.streams[j]![0]! + (2 * digit + component) * QUARTET_BYTES;
        ring.kernels.intoStream(to, key.stride, from, ring.degree);
      });
    }
  });
}

/** All digits of a key. */
export function readSwitchingKey(
  ring: Ring,
  bytes: Uint8Array,
  layouts: readonly CiphertextLayout[],
  table?: number,
): SwitchingKey {
  const key = newSwitchingKey(ring);
  try {
    layouts.forEach((layout, digit) => {
      readDigit(ring, key, digit, bytes, layout, table);
    });
  } catch (error) {
    releaseSwitchingKey(ring, key);
    throw error;
  }
  return key;
}

export function releaseSwitchingKey(ring: Ring, key: SwitchingKey): void {
  ring.pool.give(key.streams.flat());
}

/** Sum of transformed digits times key modulo the prime `target`, both components; the first digits, where there are fewer than in the key. */
export function sumOfDigits(
  ring: Ring,
  out0: number,
  out1: number,
  digits: readonly number[],
  { streams, stride }: SwitchingKey,
  target: number,
  { group, offset }: DigitSum,
): void {
  const { kernels, degree, scratch } = ring;
  const { p, reciprocal } = ring.primes[target]!;
  ring.writeAddresses(digits);
  const [stream] = streams[target]!;
  const sum = [digits.length, group, offset] as const;
  kernels.sumDigits(out0, out1, scratch, stream!, stride, ...sum, degree, p, reciprocal);
}
