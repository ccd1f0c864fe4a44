import type { Digest, KeyId } from '../../src/base/brand.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { type EnvelopeExpectation, openEnvelope, sealEnvelope } from '../../src/trust/envelope.ts';
import { createIdentity, type Identity } from '../../src/trust/identity.ts';

/** A small signed envelope, and what its receiver expects. */
export type SignedEnvelope = {
  readonly bytes: Uint8Array;
  readonly items: readonly (Uint8Array | null)[];
  readonly expected: EnvelopeExpectation;
  readonly sender: Identity;
};

/** Three items of 40 bytes, the middle one absent. */
export function signedEnvelope(): SignedEnvelope {
  const sender = createIdentity('engine');
  const header = {
    kind: 'resultCiphertexts',
    parameters: 'a'.repeat(64) as Digest,
    key: '0123456789abcdef' as KeyId,
    circuit: 'b'.repeat(64) as Digest,
    answers: 'e'.repeat(64) as Digest,
    residency: 'eu',
    items: ['a', 'b', 'c'].map((name) => ({ name, length: 5, level: 1, scaleBits: 77.25, bytes: 40 })),
  } as const;
  const random = new SeededRandom(7);
  const item = (): Uint8Array => Uint8Array.from({ length: 40 }, () => random.u32());
  const items = [item(), null, item()];
  const bytes = sealEnvelope(header, items, sender);
  return { bytes, items, sender, expected: { ...header, sender, mayBeAbsent: true } };
}

/** How a mutation changed the bytes, for the message of a test that it survived. */
export type Mutation = { readonly what: string; readonly bytes: Uint8Array };

/** One random change: flip, truncate, extend, splice or swap. Never the identity. */
export function mutate(original: Uint8Array, random: SeededRandom): Mutation {
  const n = original.length;
  const bytes = original.slice();
  const at = random.integer(0, n - 1);
  const junk = (length: number): Uint8Array => Uint8Array.from({ length }, () => random.u32());
  switch (random.integer(0, 4)) {
    case 0:
      bytes[at]! ^= 1 << random.integer(0, 7);
      return { what: `flip a bit of byte ${at}`, bytes };
    case 1:
      return { what: `cut to ${at} bytes`, bytes: bytes.slice(0, at) };
    case 2: {
      const more = junk(random.integer(1, 80));
      return { what: `extend by ${more.length}`, bytes: Uint8Array.from([...bytes, ...more]) };
    }
    case 3: {
      // Insert, remove or replace a run, with a net change of -8 to 8 bytes.
      const removed = random.integer(0, Math.min(8, n - at));
      const inserted = junk(random.integer(removed === 0 ? 1 : 0, 8));
      const spliced = Uint8Array.from([
        ...bytes.subarray(0, at),
        ...inserted,
        ...bytes.subarray(at + removed),
      ]);
      return same(spliced, original)
        ? mutate(original, random)
        : { what: `splice ${removed} for ${inserted.length} at ${at}`, bytes: spliced };
    }
    default: {
      const length = random.integer(1, 8);
      const from = random.integer(0, n - length);
      const to = random.integer(0, n - length);
      bytes.set(original.subarray(from, from + length), to);
      bytes.set(original.subarray(to, to + length), from);
      return same(bytes, original)
        ? mutate(original, random)
        : { what: `swap ${length} bytes at ${from} and ${to}`, bytes };
    }
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Opens `count` mutations of a fresh envelope; returns what was thrown for each. */
export function openMutations(seed: number, count: number): readonly { what: string; error: unknown }[] {
  const { bytes, expected } = signedEnvelope();
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, () => {
    const mutation = mutate(bytes, random);
    try {
      openEnvelope(mutation.bytes, expected);
      return { what: mutation.what, error: undefined };
    } catch (error) {
      return { what: mutation.what, error };
    }
  });
}
