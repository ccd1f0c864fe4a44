import { CustodyError, IntegrityError } from '../../base/errors.ts';
import { columnsOfChunk, resultCoefficients, rowsOfOutput } from '../packing.ts';
import { packRequest, responseDivisor, responsePolynomials, unpackResponse } from '../response.ts';
import { type SlotEncryptor, SlotKeyHolder } from '../seal/slot-secrets.ts';
import type { Plaintext, SecretKey } from '../seal.ts';
import { resultsOf } from '../slots/blocks.ts';
import type { SlotInputs } from '../slots/execute.ts';
import type { EncryptSlotsCommand, KeyHolderCommands } from './messages.ts';
import { residuesOfScaled, scaledOfResidues } from './residues.ts';
import type { Handlers, ReportProgress } from './serve.ts';
import { WorkerSeal } from './worker-seal.ts';

/** The secret side: everything here happens inside SEAL, in a worker that can be terminated. */
export async function keyHolderHandlers(): Promise<Handlers<KeyHolderCommands>> {
  const seal = await WorkerSeal.load();
  let key: SecretKey | undefined;
  /** Made with the first slots, kept with the key: an encryptor costs a public key. */
  let slots: SlotKeyHolder | undefined;

  const held = (): SecretKey => key ?? missing('key');
  const replace = (make: () => SecretKey | undefined): null =>
    seal.keep(() => {
      const next = make();
      slots?.[Symbol.dispose]();
      key?.delete();
      slots = undefined;
      key = next;
      return null;
    });
  const slotsHeld = (): SlotKeyHolder => {
    slots ??= seal.keep(() => new SlotKeyHolder(seal.context, held()));
    return slots;
  };

  return {
    open({ parameters }) {
      replace(() => undefined);
      seal.open(parameters);
      return null;
    },
    stats: () => seal.stats(),
    createKey: () => replace(() => seal.context.newSecretKey()),
    importKey: ({ bytes }) => replace(() => seal.context.loadSecretKey(bytes)),
    exportKey: () => ({ bytes: seal.context.saveSecretKey(held()) }),

    encrypt({ x, packing, inputScaleBits }) {
      const { shape, primes } = seal.context;
      const polynomials = Array.from({ length: packing.chunks }, (_, chunk) => {
        const [from, to] = columnsOfChunk(packing, chunk);
        return residuesOfScaled(x.subarray(from, to), inputScaleBits, shape.degree, primes);
      });
      const plaintexts = seal.context.plaintexts(polynomials);
      try {
        const numbers = primes.map(Number);
        const seeded = seal.context.encryptSeeded(plaintexts, held());
        return { ciphertexts: seeded.map((bytes) => packRequest(bytes, numbers, shape.degree)) };
      } finally {
        for (const plaintext of plaintexts) plaintext.delete();
        for (const polynomial of polynomials) polynomial.fill(0n);
      }
    },

    decrypt({ ciphertexts, packing, format, scaleBits }) {
      if (ciphertexts.length !== packing.outputs) {
        throw new IntegrityError(`expected ${packing.outputs} ciphertexts, found ${ciphertexts.length}`, {
          expected: packing.outputs,
          found: ciphertexts.length,
        });
      }
      const { primes, shape } = seal.context;
      const { degree } = shape;
      const left = primes.slice(0, format.primes);
      const numbers = left.map(Number);
      const divisor = responseDivisor(format, primes.map(Number));
      const rows = new Float64Array(packing.rows);
      const present = ciphertexts.flatMap((bytes, output) => (bytes === null ? [] : [{ bytes, output }]));
      const plaintexts: Plaintext[] = [];
      // For one response after the other: SEAL copies them.
      const polynomials = responsePolynomials(degree, format);
      try {
        for (const { bytes, output } of present) {
          const positions = resultCoefficients(packing, output);
          unpackResponse(bytes, numbers, degree, format, positions, polynomials);
          using ciphertext = seal.context.ciphertextOf(polynomials, format.primes);
          plaintexts.push(seal.context.decrypt(ciphertext, held()));
        }
        seal.context.polynomials(plaintexts, format.primes).forEach((words, index) => {
          const { output } = present[index]!;
          const values = scaledOfResidues(
            words,
            degree,
            left,
            resultCoefficients(packing, output),
            scaleBits,
          );
          rows.set(
            divisor === 1 ? values : values.map((value) => value * divisor),
            rowsOfOutput(packing, output)[0],
          );
          words.fill(0n);
        });
      } finally {
        for (const plaintext of plaintexts) plaintext.delete();
      }
      return { rows };
    },

    evaluationKeys: ({ spec, form }) => slotsHeld().evaluationKeys(spec, form),
    publicKey: () => ({ bytes: slotsHeld().publicKey() }),
    encryptSlots: ({ inputs }, progress) => ({
      inputs: encryptAll(slotsHeld().encryptor, 'seeded', inputs, progress),
    }),

    decryptSlots({ outputs }) {
      const results: Record<string, Float64Array> = {};
      for (const { name, length, every, blocks } of outputs) {
        const decoded = blocks.map((block) => slotsHeld().decrypt(block));
        results[name] = resultsOf({ length, every }, decoded);
        for (const values of decoded) values.fill(0);
      }
      return { outputs: results };
    },
  };
}

/** Encrypts the blocks of every input. */
export function encryptAll(
  encryptor: SlotEncryptor,
  form: 'seeded' | 'full',
  inputs: EncryptSlotsCommand['encryptSlots']['request']['inputs'],
  progress: ReportProgress,
): SlotInputs {
  const entries = inputs.map(({ input, values }, index) => {
    const blocks = encryptor.encrypt(input, values);
    values.fill(0);
    progress(index + 1, inputs.length);
    return [input.name, { form, blocks }] as const;
  });
  return Object.fromEntries(entries);
}

function missing(what: string): never {
  throw new CustodyError(`the key holder has no ${what} yet`);
}
