import { ed25519 } from '@noble/curves/ed25519.js';
import type { Digest } from '../base/brand.ts';
import { concatBytes, hex, utf8 } from '../base/bytes.ts';
import { sha256Of } from '../base/digest.ts';
import { RangeError } from '../base/errors.ts';
import { randomBytes } from '../base/random.ts';

/** What an endpoint shows and keeps for TLS. `privateKey` is secret; the rest is public. */
export type TlsIdentity = {
  /** The self-signed certificate, PEM. */
  readonly certificate: string;
  /** The Ed25519 key, PKCS#8 PEM, not encrypted. */
  readonly privateKey: string;
  /** What peers are told: see {@link pinOf}. */
  readonly pin: Digest;
};

/** DER tags (ITU-T X.690). */
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const SEQUENCE = 0x30;
const SET = 0x31;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

const ED25519: Uint8Array = object(0x2b, 0x65, 0x70);
const COMMON_NAME: Uint8Array = object(0x55, 0x04, 0x03);
const TRUE: Uint8Array = Uint8Array.of(0x01, 0x01, 0xff);

/** Longest common name (RFC 5280, ub-common-name). */
const LONGEST_NAME = 64;

/**
 * A new key and a self-signed X.509 certificate over it (RFC 5280, RFC 8410: Ed25519) for mutually authenticated TLS between endpoints
 * that know each other's pins. The certificate proves possession of the key and nothing else: no authority vouches for it, its name is for
 * people, and it does not expire (RFC 5280, 4.1.2.5); an endpoint is dismissed by taking its pin off the list.
 * @throws RangeError for an empty name or one of more than 64 bytes.
 */
export function createTlsIdentity(name: string): TlsIdentity {
  const common = utf8(name);
  if (common.length === 0 || common.length > LONGEST_NAME) {
    throw new RangeError(`expected a name of 1 to ${LONGEST_NAME} bytes, found ${common.length}`, {
      found: common.length,
    });
  }
  const secretKey = ed25519.utils.randomSecretKey(randomBytes(32));
  const keyInfo = der(
    SEQUENCE,
    der(SEQUENCE, ED25519),
    der(BIT_STRING, Uint8Array.of(0), ed25519.getPublicKey(secretKey)),
  );
  const distinguished = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, common))));
  const signed = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Uint8Array.of(2))),
    der(INTEGER, positive(randomBytes(16))),
    der(SEQUENCE, ED25519),
    distinguished,
    der(SEQUENCE, der(UTC_TIME, utf8('260101000000Z')), der(GENERALIZED_TIME, utf8('99991231235959Z'))),
    distinguished,
    keyInfo,
    der(0xa3, der(SEQUENCE, ...extensions())),
  );
  const signature = ed25519.sign(signed, secretKey);
  const certificate = der(
    SEQUENCE,
    signed,
    der(SEQUENCE, ED25519),
    der(BIT_STRING, Uint8Array.of(0), signature),
  );
  const privateKey = der(
    SEQUENCE,
    der(INTEGER, Uint8Array.of(0)),
    der(SEQUENCE, ED25519),
    der(OCTET_STRING, der(OCTET_STRING, secretKey)),
  );
  const identity = {
    certificate: pem('CERTIFICATE', certificate),
    privateKey: pem('PRIVATE KEY', privateKey),
    pin: pinOf(keyInfo),
  };
  secretKey.fill(0);
  privateKey.fill(0);
  return identity;
}

/** SHA-256 of a SubjectPublicKeyInfo in DER: what stands for a peer's identity (as in RFC 7469, in hexadecimal). */
export function pinOf(subjectPublicKeyInfo: Uint8Array): Digest {
  return hex(sha256Of(subjectPublicKeyInfo)) as Digest;
}

/** Not an authority; for signatures; for both ends of TLS. All but the last critical. */
function extensions(): Uint8Array[] {
  const usages = [1, 2].map((use) => object(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, use));
  return [
    der(SEQUENCE, object(0x55, 0x1d, 0x13), TRUE, der(OCTET_STRING, der(SEQUENCE))),
    der(SEQUENCE, object(0x55, 0x1d, 0x0f), TRUE, der(OCTET_STRING, der(BIT_STRING, Uint8Array.of(7, 0x80)))),
    der(SEQUENCE, object(0x55, 0x1d, 0x25), der(OCTET_STRING, der(SEQUENCE, ...usages))),
  ];
}

/** A tag, the length of its content in as few bytes as possible, and the content. */
function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(content);
  const { length } = body;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return concatBytes([Uint8Array.of(tag, ...size), body]);
}

function object(...encoded: readonly number[]): Uint8Array {
  return Uint8Array.of(OBJECT_ID, encoded.length, ...encoded);
}

/** A serial number: positive, without a leading zero byte. */
function positive(bytes: Uint8Array): Uint8Array {
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes;
}

function pem(label: string, bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes)).replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`;
}
