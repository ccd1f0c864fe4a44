import initialize, { type ClassHandle, type MainModule } from 'node-seal/allows';
import { Disposer } from '../base/disposal.ts';
import { BackendError } from '../base/errors.ts';
import { type CkksParameters, primeBitsOf } from './parameters.ts';
import {
  CIPHERTEXT_HEADER_BYTES,
  checkCiphertextBytes,
  ciphertextBytes,
  PLAINTEXT_HEADER_BYTES,
  SEAL_SCALE,
  type SealShape,
} from './wire.ts';

// The only file that touches node-seal. Its traps: exceptions are WebAssembly.Exception, not Error; nothing is freed
// without delete(); running out of memory never returns, which is why all of this runs in a worker that can be
// terminated. The `allows` build: the other one throws on zero polynomials, behaviour that depends on a secret value and
// can be observed. Polynomials go in and out as coefficients through SEAL's serialization, since its encoder knows slots only.

type Ciphertext = InstanceType<MainModule['Ciphertext']>;
type Plaintext = InstanceType<MainModule['Plaintext']>;
type SecretKey = InstanceType<MainModule['SecretKey']>;

export type { Ciphertext, Plaintext, SecretKey };

/** One node-seal module and the objects alive in it. */
export class Seal {
  readonly module: MainModule;
  readonly #live = new Set<ClassHandle>();

  private constructor(module: MainModule) {
    this.module = module;
  }

  /** Compiles and instantiates SEAL: 25-65 ms. */
  static async load(): Promise<Seal> {
    allowWasmExceptions();
    return new Seal(await initialize());
  }

  /** Registers a SEAL object, so that a leak can be counted. Its owner disposes it. */
  track<T extends ClassHandle>(handle: T): T {
    this.#live.add(handle);
    return handle;
  }

  /** SEAL objects that nobody has disposed. */
  liveObjects(): number {
    for (const handle of this.#live) if (handle.isDeleted()) this.#live.delete(handle);
    return this.#live.size;
  }
}

/**
 * A SEAL context at fixed parameters, with the operations that both sides of the protocol need.
 * Cost of making one: 14 ms (N = 2048) to 170 ms (N = 8192).
 */
export class SealContext implements Disposable {
  readonly parameters: CkksParameters;
  readonly shape: SealShape;
  /** Data primes, each below 2^53. */
  readonly primes: readonly bigint[];
  readonly #seal: Seal;
  readonly #stack = new Disposer();
  readonly #context: InstanceType<MainModule['SEALContext']>;
  readonly #evaluator: InstanceType<MainModule['Evaluator']>;
  readonly #plaintextHeader: Uint8Array;

  constructor(seal: Seal, parameters: CkksParameters) {
    this.#seal = seal;
    this.parameters = parameters;
    const { module } = seal;
    this.#context = this.#use(() => {
      using setting = seal.track(new module.EncryptionParameters(module.SchemeType.ckks));
      using primes = seal.track(
        module.CoeffModulus.Create(parameters.degree, Int32Array.from(primeBitsOf(parameters))),
      );
      setting.setPolyModulusDegree(parameters.degree);
      setting.setCoeffModulus(primes);
      return new module.SEALContext(setting, true, module.SecLevelType.tc128);
    });
    if (!this.#context.parametersSet()) {
      throw new BackendError(`SEAL refuses parameters ${parameters.digest}`, {
        parameters: parameters.digest,
      });
    }
    const { id, primes } = guard('reading the context', () => {
      using first = seal.track(this.#context.firstContextData());
      using setting = seal.track(first.parms());
      using moduli = seal.track(setting.coeffModulus());
      using parmsId = seal.track(first.parmsId());
      return {
        id: parmsId.values() as BigUint64Array,
        primes: module.jsArrayFromVecModulus(moduli) as BigUint64Array,
      };
    });
    this.primes = Array.from(primes);
    this.shape = {
      parmsId: new Uint8Array(id.slice().buffer),
      degree: parameters.degree,
      primes: parameters.dataPrimeBits.length,
    };
    this.#evaluator = this.#use(() => new module.Evaluator(this.#context));
    this.#plaintextHeader = this.#makePlaintextHeader();
  }

  liveObjects(): number {
    return this.#seal.liveObjects();
  }

