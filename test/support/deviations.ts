import { expect } from 'vitest';
import { BlindRiskError } from '../../src/base/errors.ts';
import { playClient } from '../../src/engine/party/play.ts';
import { parseHeader } from '../../src/mpc/frame.ts';
import { type PartyProcess, type TestSession, TIMEOUTS } from './party-processes.ts';
import { type Outgoing, playDeviatingParty, recordOf } from './raw-party.ts';

/** What party 3 does instead of sending a frame; whether it goes on as if nothing had happened; what party 2 says of it. */
type Deviation = (frame: Outgoing) => Promise<void> | void;

const ROUND_AT = 24;
const SEQUENCE_AT = 28;

const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes[at]! ^ 1);
const moved = (bytes: Uint8Array, at: number, by: number): Uint8Array => bytes.with(at, bytes[at]! + by);

/** Ways to deviate on the wire, in the middle of a computation, and what the party that receives it says. */
export const DEVIATIONS: readonly (readonly [what: string, deviate: Deviation, said: RegExp])[] = [
  [
    'repeats a frame',
    async ({ pass }) => {
      await pass();
      await pass();
    },
    // Or of another length than what is expected next.
    /it was replayed|found another frame|expected at most \d+ bytes/,
  ],
  [
    'sends a later frame first',
    ({ header, pass }) => pass(moved(header, SEQUENCE_AT, 1)),
    /it was reordered, or one is missing/,
  ],
  ['replays an old frame', ({ header, pass }) => pass(moved(header, SEQUENCE_AT, -1)), /it was replayed/],
  [
    'sends a frame of another round',
    ({ header, pass }) => pass(moved(header, ROUND_AT, 1)),
    /expected round \d+, found \d+/,
  ],
  [
    'sends a frame of another session',
    ({ header, pass }) => pass(flipped(header, 9)),
    /found one of another/,
  ],
  ['calls itself another', ({ header, pass }) => pass(header.with(6, 1)), /expected sender 3, found 1/],
  [
    'sends another kind of frame',
    ({ header, pass }) => pass(header.with(5, 3)),
    /expected round, found keys/,
  ],
  [
    'sends a frame of no kind',
    ({ header, pass }) => pass(header.with(5, 99)),
    /expected a well-formed frame/,
  ],
  [
    'announces more than it may',
    ({ socket }) => void socket.write(Buffer.from([0, 0, 0, 0x7f])),
    /expected a frame of 36 to \d+ bytes, found one announced with 2130706432/,
  ],
  [
    'sends a longer frame than the plan says',
    ({ header, payload, pass }) => pass(header, new Uint8Array(payload.length + 64)),
    /expected at most \d+ bytes, found \d+/,
  ],
  [
    'sends a shorter frame than it announces',
    ({ header, payload, pass }) => pass(header, payload.subarray(8)),
    /expected a well-formed frame/,
  ],
  [
    'ends in the middle of a frame',
    ({ header, payload, socket }) => void socket.end(recordOf(header, payload).subarray(0, 30)),
    /the connection was closed without a farewell/,
  ],
  [
    'sends garbage',
    ({ socket }) => void socket.write('GET / HTTP/1.1\r\nHost: party\r\n\r\n'),
    /expected a frame of 36 to \d+ bytes/,
  ],
  ['says nothing', () => new Promise(() => {}), /nothing came or was taken within|nothing was heard from it/],
  [
    'sends a frame byte by byte',
    async ({ header, payload, socket }) => {
      for (const byte of recordOf(header, payload)) {
        if (socket.destroyed) return;
        socket.write(Uint8Array.of(byte));
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    },
    /nothing came or was taken within/,
  ],
  [
    'changes a share',
    ({ header, payload, pass }) => pass(header, flipped(payload, 0)),
    /a party deviated, and which one cannot be told/,
  ],
];

/** That a party ended with status 4 and said nothing but its error. */
export async function expectAborted({ ended }: PartyProcess, said: RegExp): Promise<void> {
  const { status, stdout, stderr } = await ended;
  expect(status, stderr).toBe(4);
  expect(stdout).toBe('');
  expect(stderr).toMatch(said);
}

/** That a client was left without a number, and why. */
export function expectNoNumber(outcome: unknown): void {
  expect(outcome).toBeInstanceOf(BlindRiskError);
  expect(outcome).toMatchObject({ code: expect.stringMatching(/^(protocol|transport)$/) });
}

/** How many frames party 3 sends to party 2 before it deviates. */
const HONEST_FRAMES = 20;

/**
 * Runs parties 1 and 2 as processes, the owner here, and party 3 as an adversary with its real key; expects that all honest ones abort in time and name
 * a peer and a round, and that nothing is opened.
 */
export async function expectAllAbort(session: TestSession, deviate: Deviation, said: RegExp): Promise<void> {
  const honest = [session.start('party 1'), session.start('party 2')];
  let deviated = Number.NaN;
  let round = 0;
  void playDeviatingParty(session, async (frame) => {
    if (frame.to !== 2 || frame.index !== HONEST_FRAMES) return frame.pass();
    deviated = performance.now();
    ({ round } = parseHeader(frame.header, frame.header.length + frame.payload.length));
    await deviate(frame);
  }).catch(() => {});
  const outcome = await playClient(session.network('owner'), 'owner', session.inputs.vectors).then(
    ({ opened }) => opened,
    (error: unknown) => error,
  );
  expectNoNumber(outcome);
  expect(round).toBeGreaterThan(5);
  // Party 2 sees it; party 1 is told by it, or waits in vain.
  await expectAborted(honest[1]!, said);
  const { stderr } = await honest[1]!.ended;
  if (!stderr.includes('which one cannot be told')) expect(stderr).toMatch(/party 3, round \d+: /);
  await expectAborted(honest[0]!, /party [23], round \d+: |round \d+: .*a party deviated/);
  expect(performance.now() - deviated).toBeLessThan(2 * TIMEOUTS.messageMs + 15_000);
}
