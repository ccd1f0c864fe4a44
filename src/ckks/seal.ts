import initialize, { type ClassHandle, type MainModule } from 'node-seal/allows';
import { Disposer } from '../base/disposal.ts';
import { BackendError } from '../base/errors.ts';
import type { CkksParameters } from './parameters.ts';
import { readChain } from './seal-chain.ts';
import {
  CIPHERTEXT_HEADER_BYTES,
  checkCiphertextBytes,
  ciphertextBytes,
  type LevelShape,
  PLAINTEXT_HEADER_BYTES,
  plaintextBytes,
  SEAL_SCALE,
  type SealShape,
} from './wire.ts';

// The only file that imports node-seal; what stands in `seal/` is built on it. Its traps: exceptions are WebAssembly.Exception, not Error; nothing is freed
// without delete(); running out of memory never returns, which is why all of this runs in a worker that can be
// terminated. The `allows` build: the other one throws on zero polynomials, behaviour that depends on a secret value and
// can be observed. Polynomials go in and out as coefficients through SEAL's serialization, since its encoder knows slots only.

type Ciphertext = InstanceType<MainModule['Ciphertext']>;
type Plaintext = InstanceType<MainModule['Plaintext']>;
type SecretKey = InstanceType<MainModule['SecretKey']>;

export type { Ciphertext, MainModule, Plaintext, SecretKey };

/** Degree and primes: all of {@link CkksParameters} that SEAL must know. */
export type SealParameters = Pick<CkksParameters, 'dataPrimeBits' | 'digest'> & {
  readonly degree: number;
  readonly specialPrimeBits?: number | undefined;
};

/** One node-seal module and the objects alive in it. */
export class Seal {
  readonly module: MainModule;
  readonly #memory: WasmMemory | undefined;
  readonly #live = new Set<ClassHandle>();

  private constructor(module: MainModule, memory: WasmMemory | undefined) {
    this.module = module;
    this.#memory = memory;
  }

  /** Compiles and instantiates SEAL: 25-65 ms. */
  static async load(): Promise<Seal> {
    allowWasmExceptions();
    const { module, memory } = await instantiate();
    return new Seal(module, memory);
  }

