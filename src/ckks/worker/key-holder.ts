import { CustodyError, IntegrityError } from '../../base/errors.ts';
import { columnsOfChunk, resultCoefficient, rowsOfOutput } from '../packing.ts';
import { type Plaintext, Seal, SealContext, type SecretKey } from '../seal.ts';
import type { KeyHolderCommands } from './messages.ts';
import { residuesOfScaled, scaledOfResidues } from './residues.ts';
import type { Handlers } from './serve.ts';

/** The secret side: everything here happens inside SEAL, in a worker that can be terminated. */
export async function keyHolderHandlers(): Promise<Handlers<KeyHolderCommands>> {
  const seal = await Seal.load();
  let context: SealContext | undefined;
  let key: SecretKey | undefined;
  let baseline = 0;

  const opened = (): SealContext => context ?? missing('parameters');
  const held = (): SecretKey => key ?? missing('key');
  const keep = (next: SecretKey): null => {
    key?.delete();
    key = next;
    return null;
  };

  return {
    open({ parameters }) {
      key?.delete();
      key = undefined;
      context?.[Symbol.dispose]();
      context = new SealContext(seal, parameters);
      baseline = seal.liveObjects();
      return null;
    },
    stats: () => ({ liveObjects: seal.liveObjects() - baseline - (key === undefined ? 0 : 1) }),
    createKey: () => keep(opened().newSecretKey()),
    importKey: ({ bytes }) => keep(opened().loadSecretKey(bytes)),
    exportKey: () => ({ bytes: opened().saveSecretKey(held()) }),

    encrypt({ x, packing, inputScaleBits }) {
      const { shape, primes } = opened();
      const polynomials = Array.from({ length: packing.chunks }, (_, chunk) => {
        const [from, to] = columnsOfChunk(packing, chunk);
        return residuesOfScaled(x.subarray(from, to), inputScaleBits, shape.degree, primes);
      });
      const plaintexts = opened().plaintexts(polynomials);
      try {
        return { ciphertexts: opened().encryptSeeded(plaintexts, held()) };
      } finally {
        for (const plaintext of plaintexts) plaintext.delete();
        for (const polynomial of polynomials) polynomial.fill(0n);
      }
    },

    decrypt({ ciphertexts, packing, scaleBits }) {
      if (ciphertexts.length !== packing.outputs) {
        throw new IntegrityError(`expected ${packing.outputs} ciphertexts, found ${ciphertexts.length}`, {
          expected: packing.outputs,
          found: ciphertexts.length,
        });
      }
      const rows = new Float64Array(packing.rows);
      const present = ciphertexts.flatMap((bytes, output) => (bytes === null ? [] : [{ bytes, output }]));
      const plaintexts: Plaintext[] = [];
      try {
        for (const { bytes } of present) {
          using ciphertext = opened().loadCiphertext(bytes, 'full');
          plaintexts.push(opened().decrypt(ciphertext, held()));
        }
        opened()
          .polynomials(plaintexts)
          .forEach((words, index) => {
            const [from, to] = rowsOfOutput(packing, present[index]!.output);
            const positions = Array.from({ length: to - from }, (_, r) => resultCoefficient(packing, r));
            rows.set(
              scaledOfResidues(words, opened().shape.degree, opened().primes, positions, scaleBits),
              from,
            );
            words.fill(0n);
          });
      } finally {
        for (const plaintext of plaintexts) plaintext.delete();
      }
      return { rows };
    },
  };
}

function missing(what: string): never {
  throw new CustodyError(`the key holder has no ${what} yet`);
}