  /** Length of one polynomial in residues: degree x primes. */
  get words(): number {
    return this.shape.degree * this.shape.primes;
  }

  /**
   * Plaintexts in NTT form from polynomials given by residues (prime-major, as SEAL stores them), two at a time:
   * they pass through SEAL's transform as the two halves of a ciphertext that is not in NTT form.
   */
  plaintexts(polynomials: readonly BigUint64Array[]): Plaintext[] {
    const out: Plaintext[] = [];
    for (let i = 0; i < polynomials.length; i += 2) {
      const pair = [polynomials[i]!, polynomials[i + 1] ?? new BigUint64Array(this.words)];
      const bytes = this.#transform(pair, 'toNtt');
      for (let half = 0; half < 2 && i + half < polynomials.length; half++) {
        const start = CIPHERTEXT_HEADER_BYTES + half * 8 * this.words;
        out.push(this.#plaintext(bytes.subarray(start, start + 8 * this.words)));
      }
    }
    return out;
  }

  /** Residues (coefficient form) of plaintexts in NTT form; the inverse of {@link plaintexts}. */
  polynomials(plaintexts: readonly Plaintext[]): BigUint64Array[] {
    const out: BigUint64Array[] = [];
    for (let i = 0; i < plaintexts.length; i += 2) {
      const pair = plaintexts.slice(i, i + 2).map((p) => this.#plaintextWords(p));
      const bytes = this.#transform([pair[0]!, pair[1] ?? new BigUint64Array(this.words)], 'fromNtt');
      for (let half = 0; half < pair.length; half++) {
        const start = CIPHERTEXT_HEADER_BYTES + half * 8 * this.words;
        out.push(new BigUint64Array(bytes.slice(start, start + 8 * this.words).buffer));
      }
    }
    return out;
  }

  /** Loads a ciphertext after checking every field of its header: SEAL sees no malformed bytes. */
  loadCiphertext(bytes: Uint8Array, form: 'seeded' | 'full'): Ciphertext {
    checkCiphertextBytes(bytes, this.shape, form);
    return this.#ciphertext(bytes);
  }

  saveCiphertext(ciphertext: Ciphertext): Uint8Array {
    return guard('saving a ciphertext', () => this.#bytes(ciphertext));
  }

  /** sum over the listed pairs of ciphertext x plaintext; the caller disposes the result. */
  innerProduct(pairs: readonly (readonly [Ciphertext, Plaintext])[]): Ciphertext {
    const { module } = this.#seal;
    return guard('multiplying', () => {
      const total = this.#seal.track(new module.Ciphertext());
      using term = this.#seal.track(new module.Ciphertext());
      pairs.forEach(([ciphertext, plaintext], index) => {
        this.#evaluator.multiplyPlain(ciphertext, plaintext, index === 0 ? total : term);
        if (index > 0) this.#evaluator.addInplace(total, term);
      });
      return total;
    });
  }

  newSecretKey(): SecretKey {
    return guard('making a key', () => {
      using generator = this.#seal.track(new this.#seal.module.KeyGenerator(this.#context));
      return this.#seal.track(generator.secretKey());
    });
  }

  loadSecretKey(bytes: Uint8Array): SecretKey {
    return guard('loading a key', () => {
      const key = this.#seal.track(new this.#seal.module.SecretKey());
      try {
        key.loadFromArray(this.#context, bytes);
      } catch (error) {
        key.delete();
        throw error;
      }
      return key;
    });
  }

  saveSecretKey(key: SecretKey): Uint8Array {
    return guard('saving a key', () => this.#bytes(key));
  }

  /** Symmetric encryption with the random half sent as a seed: half the bytes, and the noise of one sample only. */
  encryptSeeded(plaintexts: readonly Plaintext[], key: SecretKey): Uint8Array[] {
    return guard('encrypting', () => {
      const { module } = this.#seal;
      // SEAL's encryptor wants a public key at construction even where only the secret one is used.
      using generator = this.#seal.track(new module.KeyGenerator(this.#context, key));
      using publicKey = this.#seal.track(generator.createPublicKey());
      using encryptor = this.#seal.track(new module.Encryptor(this.#context, publicKey, key));
      return plaintexts.map((plaintext) => {
        using ciphertext = this.#seal.track(encryptor.encryptSymmetricSerializable(plaintext));
        return this.#bytes(ciphertext);
      });
    });
  }

  /** The caller disposes the result. */
  decrypt(ciphertext: Ciphertext, key: SecretKey): Plaintext {
    return guard('decrypting', () => {
      using decryptor = this.#seal.track(new this.#seal.module.Decryptor(this.#context, key));
      const plaintext = this.#seal.track(new this.#seal.module.Plaintext());
      decryptor.decrypt(ciphertext, plaintext);
      return plaintext;
    });
  }

  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }

  #use<T extends ClassHandle>(make: () => T): T {
    return this.#stack.use(this.#seal.track(guard('setting up SEAL', make)));
  }

  #bytes(object: { saveToArray(mode: MainModule['ComprModeType']['none']): unknown }): Uint8Array {
    return (object.saveToArray(this.#seal.module.ComprModeType.none) as Uint8Array).slice();
  }

  #ciphertext(bytes: Uint8Array): Ciphertext {
    return guard('loading a ciphertext', () => {
      const ciphertext = this.#seal.track(new this.#seal.module.Ciphertext());
      try {
        ciphertext.loadFromArray(this.#context, bytes);
      } catch (error) {
        ciphertext.delete();
        throw error;
      }
      return ciphertext;
    });
  }

  /** Runs two polynomials through SEAL's number-theoretic transform, dressed as one ciphertext. */
  #transform(pair: readonly BigUint64Array[], direction: 'toNtt' | 'fromNtt'): Uint8Array {
    const bytes = ciphertextBytes(this.shape, direction === 'fromNtt', pair);
    using carrier = this.#ciphertext(bytes);
    return guard('transforming', () => {
      if (direction === 'toNtt') this.#evaluator.cipherTransformToNttInplace(carrier);
      else this.#evaluator.cipherTransformFromNttInplace(carrier);
      return this.#bytes(carrier);
    });
  }

  #plaintext(nttBytes: Uint8Array): Plaintext {
    const bytes = new Uint8Array(PLAINTEXT_HEADER_BYTES + nttBytes.length);
    bytes.set(this.#plaintextHeader);
    bytes.set(nttBytes, PLAINTEXT_HEADER_BYTES);
    return guard('loading a plaintext', () => {
      const plaintext = this.#seal.track(new this.#seal.module.Plaintext());
      plaintext.loadFromArray(this.#context, bytes);
      plaintext.setScale(SEAL_SCALE);
      return plaintext;
    });
  }

  #plaintextWords(plaintext: Plaintext): BigUint64Array {
    const bytes = guard('saving a plaintext', () => this.#bytes(plaintext));
    return new BigUint64Array(bytes.slice(PLAINTEXT_HEADER_BYTES).buffer);
  }

  /** Header of an NTT-form plaintext at the first level, taken from one that SEAL made. */
  #makePlaintextHeader(): Uint8Array {
    return guard('making a plaintext header', () => {
      using encoder = this.#seal.track(new this.#seal.module.CKKSEncoder(this.#context));
      using plaintext = this.#seal.track(new this.#seal.module.Plaintext());
      encoder.encode(Float64Array.of(1), 2 ** 20, plaintext);
      return this.#bytes(plaintext).slice(0, PLAINTEXT_HEADER_BYTES);
    });
  }
}

/**
 * node-seal 7 is built with WebAssembly's exception references, which early releases of Node 22 know but hide behind a
 * flag of V8. Nothing else in this worker depends on it.
 */
function allowWasmExceptions(): void {
  const major = Number(globalThis.process?.versions?.node?.split('.')[0]);
  if (major === 22 || major === 23) {
    process.getBuiltinModule('node:v8').setFlagsFromString('--experimental-wasm-exnref');
  }
}

/** Turns what node-seal throws into a typed error. SEAL's messages describe sizes and states, never values. */
function guard<T>(during: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof BackendError) throw error;
    throw new BackendError(`SEAL failed while ${during}: ${reasonOf(error)}`, { during }, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  // WebAssembly.Exception of an Emscripten build: message = [C++ type, what()].
  const message = (error as { readonly message?: unknown } | null)?.message;
  return Array.isArray(message) ? message.join(': ') : String(message ?? error);
}
