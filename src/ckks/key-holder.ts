import { checkInput } from '../algebra/plain.ts';
import type { KeyId } from '../base/brand.ts';
import { hex } from '../base/bytes.ts';
import { CustodyError, IntegrityError, ShapeError } from '../base/errors.ts';
import type { RunOptions } from '../base/progress.ts';
import { randomBytes } from '../base/random.ts';
import { buffersOf } from '../base/worker.ts';
import type { CoefficientContract } from './coefficient-plan.ts';
import { checkMemory, keyHolderMemory } from './memory.ts';
import type { SealParameters } from './seal.ts';
import { encryptedOutputs, slotVectors } from './slot-vectors.ts';
import { ringSizeOf, type SlotCircuit } from './slots/circuit.ts';
import type { SlotInputs, SlotOutputs } from './slots/execute.ts';
import { type EvaluationKeyBytes, evaluationKeysOf, type KeyForm } from './slots/keys.ts';
import type { CkksWorker } from './worker/client.ts';
import type { KeyHolderCommands } from './worker/messages.ts';
import { SupervisedWorker } from './worker/supervised.ts';

/** Packed ciphertexts of one result vector (response.ts), or null for an output that is zero for every input. */
export type ResultCiphertexts = readonly (Uint8Array | null)[];

export type EvaluationKeyOptions = RunOptions & {
  /** `seeded` (default) halves the bytes; `full` is for evaluators that cannot expand SEAL's seeds. */
  readonly form?: KeyForm | undefined;
  readonly memoryLimit?: number | undefined;
};

export type KeyHolderOptions = RunOptions & {
  /**
   * Fetches the key from custody again, in SEAL's serialization and authenticated, where the worker that held it has died.
   * Without it the key is lost with its worker, and calls throw a CustodyError.
   */
  readonly recover?: (() => Promise<Uint8Array>) | undefined;
};

/**
 * Holds one CKKS secret key, inside SEAL in a worker of its own. Encrypts by the owner's symmetric key (seeded). The
 * key leaves only through {@link CkksKeyHolder.exportKey}, for custody.
 */
export class CkksKeyHolder implements Disposable {
  /** Random, public: names the key in envelopes and logs. */
  readonly keyId: KeyId;
  readonly parameters: SealParameters;
  readonly #worker: SupervisedWorker<KeyHolderCommands>;

