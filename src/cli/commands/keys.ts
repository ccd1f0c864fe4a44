import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyId } from '../../base/brand.ts';
import { CustodyError } from '../../base/errors.ts';
import { writePublicIdentity } from '../../engine/exchange/description.ts';
import { textTable } from '../../engine/report/text-layout.ts';
import { packVault, unpackVault } from '../../trust/custody/backup.ts';
import { Vault } from '../../trust/custody/vault.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../errors.ts';
import { readBinaryFile, writeFilesAtomically } from '../files.ts';
import { COMMON_OPTIONS, readOptions, required } from '../options.ts';
import { createTerminal } from '../terminal.ts';
import { readPassphrase, vaultDirectory, withVault } from '../vault-directory.ts';

const ACTIONS = ['create', 'list', 'disable', 'enable', 'destroy', 'backup', 'restore'] as const;
type Action = (typeof ACTIONS)[number];

/** Makes and keeps the secrets of a role. */
export const keysCommand: Command = async ([name, ...args]) => {
  const action = ACTIONS.find((known) => known === name);
  if (action === undefined) {
    throw new UsageError(`keys: expected one of ${ACTIONS.join(', ')}, found ${name ?? 'nothing'}`);
  }
  const { values } = readOptions(args, {
    ...COMMON_OPTIONS,
    store: { type: 'string' },
    name: { type: 'string' },
    key: { type: 'string' },
    file: { type: 'string' },
    'passphrase-file': { type: 'string' },
  });
  const store = required(values.store, 'store');
  const files = vaultDirectory(store);
  const terminal = createTerminal(values);
  const show = (result: object, text: string) => {
    if (values.json) terminal.print(`${JSON.stringify(result)}\n`);
    else if (!values.quiet) terminal.print(text);
  };
  const key = () => required(values.key, 'key') as KeyId;
  const passphrase = () => readPassphrase(values['passphrase-file']);
  const actions: Readonly<Record<Action, () => Promise<void>>> = {
    async create() {
      const role = required(values.name, 'name');
      mkdirSync(store, { recursive: true, mode: 0o700 });
      const { identity } = await Vault.create(files, role, passphrase());
      const text = writePublicIdentity(identity);
      await files.write('public.json', new TextEncoder().encode(text));
      show(
        JSON.parse(text),
        `made the vault of ${role} in ${store}; give ${join(store, 'public.json')} to its peers\n`,
      );
    },
    async list() {
      const keys = await Vault.keysOf(files);
      const rows = keys.map(({ id, scheme, parameters, status, created }) => [
        id,
        scheme,
        parameters.slice(0, 16),
        status,
        created,
      ]);
      const table = textTable([['key', 'scheme', 'parameters', 'status', 'created'], ...rows]);
      show(
        keys,
        keys.length === 0 ? 'no keys yet: a key is made when a book is first encrypted\n' : `${table}\n`,
      );
    },
    async disable() {
      await changed(key(), 'disabled', () => Vault.setStatus(files, key(), 'disabled'));
    },
    async enable() {
      await changed(key(), 'enabled', () => Vault.setStatus(files, key(), 'enabled'));
    },
    async destroy() {
      await changed(key(), 'destroyed', () => Vault.destroy(files, key()));
    },
    async backup() {
      // Opened first: a backup that no passphrase opens is none.
      await withVault(store, passphrase(), async () => {});
      const file = required(values.file, 'file');
      writeFilesAtomically([[file, await packVault(files)]]);
      show({ file }, `wrote ${file}: it opens with the passphrase that the vault has today\n`);
    },
    async restore() {
      if ((await files.list()).includes('vault.json')) {
        throw new CustodyError(`there is a vault in ${store} already: restore into another folder`);
      }
      const file = required(values.file, 'file');
      await unpackVault(readBinaryFile(file), files);
      await withVault(store, passphrase(), async () => {});
      show({ store }, `restored ${file} into ${store}\n`);
    },
  };
  const changed = async (id: KeyId, status: string, change: () => Promise<void>) => {
    await withVault(store, passphrase(), async (vault, log) => {
      await change();
      const record = (await Vault.keysOf(files)).find((known) => known.id === id);
      log.append(vault.identity.name, 'keyStatusChanged', record!.parameters, `key ${id} ${status}`);
    });
    show({ key: id, status }, `key ${id} is ${status}\n`);
  };
  await actions[action]();
};
