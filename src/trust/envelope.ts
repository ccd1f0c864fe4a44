import type { Digest, KeyId, PartyId } from '../base/brand.ts';
import { ByteReader, ByteWriter, utf8 } from '../base/bytes.ts';
import { IntegrityError, ShapeError } from '../base/errors.ts';
import { type Identity, type PublicIdentity, SIGNATURE_BYTES, verifySignature } from './identity.ts';

/** What an envelope carries. */
export type EnvelopeKind = 'inputCiphertexts' | 'resultCiphertexts' | 'evaluationKeys';

/** What one ciphertext or key of an envelope is said to be. */
export type EnvelopeItem = {
  /** Name of the input, output or key, unique within the envelope. */
  readonly name: string;
  /** Elements of a vector in it. */
  readonly length: number;
  readonly level: number;
  /** log2 of the scale; may be fractional, or negative. */
  readonly scaleBits: number;
  readonly bytes: number;
};

/** Everything a receiver compares before it reads a single ciphertext. All public. */
export type EnvelopeHeader = {
  readonly kind: EnvelopeKind;
  readonly sender: PartyId;
  readonly parameters: Digest;
  readonly key: KeyId;
  readonly circuit: Digest;
  /** SHA-256 of the envelope that this one answers, so that an older answer cannot pass for it; empty in a request. */
  readonly answers: Digest | '';
  /** Where the ciphertexts may be evaluated and stored; a label that both sides agree on. */
  readonly residency: string;
  readonly items: readonly EnvelopeItem[];
};

const MAGIC = utf8('BRISK\0\0');
const VERSION = 1;
const KINDS: readonly EnvelopeKind[] = ['inputCiphertexts', 'resultCiphertexts', 'evaluationKeys'];
const MAX_TEXT_BYTES = 256;
const MAX_HEADER_BYTES = 2048;
/** Description of an item, beside its bytes. */
const MAX_ITEM_HEADER_BYTES = 4 + MAX_TEXT_BYTES + 4 + 4 + 8 + 4;

/**
 * Signs items and the header that describes them into one message. An absent ciphertext (an output that is zero for
 * every input) is sent as no bytes. @throws ShapeError for items other than described, or a text that no receiver would accept.
 */
export function sealEnvelope(
  header: Omit<EnvelopeHeader, 'sender'>,
  items: readonly (Uint8Array | null)[],
  sender: Identity,
): Uint8Array {
  const texts = [sender.name, header.residency, ...header.items.map(({ name }) => name)];
  if (texts.some((text) => utf8(text).length > MAX_TEXT_BYTES)) {
    throw new ShapeError(
      `envelope: expected names and labels of at most ${MAX_TEXT_BYTES} bytes, found a longer one`,
    );
  }
  if (items.length !== header.items.length) {
    throw new ShapeError(`envelope: expected ${header.items.length} items, found ${items.length}`, {
      expected: header.items.length,
      found: items.length,
    });
  }
  const writer = new ByteWriter()
    .raw(MAGIC)
    .u8(VERSION)
    .u8(KINDS.indexOf(header.kind))
    .text(sender.name)
    .text(header.parameters)
    .text(header.key)
    .text(header.circuit)
    .text(header.answers)
    .text(header.residency)
    .u32(items.length);
  header.items.forEach(({ name, length, level, scaleBits, bytes }, index) => {
    const item = items[index] ?? new Uint8Array(0);
    if (item.length !== bytes && items[index] !== null) {
      throw new ShapeError(`envelope: expected ${bytes} bytes of ${name}, found ${item.length}`, {
        expected: bytes,
        found: item.length,
      });
    }
    writer.text(name).u32(length).u32(level).f64(scaleBits).blob(item);
  });
  const signed = writer.finish();
  return new ByteWriter().raw(signed).raw(sender.sign(signed)).finish();
}

/** What the receiver expects, from the plan it made itself. */
export type EnvelopeExpectation = Omit<EnvelopeHeader, 'sender'> & {
  readonly sender: PublicIdentity;
  /** Whether an item may be absent: results only. */
  readonly mayBeAbsent: boolean;
};

/**
 * Verifies size, signature and every header field, in that order, and only then returns the items (views into
 * `bytes`). Nothing is parsed by SEAL here. Cost: a hash and an Ed25519 verification.
 * @throws IntegrityError
 */
export function openEnvelope(
  bytes: Uint8Array,
  expected: EnvelopeExpectation,
): readonly (Uint8Array | null)[] {
  const most = expected.items.reduce(
    (sum, item) => sum + MAX_ITEM_HEADER_BYTES + item.bytes,
    MAX_HEADER_BYTES + SIGNATURE_BYTES,
  );
  if (bytes.length > most || bytes.length < MAGIC.length + SIGNATURE_BYTES) {
    throw new IntegrityError(
      `envelope: expected at most ${most} bytes, found ${bytes.length}; refused unread`,
      {
        most,
        found: bytes.length,
      },
    );
  }
  const end = bytes.length - SIGNATURE_BYTES;
  if (!verifySignature(expected.sender, bytes.subarray(0, end), bytes.subarray(end))) {
    throw new IntegrityError(
      `envelope: the signature is not ${expected.sender.name}'s over these bytes (truncated, changed or from somebody else)`,
      { sender: expected.sender.name },
    );
  }
  const reader = new ByteReader(bytes.subarray(0, end), 'envelope');
  const field = (name: string, want: string | number, found: string | number | undefined) => {
    if (want !== found) {
      throw new IntegrityError(
        `envelope: expected ${name} ${want}, found ${found}; ask ${expected.sender.name} for the right one`,
        {
          field: name,
        },
      );
    }
  };
  field('magic', MAGIC.join(), reader.raw(MAGIC.length).join());
  field('version', VERSION, reader.u8());
  field('kind', expected.kind, KINDS[reader.u8()]);
  field('sender', expected.sender.name, reader.text(MAX_TEXT_BYTES));
  field('parameters', expected.parameters, reader.text(MAX_TEXT_BYTES));
  field('key', expected.key, reader.text(MAX_TEXT_BYTES));
  field('circuit', expected.circuit, reader.text(MAX_TEXT_BYTES));
  field('answered request', expected.answers, reader.text(MAX_TEXT_BYTES));
  field('residency', expected.residency, reader.text(MAX_TEXT_BYTES));
  field('items', expected.items.length, reader.u32());
  const items = expected.items.map((item) => {
    field('item name', item.name, reader.text(MAX_TEXT_BYTES));
    field('item length', item.length, reader.u32());
    field('item level', item.level, reader.u32());
    field('item scale bits', item.scaleBits, reader.f64());
    const blob = reader.blob(item.bytes);
    if (blob.length === 0 && expected.mayBeAbsent) return null;
    field('item bytes', item.bytes, blob.length);
    return blob;
  });
  reader.end();
  return items;
}
