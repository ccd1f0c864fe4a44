import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecordQueue } from '../../../../src/mpc/node/record-queue.ts';
import { LinkFault } from '../../../../src/mpc/transport.ts';

const never = new AbortController().signal;

/** A queue of records of 2 to 64 bytes, in which 0 means nothing and 255 is counted; and what it asked of its source. */
function newQueue(): { queue: RecordQueue; asked: string[] } {
  const asked: string[] = [];
  const queue: RecordQueue = new RecordQueue({
    shortest: 2,
    longest: 64,
    special: new Map([
      [0, () => {}],
      [255, () => asked.push('special')],
    ]),
    onFull: () => asked.push('full'),
    onRoom: () => asked.push('room'),
  });
  return { queue, asked };
}

function record(content: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + content.length);
  new DataView(out.buffer).setUint32(0, content.length, true);
  out.set(content, 4);
  return out;
}

async function take(queue: RecordQueue, pieces: number): Promise<Uint8Array> {
  const incoming = await queue.next(never);
  const out = new Uint8Array(incoming.length);
  const size = Math.ceil(incoming.length / pieces);
  for (let at = 0; at < out.length; at += size) await incoming.read(out.subarray(at, at + size), never);
  return out;
}

test('records come out as they went in, however the bytes are cut on either side', async () => {
  const content = fc.uint8Array({ minLength: 2, maxLength: 64 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(content, { minLength: 1, maxLength: 12 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
      fc.integer({ min: 1, max: 5 }),
      async (contents, cuts, pieces) => {
        const { queue } = newQueue();
        const heartbeat = new Uint8Array(4);
        const stream = Buffer.concat(contents.flatMap((bytes) => [heartbeat, record(bytes)]));
        const reading = (async () => {
          for (const bytes of contents) expect(await take(queue, pieces)).toEqual(bytes);
        })();
        for (let at = 0; at < stream.length; ) {
          const size = cuts.next().value;
          queue.push(new Uint8Array(stream.subarray(at, at + size)));
          at += size;
          await Promise.resolve();
        }
        await reading;
        expect(queue.waiting).toBe(0);
      },
    ),
    { numRuns: 200 },
  );
});

describe('what is not allowed', () => {
  test.each([1, 65, 2 ** 32 - 1])('a record announced with %d bytes breaks the queue', async (length) => {
    const { queue } = newQueue();
    queue.push(record(Uint8Array.of(1, 2)));
    const bytes = new Uint8Array(100);
    new DataView(bytes.buffer).setUint32(0, length, true);
    queue.push(bytes);
    expect(queue.broken).toBe(true);
    // What came before it can be taken; nothing after it is kept.
    expect(await take(queue, 1)).toEqual(Uint8Array.of(1, 2));
    await expect(queue.next(never)).rejects.toMatchObject({ check: 'size' });
    expect(queue.waiting).toBe(0);
  });

  test('reading beyond the end of a record', async () => {
    const { queue } = newQueue();
    queue.push(record(Uint8Array.of(1, 2)));
    const incoming = await queue.next(never);
    await expect(incoming.read(new Uint8Array(3), never)).rejects.toMatchObject({ check: 'size' });
  });
});

test('a source is asked to wait when two longest records are kept, and to go on when one is', async () => {
  const { queue, asked } = newQueue();
  for (let i = 0; i < 3; i++) queue.push(record(new Uint8Array(64)));
  expect(asked).toEqual(['full']);
  await take(queue, 1);
  expect(asked).toEqual(['full']);
  await take(queue, 1);
  expect(asked).toEqual(['full', 'room']);
});

test('the end of the source is the end of a record that is not whole', async () => {
  const { queue } = newQueue();
  queue.push(record(Uint8Array.of(1, 2, 3, 4)).subarray(0, 6));
  const reading = take(queue, 1);
  queue.end(new LinkFault('gone'));
  await expect(reading).rejects.toThrow('gone');
});

test('waiting ends with its signal', async () => {
  const { queue } = newQueue();
  const controller = new AbortController();
  const waiting = queue.next(controller.signal);
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  // And somebody else may wait then.
  queue.push(record(Uint8Array.of(7, 8)));
  expect(await take(queue, 1)).toEqual(Uint8Array.of(7, 8));
});
