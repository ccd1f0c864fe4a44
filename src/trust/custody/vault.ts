import type { Digest, KeyId } from '../../base/brand.ts';
import { bytesOfHex, hex, utf8 } from '../../base/bytes.ts';
import { CustodyError, IntegrityError } from '../../base/errors.ts';
import { randomBytes } from '../../base/random.ts';
import { type Identity, identityOf, newSecretKey, type PublicIdentity } from '../identity.ts';
import { SALT_BYTES, SCRYPT_COST, type ScryptCost, SealingKey } from './sealing.ts';

/** Where a vault keeps its files: names are flat. Writes are atomic: a file is there in whole or not at all. */
export type VaultFiles = {
  list(): Promise<readonly string[]>;
  /** Undefined where there is no such file. */
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
};

export type KeyStatus = 'enabled' | 'disabled' | 'destroyed';

/** What is known of a key without its passphrase. Public; not authenticated. */
export type KeyRecord = {
  readonly id: KeyId;
  readonly scheme: 'ckks';
  readonly parameters: Digest;
  readonly status: KeyStatus;
  /** UTC, ISO 8601. */
  readonly created: string;
};

type Head = {
  readonly format: 'blindrisk-vault';
  readonly version: 1;
  readonly name: string;
  readonly publicKey: string;
  readonly scrypt: ScryptCost & { readonly salt: string };
};

const HEAD = 'vault.json';
const IDENTITY = 'identity.sealed';
const recordName = (id: KeyId): string => `key-${id}.json`;
const secretName = (id: KeyId): string => `key-${id}.sealed`;
const KEY_RECORD = /^key-([0-9a-f]{32})\.json$/;

const toJson = (value: unknown): Uint8Array => utf8(`${JSON.stringify(value, null, 1)}\n`);

/**
 * One role's secrets at rest: its signing key, its CKKS keys with their status, and what it must remember of a run that awaits an
 * answer. Every secret is sealed ({@link SealingKey}) under a name that it cannot be moved from.
 *
 * Protects against whoever reads or changes the files without the passphrase: contents stay hidden, changes to secrets are noticed.
 * Not against putting older files back, deleting them, or guessing a weak passphrase; a status lives beside the secret, unsealed, and
 * keeps a role from mistakes, not from whoever writes its files.
 */
export class Vault {
  readonly identity: Identity;
  readonly #files: VaultFiles;
  readonly #key: SealingKey;

  private constructor(files: VaultFiles, key: SealingKey, identity: Identity) {
    this.#files = files;
    this.#key = key;
    this.identity = identity;
  }

  /** Makes the vault and the identity of a role. @throws CustodyError where there is one already. */
  static async create(
    files: VaultFiles,
    name: string,
    passphrase: string,
    cost: ScryptCost = SCRYPT_COST,
  ): Promise<Vault> {
    if ((await files.list()).includes(HEAD)) {
      throw new CustodyError('there is a vault already: choose another place, or destroy that one first');
    }
    const salt = randomBytes(SALT_BYTES);
    const key = await SealingKey.fromPassphrase(passphrase, salt, cost);
    const secretKey = newSecretKey();
    const identity = identityOf(name, secretKey);
    await files.write(IDENTITY, await key.seal(secretKey, IDENTITY));
    secretKey.fill(0);
    const head: Head = {
      format: 'blindrisk-vault',
      version: 1,
      name,
      publicKey: hex(identity.publicKey),
      scrypt: { ...cost, salt: hex(salt) },
    };
    await files.write(HEAD, toJson(head));
    return new Vault(files, key, identity);
  }

  /** Cost: one scrypt. @throws CustodyError for no vault, or a wrong passphrase; IntegrityError for a damaged one. */
  static async open(files: VaultFiles, passphrase: string): Promise<Vault> {
    const head = await readHead(files);
    const { salt, ...cost } = head.scrypt;
    const key = await SealingKey.fromPassphrase(passphrase, bytesOfHex(salt), cost);
    const secretKey = await key.open(await present(files, IDENTITY), IDENTITY);
    const identity = identityOf(head.name, secretKey);
    secretKey.fill(0);
    if (hex(identity.publicKey) !== head.publicKey) {
      throw new IntegrityError('the vault names a public key that is not of its secret key');
    }
    return new Vault(files, key, identity);
  }

  /** What peers pin; needs no passphrase. */
  static async publicIdentityOf(files: VaultFiles): Promise<PublicIdentity> {
    const { name, publicKey } = await readHead(files);
    return { name: name as PublicIdentity['name'], publicKey: bytesOfHex(publicKey) };
  }

