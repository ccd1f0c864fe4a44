import { scryptAsync } from '@noble/hashes/scrypt.js';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { CustodyError, RangeError } from '../../base/errors.ts';
import { randomBytes } from '../../base/random.ts';

/** The platform's handle of a key: this package is typed for Node and browsers alike, where it has different names. */
type PlatformKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** Work of scrypt: N = 2^log2n, and its r and p. */
export type ScryptCost = { readonly log2n: number; readonly r: number; readonly p: number };

/** 128 MiB and some tenths of a second a guess (RFC 7914; twice OWASP's least N for p = 1). */
export const SCRYPT_COST: ScryptCost = { log2n: 17, r: 8, p: 1 };
/** Stored costs come from a file: beyond these, opening it would exhaust memory rather than answer. */
const MOST_COST: ScryptCost = { log2n: 20, r: 16, p: 4 };
const LEAST_LOG2N = 10;
const MIN_PASSPHRASE_LENGTH = 12;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const SALT_BYTES = 16;

/**
 * AES-256-GCM under a key that scrypt derives from a passphrase. Nonces are random: 2^32 messages under one key keep a
 * repetition below 2^-32 (NIST SP 800-38D, section 8.3), far beyond what a vault writes. The key is not extractable
 * from the platform's crypto; the passphrase itself is a string and cannot be erased.
 */
export class SealingKey {
  readonly #key: PlatformKey;

  private constructor(key: PlatformKey) {
    this.#key = key;
  }

  /** Cost: one scrypt. @throws RangeError for a passphrase of fewer than 12 characters, or a cost out of bounds. */
  static async fromPassphrase(passphrase: string, salt: Uint8Array, cost: ScryptCost): Promise<SealingKey> {
    checkCost(cost);
    if (passphrase.length < MIN_PASSPHRASE_LENGTH) {
      throw new RangeError(
        `expected a passphrase of at least ${MIN_PASSPHRASE_LENGTH} characters, found ${passphrase.length}`,
        { least: MIN_PASSPHRASE_LENGTH, found: passphrase.length },
      );
    }
    const derived = await scrypt(utf8(passphrase.normalize('NFKC')), salt, cost);
    const key = await crypto.subtle.importKey('raw', derived as Uint8Array<ArrayBuffer>, 'AES-GCM', false, [
      'encrypt',
      'decrypt',
    ]);
    derived.fill(0);
    return new SealingKey(key);
  }

  /** @param context what this is and where it belongs: opening under another context fails. */
  async seal(secret: Uint8Array, context: string): Promise<Uint8Array> {
    const iv = randomBytes(NONCE_BYTES) as Uint8Array<ArrayBuffer>;
    const sealed = await crypto.subtle.encrypt(
      { name: 'AES-GCM', iv, additionalData: utf8(context) as Uint8Array<ArrayBuffer> },
      this.#key,
      secret as Uint8Array<ArrayBuffer>,
    );
    return concatBytes([iv, new Uint8Array(sealed)]);
  }

  /** @throws CustodyError: a wrong passphrase and changed bytes look the same. */
  async open(sealed: Uint8Array, context: string): Promise<Uint8Array> {
    if (sealed.length < NONCE_BYTES + TAG_BYTES) throw wontOpen(context);
    try {
      const opened = await crypto.subtle.decrypt(
        {
          name: 'AES-GCM',
          iv: sealed.slice(0, NONCE_BYTES),
          additionalData: utf8(context) as Uint8Array<ArrayBuffer>,
        },
        this.#key,
        sealed.slice(NONCE_BYTES),
      );
      return new Uint8Array(opened);
    } catch {
      throw wontOpen(context);
    }
  }
}

function wontOpen(context: string): CustodyError {
  return new CustodyError(`${context} does not open: the passphrase is another, or its bytes were changed`, {
    context,
  });
}

function checkCost(cost: ScryptCost): void {
  for (const name of ['log2n', 'r', 'p'] as const) {
    const least = name === 'log2n' ? LEAST_LOG2N : 1;
    const value = cost[name];
    if (!(Number.isInteger(value) && value >= least && value <= MOST_COST[name])) {
      throw new RangeError(`scrypt: expected ${name} from ${least} to ${MOST_COST[name]}, found ${value}`, {
        name,
        found: String(value),
      });
    }
  }
}

/** The platform's scrypt where there is one (Node), noble's elsewhere: the same function. */
async function scrypt(passphrase: Uint8Array, salt: Uint8Array, cost: ScryptCost): Promise<Uint8Array> {
  const { log2n, r, p } = cost;
  const N = 2 ** log2n;
  const native = globalThis.process?.getBuiltinModule?.('node:crypto');
  if (native === undefined) return scryptAsync(passphrase, salt, { N, r, p, dkLen: 32, maxmem: 2 ** 32 });
  return new Promise((resolve, reject) => {
    native.scrypt(passphrase, salt, 32, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error === null ? resolve(new Uint8Array(key)) : reject(error),
    );
  });
}