  /** Bytes of SEAL's linear memory, which never shrinks; 0 where the platform does not let it be seen. */
  memoryBytes(): number {
    return this.#memory?.buffer.byteLength ?? 0;
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
 * Cost of making one: 14 ms (N = 2048), 0.3 s (N = 8192), 1.8 s (N = 16384), 16 s (N = 32768).
 */
export class SealContext implements Disposable {
  readonly parameters: SealParameters;
  /** A coefficient-packed ciphertext: at the top level, of two components, with {@link SEAL_SCALE}. */
  readonly shape: SealShape;
  /** Level l uses data primes 0 .. l. */
  readonly levels: readonly LevelShape[];
  /** The level of keys: all primes, the special one included. */
  readonly keyLevel: LevelShape;
  /** Data primes, each below 2^53. */
  readonly primes: readonly bigint[];
  /** For the files in `seal/` only. */
  readonly native: SealNative;
  readonly #seal: Seal;
  readonly #stack = new Disposer();
  readonly #context: InstanceType<MainModule['SEALContext']>;
  readonly #evaluator: InstanceType<MainModule['Evaluator']>;

  /** @param security `none` lets tests use degrees that are too small to be safe. */
  constructor(seal: Seal, parameters: SealParameters, security: 'tc128' | 'none' = 'tc128') {
    this.#seal = seal;
    this.parameters = parameters;
    const { module } = seal;
    const { dataPrimeBits, specialPrimeBits } = parameters;
    const bits = specialPrimeBits === undefined ? dataPrimeBits : [...dataPrimeBits, specialPrimeBits];
    this.#context = this.#use(() => {
      using setting = seal.track(new module.EncryptionParameters(module.SchemeType.ckks));
      using primes = seal.track(module.CoeffModulus.Create(parameters.degree, Int32Array.from(bits)));
      setting.setPolyModulusDegree(parameters.degree);
      setting.setCoeffModulus(primes);
      return new module.SEALContext(setting, true, module.SecLevelType[security]);
    });
    if (!this.#context.parametersSet()) {
      throw new BackendError(`SEAL refuses parameters ${parameters.digest}`, {
        parameters: parameters.digest,
      });
    }
    const chain = guard('reading the context', () => readChain(seal, this.#context));
    this.primes = chain.primes;
    this.levels = chain.levels;
    this.keyLevel = chain.keyLevel;
    this.shape = { ...chain.levels.at(-1)!, components: 2, scale: SEAL_SCALE };
    this.#evaluator = this.#use(() => new module.Evaluator(this.#context));
    this.native = { seal, module, context: this.#context, evaluator: this.#evaluator };
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

  /** Residues (coefficient form) of plaintexts in NTT form over the first `primes` primes; the inverse of {@link plaintexts}. */
  polynomials(plaintexts: readonly Plaintext[], primes: number = this.shape.primes): BigUint64Array[] {
    const words = this.shape.degree * primes;
    const out: BigUint64Array[] = [];
    for (let i = 0; i < plaintexts.length; i += 2) {
      const pair = plaintexts.slice(i, i + 2).map((p) => this.#plaintextWords(p));
      const bytes = this.#transform([pair[0]!, pair[1] ?? new BigUint64Array(words)], 'fromNtt', primes);
      for (let half = 0; half < pair.length; half++) {
        const start = CIPHERTEXT_HEADER_BYTES + half * 8 * words;
        out.push(new BigUint64Array(bytes.slice(start, start + 8 * words).buffer));
      }
    }
    return out;
  }

  /** A ciphertext over the first `primes` primes from its two polynomials (coefficient form); the caller disposes it. */
  ciphertextOf(polynomials: readonly BigUint64Array[], primes: number): Ciphertext {
    const carrier = this.#ciphertext(ciphertextBytes(this.#shapeOf(primes), false, polynomials));
    guard('transforming', () => this.#evaluator.cipherTransformToNttInplace(carrier));
    return carrier;
  }

  /**
   * Divides a ciphertext by its last primes, with rounding, until `primes` are left, and takes it out of NTT form. It is
   * changed. @returns SEAL's serialization.
   */
  coefficientsOf(ciphertext: Ciphertext, primes: number): Uint8Array {
    return guard('rescaling', () => {
      for (let p = this.shape.primes; p > primes; p--) this.#evaluator.rescaleToNextInplace(ciphertext);
      this.#evaluator.cipherTransformFromNttInplace(ciphertext);
      return bytesOf(this.#seal, ciphertext);
    });
  }

  /** Loads a ciphertext after checking every field of its header: SEAL sees no malformed bytes. */
  loadCiphertext(bytes: Uint8Array, form: 'seeded' | 'full'): Ciphertext {
    checkCiphertextBytes(bytes, this.shape, form);
    return this.#ciphertext(bytes);
  }

  saveCiphertext(ciphertext: Ciphertext): Uint8Array {
    return guard('saving a ciphertext', () => bytesOf(this.#seal, ciphertext));
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
    return guard('loading a key', () => loaded(this.native, new this.#seal.module.SecretKey(), bytes));
  }

  saveSecretKey(key: SecretKey): Uint8Array {
    return guard('saving a key', () => bytesOf(this.#seal, key));
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
        return bytesOf(this.#seal, ciphertext);
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

  #ciphertext(bytes: Uint8Array): Ciphertext {
    return guard('loading a ciphertext', () =>
      loaded(this.native, new this.#seal.module.Ciphertext(), bytes),
    );
  }

  /** Runs two polynomials through SEAL's number-theoretic transform, dressed as one ciphertext. */
  #transform(
    pair: readonly BigUint64Array[],
    direction: 'toNtt' | 'fromNtt',
    primes: number = this.shape.primes,
  ): Uint8Array {
    const bytes = ciphertextBytes(this.#shapeOf(primes), direction === 'fromNtt', pair);
    using carrier = this.#ciphertext(bytes);
    return guard('transforming', () => {
      if (direction === 'toNtt') this.#evaluator.cipherTransformToNttInplace(carrier);
      else this.#evaluator.cipherTransformFromNttInplace(carrier);
      return bytesOf(this.#seal, carrier);
    });
  }

  #shapeOf(primes: number): SealShape {
    return { ...this.levels[primes - 1]!, components: 2, scale: SEAL_SCALE };
  }

  #plaintext(nttBytes: Uint8Array): Plaintext {
    const bytes = plaintextBytes(this.shape, SEAL_SCALE, nttBytes);
    return guard('loading a plaintext', () => loaded(this.native, new this.#seal.module.Plaintext(), bytes));
  }

  #plaintextWords(plaintext: Plaintext): BigUint64Array {
    const bytes = guard('saving a plaintext', () => bytesOf(this.#seal, plaintext));
    return new BigUint64Array(bytes.slice(PLAINTEXT_HEADER_BYTES).buffer);
  }
}

/** What the files in `seal/` need of a context. */
export type SealNative = {
  readonly seal: Seal;
  readonly module: MainModule;
  readonly context: InstanceType<MainModule['SEALContext']>;
  readonly evaluator: InstanceType<MainModule['Evaluator']>;
};

/** SEAL's serialization of an object, uncompressed. */
export function bytesOf(
  seal: Seal,
  object: { saveToArray(mode: MainModule['ComprModeType']['none']): unknown },
): Uint8Array {
  return object.saveToArray(seal.module.ComprModeType.none) as Uint8Array;
}

/** Fills a new object from checked bytes and registers it; deletes it where SEAL refuses them. */
export function loaded<
  T extends ClassHandle & { loadFromArray(context: SealNative['context'], bytes: Uint8Array): void },
>(native: SealNative, object: T, bytes: Uint8Array): T {
  native.seal.track(object);
  try {
    object.loadFromArray(native.context, bytes);
  } catch (error) {
    object.delete();
    throw error;
  }
  return object;
}

/**
 * Instantiates node-seal so that its linear memory can be seen: the build exports it under a name of its own and keeps it
 * to itself. Where the file cannot be found or read (a bundler, a browser), node-seal instantiates itself, unseen.
 */
async function instantiate(): Promise<{
  readonly module: MainModule;
  readonly memory: WasmMemory | undefined;
}> {
  const binary = readBinary();
  if (binary === undefined) return { module: await initialize(), memory: undefined };
  const api = (globalThis as unknown as { readonly WebAssembly: WasmApi }).WebAssembly;
  const compiled = await api.compile(binary);
  let memory: WasmMemory | undefined;
  let fail: (reason: unknown) => void = () => {};
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const instantiateWasm = (
    imports: object,
    receive: (instance: WasmInstance, module: object) => void,
  ): object => {
    api.instantiate(compiled, imports).then((instance) => {
      memory = Object.values(instance.exports).find((value) => value instanceof api.Memory) as WasmMemory;
      receive(instance, compiled);
    }, fail);
    return {};
  };
  return { module: await Promise.race([initialize({ instantiateWasm }), failure]), memory };
}

function readBinary(): Uint8Array | undefined {
  const files = globalThis.process?.getBuiltinModule?.('node:fs');
  const resolve = import.meta.resolve as ((specifier: string) => string) | undefined;
  if (files === undefined || typeof resolve !== 'function') return undefined;
  try {
    return files.readFileSync(new URL('seal_allows.wasm', resolve('node-seal/allows')));
  } catch {
    return undefined;
  }
}

/** The part of the WebAssembly API that is used; TypeScript declares it only with the DOM. */
type WasmMemory = { readonly buffer: ArrayBuffer };
type WasmInstance = { readonly exports: Readonly<Record<string, unknown>> };
type WasmApi = {
  readonly Memory: new () => WasmMemory;
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<WasmInstance>;
};

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
export function guard<T>(during: string, action: () => T): T {
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
