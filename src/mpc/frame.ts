import { ByteReader, ByteWriter, utf8 } from '../base/bytes.ts';
import { IntegrityError } from '../base/errors.ts';

/** What a frame carries. */
export const FRAME_KINDS = ['inputShare', 'outputShare', 'abort', 'keys', 'round'] as const;
export type FrameKind = (typeof FRAME_KINDS)[number];

/** Bytes of the wire name of a session and plan. */
export const SESSION_BYTES = 16;

/** Magic, version, kind, sender, recipient, session, round, sequence, payload length. */
export const FRAME_HEADER_BYTES: number = 4 + 4 + SESSION_BYTES + 3 * 4;

/** No frame is longer than this, whatever its header says (16 MiB and the header). */
export const MAX_FRAME_BYTES: number = FRAME_HEADER_BYTES + 2 ** 24;

const MAGIC: Uint8Array = utf8('BRMP');
const VERSION = 1;

/** One message between two endpoints, or a piece of one. Everything but the payload is public. */
export type Frame = {
  readonly kind: FrameKind;
  /** Endpoint numbers: parties are 1..n, owners and recipients follow. */
  readonly sender: number;
  readonly recipient: number;
  /** Names the session and its plan together: see session.ts. */
  readonly session: Uint8Array;
  readonly round: number;
  /** Counts the frames from this sender to this recipient in this session, from 0. */
  readonly sequence: number;
  readonly payload: Uint8Array;
};

/**
 * Little-endian: magic `BRMP`, version u8, kind u8, sender u8, recipient u8, session 16 bytes, round u32,
 * sequence u32, payload length u32, payload. Cost: {@link FRAME_HEADER_BYTES} and the payload.
 */
export function encodeFrame(frame: Frame): Uint8Array {
  return new ByteWriter()
    .raw(MAGIC)
    .u8(VERSION)
    .u8(FRAME_KINDS.indexOf(frame.kind))
    .u8(frame.sender)
    .u8(frame.recipient)
    .raw(frame.session)
    .u32(frame.round)
    .u32(frame.sequence)
    .blob(frame.payload)
    .finish();
}

/**
 * Reads a frame; the payload is a view. Every size is checked before it is used.
 * @throws IntegrityError unless the bytes are exactly one well-formed frame with at most `maxPayload` bytes
 * of payload.
 */
export function parseFrame(bytes: Uint8Array, maxPayload: number): Frame {
  const reader = new ByteReader(bytes, 'frame');
  const magic = reader.raw(MAGIC.length);
  if (magic.some((byte, i) => byte !== MAGIC[i])) {
    throw new IntegrityError('frame: expected the magic bytes BRMP; the peer speaks something else');
  }
  const version = reader.u8();
  if (version !== VERSION) {
    throw new IntegrityError(
      `frame: expected version ${VERSION}, found ${version}; use the same release on all sides`,
      {
        version,
      },
    );
  }
  const kindIndex = reader.u8();
  const kind = FRAME_KINDS[kindIndex];
  if (kind === undefined) throw new IntegrityError(`frame: unknown kind ${kindIndex}`, { kind: kindIndex });
  const sender = reader.u8();
  const recipient = reader.u8();
  const session = reader.raw(SESSION_BYTES);
  const round = reader.u32();
  const sequence = reader.u32();
  const payload = reader.blob(maxPayload);
  reader.end();
  return { kind, sender, recipient, session, round, sequence, payload };
}
