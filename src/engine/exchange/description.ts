import type { Digest, KeyId } from '../../base/brand.ts';
import { bytesOfHex, hex } from '../../base/bytes.ts';
import { IntegrityError } from '../../base/errors.ts';
import { type JsonCursor, readJson } from '../../domain/parse/json.ts';
import { POSITIVE } from '../../domain/parse/rule.ts';
import type { PublicIdentity } from '../../trust/identity.ts';

/** What owner and engine have to see alike: digests of the public side. */
export type PublicDigests = {
  /** Contracts, market and scenarios. */
  readonly valuation: Digest;
  readonly circuit: Digest;
  readonly parameters: Digest;
};

/**
 * What goes with a request, in the clear: all that an engine needs to make the same plan. Nothing of it is secret, and nothing of it is
 * believed: a change gives another plan than that of the signed request.
 */
export type RunDescription = PublicDigests & {
  /**
   * Wanted error of the normalised outputs: the owner's precision times gross / L1, rounded down to a power of two. So it tells that
   * ratio, to a factor of two; a run at a stated precision cannot hide it.
   */
  readonly precision: number;
  readonly key: KeyId;
  /** SHA-256 of the request. */
  readonly request: Digest;
};

const FORMAT = 'blindrisk-run';
const VERSION = 1;
const SHA256 = /^[0-9a-f]{64}$/;
const KEY_ID = /^[0-9a-f]{32}$/;

export function writeDescription(description: RunDescription): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, ...description }, null, 1)}\n`;
}

/** @throws ParseError naming the first field that is not as written. */
export function readDescription(text: string, file: string): RunDescription {
  return readJson(text, file, (root) => {
    root.object(['format', 'version', 'precision', ...DIGESTS, 'key']);
    literal(root.member('format'), FORMAT);
    literal(root.member('version'), VERSION);
    const digest = (name: (typeof DIGESTS)[number]) => digestIn(root.member(name));
    return {
      precision: root.member('precision').number(POSITIVE),
      valuation: digest('valuation'),
      circuit: digest('circuit'),
      parameters: digest('parameters'),
      request: digest('request'),
      key: matching(root.member('key'), KEY_ID, 'a key id') as KeyId,
    };
  }).result;
}

const DIGESTS = ['valuation', 'circuit', 'parameters', 'request'] as const;

/** Refuses another public side, saying which part of it differs first. @throws IntegrityError */
export function expectSame(expected: PublicDigests, found: PublicDigests): void {
  const why = {
    valuation: 'contracts, market or scenarios differ',
    circuit: 'the same inputs give another circuit: the versions of blindrisk differ',
    parameters: 'the same circuit gives other parameters: the versions of blindrisk differ',
  } as const;
  for (const part of ['valuation', 'circuit', 'parameters'] as const) {
    if (expected[part] === found[part]) continue;
    throw new IntegrityError(
      `${why[part]}: expected ${part} ${expected[part]}, found ${found[part]}; both sides must use the same files`,
      { part },
    );
  }
}

/** public.json: what a peer pins. */
export function writePublicIdentity(identity: PublicIdentity): string {
  return `${JSON.stringify(identityRecord(identity), null, 1)}\n`;
}

/** @throws ParseError */
export function readPublicIdentity(text: string, file: string): PublicIdentity {
  return readJson(text, file, readIdentity).result;
}

function identityRecord({ name, publicKey }: PublicIdentity): { name: string; publicKey: string } {
  return { name, publicKey: hex(publicKey) };
}

function readIdentity(cursor: JsonCursor): PublicIdentity {
  cursor.object(['name', 'publicKey']);
  return {
    name: cursor.member('name').text() as PublicIdentity['name'],
    publicKey: bytesOfHex(
      matching(cursor.member('publicKey'), SHA256, 'an Ed25519 public key in hexadecimal'),
    ),
  };
}

function matching(cursor: JsonCursor, pattern: RegExp, expected: string): string {
  const text = cursor.text(expected);
  if (!pattern.test(text)) throw cursor.error(expected);
  return text;
}

/** @throws ParseError unless this is a SHA-256 in hexadecimal. */
export function digestIn(cursor: JsonCursor): Digest {
  return matching(cursor, SHA256, 'a SHA-256') as Digest;
}

/** @throws ParseError unless this is exactly what is expected. */
export function literal(cursor: JsonCursor, expected: string | number): void {
  if (cursor.value !== expected) throw cursor.error(JSON.stringify(expected));
}
