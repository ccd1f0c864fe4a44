import { describe, expect, it } from 'vitest';
import type { Digest, KeyId, PartyId } from '../../../src/base/brand.ts';
import { concatBytes } from '../../../src/base/bytes.ts';
import { IntegrityError, ShapeError } from '../../../src/base/errors.ts';
import {
  type EnvelopeExpectation,
  type EnvelopeItem,
  openEnvelope,
  sealEnvelope,
} from '../../../src/trust/envelope.ts';
import { createIdentity } from '../../../src/trust/identity.ts';
import { openMutations, signedEnvelope } from '../../support/envelopes.ts';

const { bytes, items, expected, sender } = signedEnvelope();

function refusal(changed: Partial<EnvelopeExpectation>, of: Uint8Array = bytes): IntegrityError {
  try {
    openEnvelope(of, { ...expected, ...changed });
  } catch (error) {
    expect(error).toBeInstanceOf(IntegrityError);
    return error as IntegrityError;
  }
  throw new Error('the envelope was opened');
}

/** Descriptions of `count` items, the last one changed. */
function itemsOf(count: number, last: Partial<EnvelopeItem> = {}): EnvelopeItem[] {
  const item = (index: number) => ({
    ...expected.items[0]!,
    name: expected.items[index]?.name ?? `${index}`,
  });
  return Array.from({ length: count }, (_, index) => ({
    ...item(index),
    ...(index === count - 1 ? last : {}),
  }));
}

/** Changes signed bytes and signs them again: what a sender could do, or whoever has its key. */
function resigned(change: (body: Uint8Array) => Uint8Array): Uint8Array {
  const body = change(bytes.slice(0, -64));
  return concatBytes([body, sender.sign(body)]);
}

describe('an envelope', () => {
  it('returns the items that were sealed, absent ones as null', () => {
    expect(openEnvelope(bytes, expected)).toEqual(items);
  });

  it('carries no items, one or many', () => {
    for (const count of [0, 1, 50]) {
      const sealed = Array.from({ length: count }, (_, i) =>
        i % 3 === 2 ? null : new Uint8Array(40).fill(i + 1),
      );
      const header = { ...expected, items: itemsOf(count) };
      const opened = openEnvelope(sealEnvelope(header, sealed, sender), header);
      expect(opened).toEqual(sealed);
    }
  });

  it('opens as a view in the middle of a buffer', () => {
    const buffer = new Uint8Array(bytes.length + 20);
    buffer.set(bytes, 11);
    expect(openEnvelope(buffer.subarray(11, 11 + bytes.length), expected)).toEqual(items);
  });
});

describe('a receiver that expects something else', () => {
  it.each<[string, Partial<EnvelopeExpectation>]>([
    ['kind', { kind: 'inputCiphertexts' }],
    ['sender', { sender: { ...sender, name: 'engine2' as PartyId } }],
    ['parameters', { parameters: 'c'.repeat(64) as Digest }],
    ['key', { key: '0123456789abcdee' as KeyId }],
    ['circuit', { circuit: 'c'.repeat(64) as Digest }],
    ['answered request', { answers: 'd'.repeat(64) as Digest }],
    ['residency', { residency: 'us' }],
    ['items', { items: itemsOf(4) }],
    ['items', { items: itemsOf(2, { bytes: 400 }) }],
    ['item name', { items: itemsOf(3, { name: 'x' }) }],
    ['item length', { items: itemsOf(3, { length: 6 }) }],
    ['item level', { items: itemsOf(3, { level: 0 }) }],
    ['item scale bits', { items: itemsOf(3, { scaleBits: 77 }) }],
    ['item bytes', { items: itemsOf(3, { bytes: 41 }) }],
  ])('refuses another %s, by name', (field, changed) => {
    expect(refusal(changed).facts).toEqual({ field });
    expect(refusal(changed).message).toContain(`expected ${field} `);
  });

  it('refuses items that are longer than expected', () => {
    expect(refusal({ items: itemsOf(3, { bytes: 39 }) }).facts).toEqual({ length: 40, maxLength: 39 });
  });

  it('refuses an absent item where all must be there', () => {
    expect(refusal({ mayBeAbsent: false }).facts).toEqual({ field: 'item bytes' });
  });

  it('refuses another key under the same name, before it looks at any field', () => {
    const impostor = { name: sender.name, publicKey: createIdentity('x').publicKey };
    expect(refusal({ sender: impostor, circuit: 'c'.repeat(64) as Digest }).message).toContain('signature');
  });

  it('refuses what is too large or too small without reading it', () => {
    const large = new Uint8Array(64_000_000);
    const times = Array.from({ length: 5 }, () => {
      const started = performance.now();
      expect(refusal({}, large).message).toContain('refused unread');
      return performance.now() - started;
    });
    // A hash over these bytes alone takes several times as long.
    expect(Math.min(...times)).toBeLessThan(10);
    expect(refusal({}, new Uint8Array(70)).message).toContain('refused unread');
    expect(refusal({}, new Uint8Array(0)).message).toContain('refused unread');
  });
});

