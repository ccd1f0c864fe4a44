import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IntegrityError } from '../../../src/base/errors.ts';
import { SlotKeyHolder } from '../../../src/ckks/seal/slot-secrets.ts';
import type { SealContext, SecretKey } from '../../../src/ckks/seal.ts';
import { type EvaluationKeyBytes, galoisElementsOf } from '../../../src/ckks/slots/keys.ts';
import {
  checkCiphertextBytes,
  checkPublicKeyBytes,
  checkSwitchingKeyBytes,
  componentsOf,
} from '../../../src/ckks/wire.ts';
import { insecureContext, insecureParameters } from '../../support/seal-contexts.ts';

const SCALE = 2 ** 30;

describe('SEAL wire format of slots and keys', () => {
  const spec = { relinearise: true, rotations: [1, -2], conjugate: true };
  let context: SealContext;
  let key: SecretKey;
  let holder: SlotKeyHolder;
  const keys: Partial<Record<'seeded' | 'full', EvaluationKeyBytes>> = {};

  beforeAll(async () => {
    context = await insecureContext(insecureParameters(1024, [40, 30, 30], 41));
    key = context.newSecretKey();
    holder = new SlotKeyHolder(context, key);
    for (const form of ['seeded', 'full'] as const) keys[form] = holder.evaluationKeys(spec, form);
  });
  afterAll(() => {
    for (const resource of [holder, key, context]) resource[Symbol.dispose]();
    expect(context.liveObjects()).toBe(0);
  });

  /** Every change of one bit in [from, to) is refused. */
  const refusesBits = (bytes: Uint8Array, from: number, to: number, check: (bytes: Uint8Array) => void) => {
    check(bytes);
    for (let offset = from; offset < to; offset++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = bytes.slice();
        changed[offset]! ^= 1 << bit;
        expect(() => check(changed), `${offset}.${bit}`).toThrow(IntegrityError);
      }
    }
  };

  it('names every level, the special prime above them', () => {
    expect(context.levels.map(({ primes }) => primes)).toEqual([1, 2, 3]);
    expect(context.keyLevel.primes).toBe(4);
    const ids = [...context.levels, context.keyLevel].map(({ parmsId }) => parmsId.join());
    expect(new Set(ids).size).toBe(4);
  });

  it.each([0, 1, 2])('checks every header bit of a ciphertext at level %i', (level) => {
    const input = { name: 'x', length: 4, blocks: 1, level, scale: SCALE, padding: 'zero' } as const;
    const [bytes] = holder.encryptor.encrypt(input, Float64Array.of(1, 2, 3, 4));
    const shape = { ...context.levels[level]!, components: 2, scale: SCALE } as const;
    const check = (candidate: Uint8Array) => checkCiphertextBytes(candidate, shape, 'seeded');
    refusesBits(bytes!, 0, 113, check);
    const seed = bytes!.length - 81;
    refusesBits(bytes!, seed, seed + 17, check);
    const other = { ...shape, parmsId: context.levels[(level + 1) % 3]!.parmsId };
    expect(() => checkCiphertextBytes(bytes!, other, 'seeded')).toThrow(/parameters/);
  });

  it('reads the number of components, and believes nothing else', () => {
    expect(componentsOf(new Uint8Array(10))).toBe(2);
    const bytes = new Uint8Array(200);
    bytes[49] = 3;
    expect(componentsOf(bytes)).toBe(3);
    bytes[49] = 200;
    expect(componentsOf(bytes)).toBe(2);
  });

  it('checks every header bit of a public key', () => {
    const bytes = holder.publicKey();
    refusesBits(bytes, 0, 113, (candidate) => checkPublicKeyBytes(candidate, context.keyLevel));
    expect(() => checkPublicKeyBytes(bytes.subarray(1), context.keyLevel)).toThrow(/length/);
    expect(() => checkPublicKeyBytes(bytes, context.levels[2]!)).toThrow(IntegrityError);
  });

  it.each(['seeded', 'full'] as const)('checks every header bit of %s evaluation keys', (form) => {
    const { relinearisation, galois } = keys[form]!;
    const checkRelinearisation = (candidate: Uint8Array) =>
      checkSwitchingKeyBytes(candidate, context.keyLevel, 1, [0], form);
    refusesBits(relinearisation!, 0, 64 + 113, checkRelinearisation);
    // The header of the second digit, and the end of the first.
    const digit = (relinearisation!.length - 64) / 3;
    refusesBits(relinearisation!, 64 + digit, 64 + digit + 113, checkRelinearisation);
    const lists = galoisElementsOf(spec, 1024).map((element) => (element - 1) / 2);
    expect(lists).toHaveLength(3);
    const checkGalois = (candidate: Uint8Array) =>
      checkSwitchingKeyBytes(candidate, context.keyLevel, 1024, lists, form);
    refusesBits(galois!, 0, 90, checkGalois);
    for (const wrong of [lists.slice(1), [...lists.slice(1), 1000], []])
      expect(() => checkSwitchingKeyBytes(galois!, context.keyLevel, 1024, wrong, form)).toThrow(
        IntegrityError,
      );
  });
});
