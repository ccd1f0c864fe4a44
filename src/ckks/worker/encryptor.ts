import { CustodyError } from '../../base/errors.ts';
import { SlotEncryptor } from '../seal/slot-secrets.ts';
import { encryptAll } from './key-holder.ts';
import type { EncryptorCommands } from './messages.ts';
import type { Handlers } from './serve.ts';
import { WorkerSeal } from './worker-seal.ts';

/** An input owner that encrypts under somebody else's public key: sees its own values and holds no key that decrypts. */
export async function encryptorHandlers(): Promise<Handlers<EncryptorCommands>> {
  const seal = await WorkerSeal.load();
  let encryptor: SlotEncryptor | undefined;
  const replace = (make: () => SlotEncryptor | undefined): null =>
    seal.keep(() => {
      encryptor?.[Symbol.dispose]();
      encryptor = undefined;
      encryptor = make();
      return null;
    });

  return {
    open({ parameters }) {
      replace(() => undefined);
      seal.open(parameters);
      return null;
    },
    stats: () => seal.stats(),
    importPublicKey: ({ bytes }) => replace(() => SlotEncryptor.byPublicKey(seal.context, bytes)),
    encryptSlots: ({ inputs }, progress) => ({
      inputs: encryptAll(encryptor ?? missing('public key'), 'full', inputs, progress),
    }),
  };
}

function missing(what: string): never {
  throw new CustodyError(`the encryptor has no ${what} yet`);
}
