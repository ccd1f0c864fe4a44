import type { Digest, KeyId, PartyId } from '../base/brand.ts';
import { ByteReader, ByteWriter, utf8 } from '../base/bytes.ts';
import { IntegrityError, ShapeError } from '../base/errors.ts';
import { type Identity, type PublicIdentity, SIGNATURE_BYTES, verifySignature } from './identity.ts';

/** What an envelope carries. */
export type EnvelopeKind = 'inputCiphertexts' | 'resultCiphertexts';

/** Everything a receiver compares before it reads a single ciphertext. All public. */
export type EnvelopeHeader = {
  readonly kind: EnvelopeKind;
  readonly sender: PartyId;
  readonly parameters: Digest;
  readonly key: KeyId;
  readonly circuit: Digest;
  /** SHA-256 of the envelope that this one answers, so that an older answer cannot pass for it; empty in a request. */
  readonly answers: Digest | '';
  /** log2 of the scale at which the ciphertexts are. */
  readonly scaleBits: number;
  /** Where the ciphertexts may be evaluated and stored; a label that both sides agree on. */
  readonly residency: string;
};

const MAGIC = utf8('BRISK\0\0');
const VERSION = 1;
const KINDS: readonly EnvelopeKind[] = ['inputCiphertexts', 'resultCiphertexts'];
const MAX_TEXT_BYTES = 256;
const MAX_HEADER_BYTES = 2048;

/**
 * Signs ciphertexts and their header into one message. An absent ciphertext (an output that is zero for every input)
 * is an empty item. @throws ShapeError for a name or label that no receiver would accept.
 */
export function sealEnvelope(
  header: Omit<EnvelopeHeader, 'sender'>,
  items: readonly (Uint8Array | null)[],
  sender: Identity,
): Uint8Array {
  const long = [sender.name, header.residency].find((text) => utf8(text).length > MAX_TEXT_BYTES);
  if (long !== undefined) {
    throw new ShapeError(
      `envelope: expected names and labels of at most ${MAX_TEXT_BYTES} bytes, found a longer one`,
    );
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
    .f64(header.scaleBits)
    .text(header.residency)
    .u32(items.length);
  for (const item of items) writer.blob(item ?? new Uint8Array(0));
  const signed = writer.finish();
  return new ByteWriter().raw(signed).raw(sender.sign(signed)).finish();
}

/** What the receiver expects, from the plan it made itself. */
export type EnvelopeExpectation = Omit<EnvelopeHeader, 'sender'> & {
  readonly sender: PublicIdentity;
  readonly items: number;
  /** Exact length of every item that is present. */
  readonly itemBytes: number;
};

/**
 * Verifies size, signature and every header field, in that order, and only then returns the ciphertexts (views into
 * `bytes`). Nothing is parsed by SEAL here.
 * @throws IntegrityError
 */
export function openEnvelope(
  bytes: Uint8Array,
  expected: EnvelopeExpectation,
): readonly (Uint8Array | null)[] {
  const most = MAX_HEADER_BYTES + expected.items * (4 + expected.itemBytes) + SIGNATURE_BYTES;
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
  field('scale bits', expected.scaleBits, reader.f64());
  field('residency', expected.residency, reader.text(MAX_TEXT_BYTES));
  field('items', expected.items, reader.u32());
  const items = Array.from({ length: expected.items }, () => {
    const item = reader.blob(expected.itemBytes);
    if (item.length === 0) return null;
    field('item bytes', expected.itemBytes, item.length);
    return item;
  });
  reader.end();
  return items;
}
