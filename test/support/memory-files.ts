import type { VaultFiles } from '../../src/trust/custody/vault.ts';

/** A vault's files in memory, for tests to look into and to damage. */
export function memoryFiles(): VaultFiles & { readonly stored: Map<string, Uint8Array> } {
  const stored = new Map<string, Uint8Array>();
  return {
    stored,
    list: async () => [...stored.keys()],
    read: async (name) => stored.get(name)?.slice(),
    write: async (name, bytes) => void stored.set(name, bytes.slice()),
    remove: async (name) => void stored.delete(name),
  };
}

/** Cheap on purpose: a test need not be hard to guess. */
export const WEAK_SCRYPT = { log2n: 10, r: 8, p: 1 } as const;
