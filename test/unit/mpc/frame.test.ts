import { expect, test } from 'vitest';
import { encodeFrame, FRAME_HEADER_BYTES, type Frame, parseFrame } from '../../../src/mpc/frame.ts';

const frame: Frame = {
  kind: 'outputShare',
  sender: 2,
  recipient: 5,
  session: Uint8Array.from({ length: 16 }, (_, i) => i),
  round: 2,
  sequence: 7,
  payload: Uint8Array.of(1, 2, 3),
};

test('a frame reads back', () => {
  const bytes = encodeFrame(frame);
  expect(bytes.length).toBe(FRAME_HEADER_BYTES + 3);
  const parsed = parseFrame(bytes, 3);
  expect({ ...parsed, session: parsed.session.slice(), payload: parsed.payload.slice() }).toEqual(frame);
});

test('a truncated frame of any length is refused', () => {
  const bytes = encodeFrame(frame);
  for (let length = 0; length < bytes.length; length++) {
    expect(() => parseFrame(bytes.subarray(0, length), 3)).toThrowError(
      expect.objectContaining({ code: 'integrity' }),
    );
  }
});

const edits: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  magic: (bytes) => bytes.with(0, 0),
  version: (bytes) => bytes.with(4, 9),
  kind: (bytes) => bytes.with(5, 99),
  'payload length beyond the limit': (bytes) => bytes.with(FRAME_HEADER_BYTES - 1, 255),
  'payload length beyond the frame': (bytes) => bytes.with(FRAME_HEADER_BYTES - 4, 4),
  'trailing bytes': (bytes) => Uint8Array.of(...bytes, 0),
};
test.each(Object.entries(edits))('a frame with a wrong %s is refused', (_, edit) => {
  expect(() => parseFrame(edit(encodeFrame(frame)), 4)).toThrowError(
    expect.objectContaining({ code: 'integrity' }),
  );
});