  /** Keys and their status, oldest first; needs no passphrase. @throws IntegrityError for a damaged record. */
  static async keysOf(files: VaultFiles): Promise<readonly KeyRecord[]> {
    const ids = (await files.list()).flatMap((name) => KEY_RECORD.exec(name)?.[1] ?? []);
    const records = await Promise.all(ids.map((id) => readRecord(files, id as KeyId)));
    return records.sort((a, b) => (a.created < b.created ? -1 : 1));
  }

  /** @throws CustodyError for an unknown or destroyed key. */
  static async setStatus(files: VaultFiles, id: KeyId, status: 'enabled' | 'disabled'): Promise<void> {
    const record = await readRecord(files, id);
    if (record.status === 'destroyed') throw new CustodyError(`key ${id} is destroyed`, { key: id });
    await files.write(recordName(id), toJson({ ...record, status }));
  }

  /**
   * Overwrites and deletes the sealed key; its record stays. Whether a disk keeps an older copy is beyond a file system's word:
   * what is sealed under a passphrase that is forgotten too is gone.
   */
  static async destroy(files: VaultFiles, id: KeyId): Promise<void> {
    const record = await readRecord(files, id);
    const sealed = await files.read(secretName(id));
    if (sealed !== undefined) {
      await files.write(secretName(id), randomBytes(sealed.length));
      await files.remove(secretName(id));
    }
    await files.write(recordName(id), toJson({ ...record, status: 'destroyed' }));
  }

  async addKey(id: KeyId, parameters: Digest, secret: Uint8Array): Promise<void> {
    const record: KeyRecord = {
      id,
      scheme: 'ckks',
      parameters,
      status: 'enabled',
      created: new Date().toISOString(),
    };
    await this.#files.write(secretName(id), await this.#key.seal(secret, contextOf(record)));
    await this.#files.write(recordName(id), toJson(record));
  }

  /** The newest enabled key for these parameters, if any. */
  async keyFor(parameters: Digest): Promise<KeyRecord | undefined> {
    const keys = await Vault.keysOf(this.#files);
    return keys.findLast((key) => key.status === 'enabled' && key.parameters === parameters);
  }

  /** @throws CustodyError unless the key is there and enabled, and opens. */
  async secretOf(id: KeyId): Promise<Uint8Array> {
    const record = await readRecord(this.#files, id);
    if (record.status !== 'enabled') {
      throw new CustodyError(`key ${id} is ${record.status}`, { key: id, status: record.status });
    }
    return this.#key.open(await present(this.#files, secretName(id)), contextOf(record));
  }

  /** Seals something that this role must remember under a name. */
  async remember(name: string, secret: Uint8Array): Promise<void> {
    await this.#files.write(`${name}.sealed`, await this.#key.seal(secret, name));
  }

  /** @throws CustodyError where nothing is remembered under the name, or it does not open. */
  async recall(name: string): Promise<Uint8Array> {
    return this.#key.open(await present(this.#files, `${name}.sealed`), name);
  }

  async forget(name: string): Promise<void> {
    await this.#files.remove(`${name}.sealed`);
  }
}

/** The secret of a key opens under its own name and parameters only; its status may change. */
function contextOf({ id, scheme, parameters }: KeyRecord): string {
  return `key ${id} of ${scheme} ${parameters}`;
}

async function present(files: VaultFiles, name: string): Promise<Uint8Array> {
  const bytes = await files.read(name);
  if (bytes === undefined) throw new CustodyError(`the vault has no ${name}`, { name });
  return bytes;
}

async function readHead(files: VaultFiles): Promise<Head> {
  const bytes = await files.read(HEAD);
  if (bytes === undefined) throw new CustodyError('there is no vault here: make one with "keys create"');
  const head = parsed(bytes, HEAD) as Head;
  const ok =
    head.format === 'blindrisk-vault' &&
    head.version === 1 &&
    typeof head.name === 'string' &&
    typeof head.publicKey === 'string' &&
    typeof head.scrypt === 'object' &&
    head.scrypt !== null &&
    typeof head.scrypt.salt === 'string';
  if (!ok) throw new IntegrityError(`${HEAD} is not a vault of version 1`);
  return head;
}

async function readRecord(files: VaultFiles, id: KeyId): Promise<KeyRecord> {
  const name = recordName(id);
  const bytes = /^[0-9a-f]{32}$/.test(id) ? await files.read(name) : undefined;
  if (bytes === undefined) throw new CustodyError(`the vault has no key ${id}`, { key: id });
  const record = parsed(bytes, name) as KeyRecord;
  const ok =
    record.id === id &&
    record.scheme === 'ckks' &&
    typeof record.parameters === 'string' &&
    ['enabled', 'disabled', 'destroyed'].includes(record.status) &&
    typeof record.created === 'string';
  if (!ok) throw new IntegrityError(`${name} is not a record of that key`);
  return record;
}

function parsed(bytes: Uint8Array, name: string): object {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new IntegrityError(`${name} is damaged: restore it from a backup`);
}