describe('a sender', () => {
  it('refuses to sign items other than described', () => {
    expect(() => sealEnvelope(expected, items.slice(1), sender)).toThrow(ShapeError);
    expect(() => sealEnvelope(expected, [items[0]!, null, new Uint8Array(41)], sender)).toThrow(
      /expected 40 bytes of c/,
    );
    const long = { ...expected, items: itemsOf(3, { name: 'é'.repeat(129) }) };
    expect(() => sealEnvelope(long, items, sender)).toThrow(/at most 256 bytes/);
  });
});

describe('signed bytes that are not an envelope', () => {
  it('of another magic, version or kind number', () => {
    const at = (index: number, value: number) =>
      resigned((body) => {
        body[index] = value;
        return body;
      });
    expect(refusal({}, at(0, 65)).facts).toEqual({ field: 'magic' });
    expect(refusal({}, at(6, 1)).facts).toEqual({ field: 'magic' });
    expect(refusal({}, at(7, 2)).facts).toEqual({ field: 'version' });
    expect(refusal({}, at(8, 0)).facts).toEqual({ field: 'kind' });
    expect(refusal({}, at(8, 200)).facts).toEqual({ field: 'kind' });
  });

  it('that end early anywhere, or go on', () => {
    const length = bytes.length - 64;
    for (let cut = 1; cut < length; cut += 13) {
      expect(
        refusal(
          {},
          resigned((body) => body.slice(0, length - cut)),
        ),
      ).toBeInstanceOf(IntegrityError);
    }
    expect(
      refusal(
        {},
        resigned((body) => concatBytes([body, Uint8Array.of(0)])),
      ).message,
    ).toContain('refuse it');
  });

  it('with a length field that claims gigabytes', () => {
    // The sender's name starts after magic, version and kind.
    const claim = resigned((body) => {
      new DataView(body.buffer).setUint32(9, 0xffffffff, true);
      return body;
    });
    expect(refusal({}, claim).facts).toEqual({ length: 0xffffffff, maxLength: 256 });
  });

  it('with a text that is not UTF-8', () => {
    const broken = resigned((body) => {
      body[13] = 0xff;
      return body;
    });
    expect(refusal({}, broken).message).toContain('UTF-8');
  });

  it('a signature alone, without its bytes, or the bytes of another envelope', () => {
    const other = sealEnvelope({ ...expected, residency: 'us' }, items, sender);
    const mixed = concatBytes([bytes.subarray(0, -64), other.subarray(-64)]);
    expect(refusal({}, mixed).message).toContain('signature');
  });
});

describe('random mutations', () => {
  it('are refused, every one, with an IntegrityError; test/slow has ten thousand', () => {
    const opened = openMutations(2024, 1000);
    expect(opened.filter(({ error }) => !(error instanceof IntegrityError))).toEqual([]);
    // Each kind of mutation was there.
    for (const kind of ['flip', 'cut', 'extend', 'splice', 'swap']) {
      expect(opened.filter(({ what }) => what.startsWith(kind)).length).toBeGreaterThan(100);
    }
  });
});
