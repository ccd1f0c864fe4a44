import { checkInput } from '../algebra/plain.ts';
import type { KeyId } from '../base/brand.ts';
import { hex } from '../base/bytes.ts';
import { IntegrityError, ShapeError } from '../base/errors.ts';
import type { RunOptions } from '../base/progress.ts';
import { randomBytes } from '../base/random.ts';
import type { CoefficientPlan } from './coefficient-plan.ts';
import type { CkksParameters } from './parameters.ts';
import { SealWorker } from './worker/client.ts';
import type { KeyHolderCommands } from './worker/messages.ts';

/** Serialized ciphertexts of one result vector, or null for an output that is zero for every input. */
export type ResultCiphertexts = readonly (Uint8Array | null)[];

/**
 * Holds one CKKS secret key, inside SEAL in a worker of its own. Encrypts by the owner's symmetric key (seeded). The
 * key leaves only through {@link CkksKeyHolder.exportKey}, for custody.
 */
export class CkksKeyHolder implements Disposable {
  /** Random, public: names the key in envelopes and logs. */
  readonly keyId: KeyId;
  readonly parameters: CkksParameters;
  readonly #worker: SealWorker<KeyHolderCommands>;

  private constructor(keyId: KeyId, parameters: CkksParameters, worker: SealWorker<KeyHolderCommands>) {
    this.keyId = keyId;
    this.parameters = parameters;
    this.#worker = worker;
  }

  /** Makes a fresh key. Cost: a worker with SEAL (about 100 ms) and a context (14-170 ms). */
  static create(parameters: CkksParameters, options: RunOptions = {}): Promise<CkksKeyHolder> {
    const keyId = hex(randomBytes(16)) as KeyId;
    return CkksKeyHolder.#start(
      keyId,
      parameters,
      (worker) => worker.call('createKey', null, options),
      options,
    );
  }

  /** Takes a key out of custody: SEAL's serialization, already authenticated. */
  static import(
    keyId: KeyId,
    parameters: CkksParameters,
    bytes: Uint8Array,
    options: RunOptions = {},
  ): Promise<CkksKeyHolder> {
    return CkksKeyHolder.#start(
      keyId,
      parameters,
      (worker) => worker.call('importKey', { bytes }, options),
      options,
    );
  }

  static async #start(
    keyId: KeyId,
    parameters: CkksParameters,
    makeKey: (worker: SealWorker<KeyHolderCommands>) => Promise<null>,
    options: RunOptions,
  ): Promise<CkksKeyHolder> {
    const worker = new SealWorker<KeyHolderCommands>('keyHolder');
    try {
      await worker.call('open', { parameters }, options);
      await makeKey(worker);
      return new CkksKeyHolder(keyId, parameters, worker);
    } catch (error) {
      worker[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Encrypts the circuit's inputs, stacked in its order. They are checked against their declared bounds first.
   * @returns `packing.chunks` seeded ciphertexts in SEAL's serialization.
   * @throws ShapeError, RangeError
   */
  async encrypt<I extends string>(
    plan: CoefficientPlan<I>,
    inputs: Readonly<Record<I, Float64Array>>,
    options: RunOptions = {},
  ): Promise<readonly Uint8Array[]> {
    this.#expect(plan);
    const x = new Float64Array(plan.map.matrix.cols);
    for (const { name, offset } of plan.map.inputs) {
      checkInput(name, inputs[name as I], plan.circuit.inputs[name as I]);
      x.set(inputs[name as I], offset);
    }
    const { packing, inputScaleBits } = plan;
    const { ciphertexts } = await this.#worker.call('encrypt', { x, packing, inputScaleBits }, options);
    return ciphertexts;
  }

  /**
   * The raw decryption of a result: exact but for encryption noise, and therefore never to be shown to anybody else
   * (see `trust/release`). Results beyond what the circuit can produce mean another key or a damaged ciphertext.
   * @throws IntegrityError
   */
  async decryptRaw(
    plan: CoefficientPlan,
    ciphertexts: ResultCiphertexts,
    options: RunOptions = {},
  ): Promise<Float64Array> {
    this.#expect(plan);
    const { packing, inputScaleBits, matrixScaleBits } = plan;
    const scaleBits = inputScaleBits + matrixScaleBits;
    const { rows } = await this.#worker.call('decrypt', { ciphertexts, packing, scaleBits }, options);
    // Under a wrong key every coefficient is uniform modulo Q, at least twice this bound: one in 2^rows passes.
    const most = plan.resultBound + plan.errorParts.total;
    if (rows.some((value) => !(Math.abs(value) <= most))) {
      throw new IntegrityError(
        'the ciphertext does not decrypt to a result of this circuit: wrong key, or damaged',
      );
    }
    return rows.map((value, row) => value + plan.map.constant[row]!);
  }

  /** SEAL's serialization of the secret key. Only custody calls this, and seals it. */
  async exportKey(options: RunOptions = {}): Promise<Uint8Array> {
    const { bytes } = await this.#worker.call('exportKey', null, options);
    return bytes;
  }

  /** SEAL objects that a call has forgotten to free: zero, always. */
  async liveObjects(): Promise<number> {
    return (await this.#worker.call('stats', null)).liveObjects;
  }

  /** Ends the worker; the key is gone from memory with it. */
  [Symbol.dispose](): void {
    this.#worker[Symbol.dispose]();
  }

  #expect(plan: CoefficientPlan): void {
    if (plan.parameters.digest !== this.parameters.digest) {
      throw new ShapeError(
        `the plan is for parameters ${plan.parameters.digest}, the key for ${this.parameters.digest}`,
        {
          plan: plan.parameters.digest,
          key: this.parameters.digest,
        },
      );
    }
  }
}