  private constructor(
    keyId: KeyId,
    parameters: SealParameters,
    first: (worker: CkksWorker<KeyHolderCommands>) => Promise<null>,
    recover: KeyHolderOptions['recover'],
  ) {
    this.keyId = keyId;
    this.parameters = parameters;
    // Forgotten once it has run: it may hold the key's bytes.
    let make: typeof first | undefined = first;
    this.#worker = new SupervisedWorker('keyHolder', async (worker, { isRestart }) => {
      if (isRestart && recover === undefined) {
        throw new CustodyError('the key was lost with its worker: import it from custody', { key: keyId });
      }
      await worker.call('open', { parameters });
      const run = make;
      make = undefined;
      if (run !== undefined) await run(worker);
      else await worker.call('importKey', { bytes: await recover!() });
    });
  }

  /** Makes a fresh key. Cost: a worker with SEAL (about 100 ms) and a context (14 ms to 16 s). */
  static create(parameters: SealParameters, options: KeyHolderOptions = {}): Promise<CkksKeyHolder> {
    const keyId = hex(randomBytes(16)) as KeyId;
    return CkksKeyHolder.#start(keyId, parameters, (worker) => worker.call('createKey', null), options);
  }

  /** Takes a key out of custody: SEAL's serialization, already authenticated. */
  static import(
    keyId: KeyId,
    parameters: SealParameters,
    bytes: Uint8Array,
    options: KeyHolderOptions = {},
  ): Promise<CkksKeyHolder> {
    return CkksKeyHolder.#start(keyId, parameters, (worker) => worker.call('importKey', { bytes }), options);
  }

  static async #start(
    keyId: KeyId,
    parameters: SealParameters,
    first: (worker: CkksWorker<KeyHolderCommands>) => Promise<null>,
    options: KeyHolderOptions,
  ): Promise<CkksKeyHolder> {
    const holder = new CkksKeyHolder(keyId, parameters, first, options.recover);
    try {
      await holder.#worker.start(options);
      return holder;
    } catch (error) {
      holder[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Encrypts the circuit's inputs, stacked in its order. They are checked against their declared bounds first.
   * @returns `packing.chunks` seeded ciphertexts, packed (response.ts).
   * @throws ShapeError, RangeError
   */
  encrypt<I extends string>(
    plan: CoefficientContract<I>,
    inputs: Readonly<Record<I, Float64Array>>,
    options?: RunOptions,
  ): Promise<readonly Uint8Array[]>;
  /**
   * Encrypts the inputs of a circuit on slots, seeded, each at the level at which it is used.
   * @param inputs all of the circuit's, or those that this owner contributes.
   * @throws ShapeError, RangeError
   */
  encrypt(
    plan: SlotCircuit,
    inputs: Readonly<Record<string, Float64Array>>,
    options?: RunOptions,
  ): Promise<SlotInputs>;
  async encrypt(
    plan: CoefficientContract | SlotCircuit,
    inputs: Readonly<Record<string, Float64Array>>,
    options: RunOptions = {},
  ): Promise<readonly Uint8Array[] | SlotInputs> {
    this.#expect(plan);
    if ('program' in plan) {
      const request = { inputs: slotVectors(plan, inputs) };
      return (await this.#worker.call('encryptSlots', request, options)).inputs;
    }
    const x = new Float64Array(plan.packing.cols);
    for (const { name, offset } of plan.map.inputs) {
      checkInput(name, inputs[name]!, plan.circuit.inputs[name]!);
      x.set(inputs[name]!, offset);
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
  decryptRaw(
    plan: CoefficientContract,
    ciphertexts: ResultCiphertexts,
    options?: RunOptions,
  ): Promise<Float64Array>;
  /** The same of a circuit on slots: every output, its result slots only. */
  decryptRaw(
    plan: SlotCircuit,
    outputs: SlotOutputs,
    options?: RunOptions,
  ): Promise<Readonly<Record<string, Float64Array>>>;
  async decryptRaw(
    plan: CoefficientContract | SlotCircuit,
    ciphertexts: ResultCiphertexts | SlotOutputs,
    options: RunOptions = {},
  ): Promise<Float64Array | Readonly<Record<string, Float64Array>>> {
    this.#expect(plan);
    return 'program' in plan
      ? this.#decryptSlots(plan, ciphertexts as SlotOutputs, options)
      : this.#decryptCoefficients(plan, ciphertexts as ResultCiphertexts, options);
  }

  async #decryptCoefficients(
    plan: CoefficientContract,
    ciphertexts: ResultCiphertexts,
    options: RunOptions,
  ): Promise<Float64Array> {
    const { packing, inputScaleBits, matrixScaleBits, response: format } = plan;
    const scaleBits = inputScaleBits + matrixScaleBits;
    // A copy that moves is faster than one that is cloned; the caller's stays.
    const moving = ciphertexts.map((bytes) => bytes && new Uint8Array(bytes));
    const request = { ciphertexts: moving, packing, format, scaleBits };
    const { rows } = await this.#worker.call('decrypt', request, options, [...buffersOf(moving)]);
    // Under a wrong key every coefficient is uniform modulo Q, and this bound is below 3/4 of half of it: (3/4)^rows pass.
    const most = plan.resultBound + plan.errorParts.total;
    if (rows.some((value) => !(Math.abs(value) <= most))) {
      throw new IntegrityError(
        'the ciphertext does not decrypt to a result of this circuit: wrong key, or damaged',
      );
    }
    return rows.map((value, row) => value + plan.map.constant[row]!);
  }

  async #decryptSlots(
    plan: SlotCircuit,
    outputs: SlotOutputs,
    options: RunOptions,
  ): Promise<Readonly<Record<string, Float64Array>>> {
    const request = { outputs: encryptedOutputs(plan.program, outputs) };
    const { outputs: results } = await this.#worker.call('decryptSlots', request, options);
    for (const [name, values] of Object.entries(results)) {
      const most = plan.resultBound + plan.error[name]!.absolute;
      if (!values.every((value) => Math.abs(value) <= most)) {
        throw new IntegrityError(
          'a ciphertext does not decrypt to a result of this circuit: wrong key, or damaged',
        );
      }
    }
    return results;
  }

  /**
   * The evaluation keys of a circuit on slots, exactly those that its program names: public, for the evaluator.
   * `evaluationKeyLength` tells their size before; making them costs that many random bytes and transforms.
   * @throws PlanError where making them would need more memory than `memoryLimit` (default 3 GiB).
   */
  async evaluationKeys(plan: SlotCircuit, options: EvaluationKeyOptions = {}): Promise<EvaluationKeyBytes> {
    this.#expect(plan);
    const { form = 'seeded', memoryLimit } = options;
    const spec = evaluationKeysOf(plan.program);
    checkMemory(keyHolderMemory(ringSizeOf(plan), spec, form), memoryLimit, 'making these keys');
    return this.#worker.call('evaluationKeys', { spec, form }, options);
  }

  /** A fresh public key, for owners who encrypt under this key without holding it ({@link CkksEncryptor}). */
  async publicKey(options: RunOptions = {}): Promise<Uint8Array> {
    return (await this.#worker.call('publicKey', null, options)).bytes;
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

  #expect(plan: CoefficientContract | SlotCircuit): void {
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
