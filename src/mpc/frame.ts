import { concatBytes, utf8 } from '../base/bytes.ts';
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
const SESSION_AT = 8;
const ROUND_AT: number = SESSION_AT + SESSION_BYTES;

/** Everything about a frame but its payload. Public. */
export type FrameHeader = {
  readonly kind: FrameKind;
  /** Endpoint numbers: parties are 1..n, owners and recipients follow. */
  readonly sender: number;
  readonly recipient: number;
  /** Names the session and its plan together: see session.ts. */
  readonly session: Uint8Array;
  readonly round: number;
  /** Counts the frames from this sender to this recipient in this session, from 0. */
  readonly sequence: number;
};

/** One message between two endpoints, or a piece of one. */
export type Frame = FrameHeader & { readonly payload: Uint8Array };

/**
 * Little-endian: magic `BRMP`, version u8, kind u8, sender u8, recipient u8, session 16 bytes, round u32, sequence u32, payload length
 * u32. The payload follows.
 */
export function encodeHeader(header: FrameHeader, payloadBytes: number): Uint8Array {
  const out = new Uint8Array(FRAME_HEADER_BYTES);
  const view = new DataView(out.buffer);
  out.set(MAGIC);
  out[4] = VERSION;
  out[5] = FRAME_KINDS.indexOf(header.kind);
  out[6] = header.sender;
  out[7] = header.recipient;
  out.set(header.session, SESSION_AT);
  view.setUint32(ROUND_AT, header.round, true);
  view.setUint32(ROUND_AT + 4, header.sequence, true);
  view.setUint32(ROUND_AT + 8, payloadBytes, true);
  return out;
}

/**
 * Reads a header, of a frame of `length` bytes in all.
 * @throws IntegrityError unless it is well-formed and announces exactly the payload that the frame has.
 */
export function parseHeader(bytes: Uint8Array, length: number): FrameHeader {
  if (bytes.length < FRAME_HEADER_BYTES || length < FRAME_HEADER_BYTES) {
    throw new IntegrityError(
      `frame: truncated, expected at least ${FRAME_HEADER_BYTES} bytes, found ${bytes.length}`,
      { expected: FRAME_HEADER_BYTES, found: bytes.length },
    );
  }
  if (MAGIC.some((byte, i) => byte !== bytes[i])) {
    throw new IntegrityError('frame: expected the magic bytes BRMP; the peer speaks something else');
  }
  const version = bytes[4]!;
  if (version !== VERSION) {
    throw new IntegrityError(
      `frame: expected version ${VERSION}, found ${version}; use the same release on all sides`,
      { version },
    );
  }
  const kind = FRAME_KINDS[bytes[5]!];
  if (kind === undefined) throw new IntegrityError(`frame: unknown kind ${bytes[5]}`, { kind: bytes[5]! });
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const announced = view.getUint32(ROUND_AT + 8, true);
  if (announced !== length - FRAME_HEADER_BYTES) {
    throw new IntegrityError(
      `frame: expected the ${announced} bytes of payload that it announces, found ${length - FRAME_HEADER_BYTES}`,
      { expected: announced, found: length - FRAME_HEADER_BYTES },
    );
  }
  return {
    kind,
    sender: bytes[6]!,
    recipient: bytes[7]!,
    session: bytes.subarray(SESSION_AT, ROUND_AT),
    round: view.getUint32(ROUND_AT, true),
    sequence: view.getUint32(ROUND_AT + 4, true),
  };
}

/** A frame in one piece. Cost: {@link FRAME_HEADER_BYTES} and the payload. */
export function encodeFrame(frame: Frame): Uint8Array {
  return concatBytes([encodeHeader(frame, frame.payload.length), frame.payload]);
}

/**
 * Reads a frame; the payload is a view. Every size is checked before it is used.
 * @throws IntegrityError unless the bytes are exactly one well-formed frame with at most `maxPayload` bytes
 * of payload.
 */
export function parseFrame(bytes: Uint8Array, maxPayload: number): Frame {
  const header = parseHeader(bytes, bytes.length);
  const payload = bytes.subarray(FRAME_HEADER_BYTES);
  if (payload.length > maxPayload) {
    throw new IntegrityError(
      `frame: a payload of ${payload.length} bytes exceeds its limit of ${maxPayload}`,
      { length: payload.length, maxLength: maxPayload },
    );
  }
  return { ...header, payload };
}
