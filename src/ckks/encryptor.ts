import { ShapeError } from '../base/errors.ts';
import type { RunOptions } from '../base/progress.ts';
import type { SealParameters } from './seal.ts';
import { slotVectors } from './slot-vectors.ts';
import type { SlotCircuit } from './slots/circuit.ts';
import type { SlotInputs } from './slots/execute.ts';
import type { EncryptorCommands } from './worker/messages.ts';
import { SupervisedWorker } from './worker/supervised.ts';

/**
 * An owner of inputs that encrypts them under somebody else's key: several owners may contribute to one circuit. Holds a
 * public key only; what it has encrypted it cannot decrypt. Ciphertexts are twice the size of the key holder's own.
 */
export class CkksEncryptor implements Disposable {
  readonly parameters: SealParameters;
  readonly #worker: SupervisedWorker<EncryptorCommands>;

  private constructor(parameters: SealParameters, publicKey: Uint8Array) {
    this.parameters = parameters;
    this.#worker = new SupervisedWorker('encryptor', async (worker) => {
      await worker.call('open', { parameters });
      await worker.call('importPublicKey', { bytes: publicKey });
    });
  }

  /**
   * @param publicKey as {@link CkksKeyHolder.publicKey} wrote it; its envelope was verified.
   * @throws IntegrityError for anything but a public key of these parameters.
   */
  static async create(
    parameters: SealParameters,
    publicKey: Uint8Array,
    options: RunOptions = {},
  ): Promise<CkksEncryptor> {
    const encryptor = new CkksEncryptor(parameters, publicKey);
    try {
      await encryptor.#worker.start(options);
      return encryptor;
    } catch (error) {
      encryptor[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Encrypts this owner's inputs of a circuit, each at the level at which it is used.
   * @throws ShapeError, RangeError
   */
  async encrypt(
    circuit: SlotCircuit,
    inputs: Readonly<Record<string, Float64Array>>,
    options: RunOptions = {},
  ): Promise<SlotInputs> {
    if (circuit.parameters.digest !== this.parameters.digest) {
      throw new ShapeError(
        `the circuit is for parameters ${circuit.parameters.digest}, the key for ${this.parameters.digest}`,
        { circuit: circuit.parameters.digest, key: this.parameters.digest },
      );
    }
    const request = { inputs: slotVectors(circuit, inputs) };
    return (await this.#worker.call('encryptSlots', request, options)).inputs;
  }

  /** SEAL objects that a call has forgotten to free: zero, always. */
  async liveObjects(): Promise<number> {
    return (await this.#worker.call('stats', null)).liveObjects;
  }

  [Symbol.dispose](): void {
    this.#worker[Symbol.dispose]();
  }
}
