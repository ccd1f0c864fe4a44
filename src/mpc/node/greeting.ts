import type { TLSSocket } from 'node:tls';
import type { Digest } from '../../base/brand.ts';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { sha256Of } from '../../base/digest.ts';
import { SESSION_BYTES } from '../frame.ts';
import { LinkFault } from '../transport.ts';

const MAGIC: Uint8Array = utf8('BRMG');
const VERSION = 1;
const TERMS_BYTES = 32;
export const GREETING_BYTES: number = MAGIC.length + 2 + TERMS_BYTES + SESSION_BYTES;

/** The first bytes on a connection, from either side. */
export type Greeting = {
  /** Who speaks, by its number; its key has said so already. */
  readonly endpoint: number;
  /** See {@link termsOf}. */
  readonly terms: Uint8Array;
  /** Between parties: random bytes of the speaker. From a party to an outside endpoint: the nonce that all parties agreed on. */
  readonly nonce: Uint8Array;
};

/** A hash of what both ends have to have in common: the name of the session and the plan. */
export function termsOf(session: string, plan: Digest): Uint8Array {
  return sha256Of(concatBytes([utf8('blindrisk/mpc-terms/1\0'), sha256Of(utf8(session)), utf8(plan)]));
}

/** The nonce of a session: new as long as one party's random bytes are. */
export function nonceOf(terms: Uint8Array, contributions: readonly Uint8Array[]): Uint8Array {
  return sha256Of(concatBytes([utf8('blindrisk/mpc-nonce/1\0'), terms, ...contributions])).slice(
    0,
    SESSION_BYTES,
  );
}

export function encodeGreeting({ endpoint, terms, nonce }: Greeting): Uint8Array {
  return concatBytes([MAGIC, Uint8Array.of(VERSION, endpoint), terms, nonce]);
}

/** @throws LinkFault unless it is a greeting of this endpoint on these terms. */
export function parseGreeting(bytes: Uint8Array, endpoint: number, terms: Uint8Array): Greeting {
  if (MAGIC.some((byte, i) => byte !== bytes[i]) || bytes[MAGIC.length] !== VERSION) {
    throw new LinkFault(`expected a greeting of version ${VERSION}, found something else`, 'greeting');
  }
  const speaker = bytes[MAGIC.length + 1]!;
  if (speaker !== endpoint) {
    throw new LinkFault(`its key is that of endpoint ${endpoint}, but it calls itself ${speaker}`, 'sender');
  }
  const at = MAGIC.length + 2;
  const theirs = bytes.slice(at, at + TERMS_BYTES);
  if (terms.some((byte, i) => byte !== theirs[i])) {
    throw new LinkFault(
      'expected the same session and plan, found another: use the same session name, program and public files everywhere',
      'session',
    );
  }
  return { endpoint, terms: theirs, nonce: bytes.slice(at + TERMS_BYTES, GREETING_BYTES) };
}

/** The first bytes of a connection; what follows them stays in the socket, which is paused. */
export function readGreeting(socket: TLSSocket, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    const settle = (done: () => void) => {
      socket.off('data', onData).off('close', onClose).off('end', onClose);
      signal.removeEventListener('abort', onAbort);
      done();
    };
    const onData = (chunk: Buffer) => {
      parts.push(chunk);
      length += chunk.length;
      if (length < GREETING_BYTES) return;
      socket.pause();
      settle(() => {
        const bytes = Buffer.concat(parts);
        if (length > GREETING_BYTES) socket.unshift(bytes.subarray(GREETING_BYTES));
        resolve(new Uint8Array(bytes.subarray(0, GREETING_BYTES)));
      });
    };
    const onClose = () =>
      settle(() =>
        reject(
          new LinkFault(
            'it closed the connection instead of greeting: it may expect another key, or has failed',
          ),
        ),
      );
    const onAbort = () => settle(() => reject(signal.reason));
    socket.on('data', onData).on('close', onClose).on('end', onClose);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    else if (socket.destroyed) onClose();
    else socket.resume();
  });
}
