import initialize, { type MainModule } from 'node-seal/allows';
import { sealPrimes } from '../../src/numeric/ntt-primes.ts';

type Ciphertext = InstanceType<MainModule['Ciphertext']>;
type Plaintext = InstanceType<MainModule['Plaintext']>;

let module: Promise<MainModule> | undefined;

/** node-seal at one parameter set with its keys: the oracle of the kernels. Never disposed; a test process ends. */
export class SealOracle {
  readonly degree: number;
  readonly primes: readonly number[];
  readonly seal: MainModule;
  readonly context: InstanceType<MainModule['SEALContext']>;
  readonly evaluator: InstanceType<MainModule['Evaluator']>;
  readonly generator: InstanceType<MainModule['KeyGenerator']>;
  readonly #encoder: InstanceType<MainModule['CKKSEncoder']>;
  readonly #encryptor: InstanceType<MainModule['Encryptor']>;
  readonly #decryptor: InstanceType<MainModule['Decryptor']>;
  readonly relinearisation: InstanceType<MainModule['RelinKeys']>;

  private constructor(seal: MainModule, degree: number, bits: readonly number[]) {
    this.seal = seal;
    this.degree = degree;
    this.primes = sealPrimes(degree, bits);
    const parameters = new seal.EncryptionParameters(seal.SchemeType.ckks);
    parameters.setPolyModulusDegree(degree);
    parameters.setCoeffModulus(seal.CoeffModulus.Create(degree, Int32Array.from(bits)));
    // Small degrees with several primes are not secure, which does not matter here.
    this.context = new seal.SEALContext(parameters, true, seal.SecLevelType.none);
    this.generator = new seal.KeyGenerator(this.context);
    const secret = this.generator.secretKey();
    this.evaluator = new seal.Evaluator(this.context);
    this.#encoder = new seal.CKKSEncoder(this.context);
    this.#encryptor = new seal.Encryptor(this.context, this.generator.createPublicKey(), secret);
    this.#decryptor = new seal.Decryptor(this.context, secret);
    this.relinearisation = this.generator.createRelinKeys();
  }

  static async open(degree: number, bits: readonly number[]): Promise<SealOracle> {
    module ??= initialize();
    return new SealOracle(await module, degree, bits);
  }

  bytes(object: { saveToArray(mode: MainModule['ComprModeType']['none']): unknown }): Uint8Array {
    return (object.saveToArray(this.seal.ComprModeType.none) as Uint8Array).slice();
  }

  rotationKeys(steps: readonly number[]): InstanceType<MainModule['GaloisKeys']> {
    return this.generator.createGaloisKeysWithSteps(Int32Array.from(steps));
  }

  encode(values: Float64Array, scale: number): Plaintext {
    const plaintext = new this.seal.Plaintext();
    this.#encoder.encode(values, scale, plaintext);
    return plaintext;
  }

  encrypt(values: Float64Array, scale: number): Ciphertext {
    const ciphertext = new this.seal.Ciphertext();
    this.#encryptor.encrypt(this.encode(values, scale), ciphertext);
    return ciphertext;
  }

  /** The same encryption with its second half as a seed. */
  encryptSeeded(values: Float64Array, scale: number): Uint8Array {
    return this.bytes(this.#encryptor.encryptSymmetricSerializable(this.encode(values, scale)));
  }

  load(bytes: Uint8Array): Ciphertext {
    const ciphertext = new this.seal.Ciphertext();
    ciphertext.loadFromArray(this.context, bytes);
    return ciphertext;
  }

  /** The result of an operation of SEAL's evaluator. */
  apply(operation: (out: Ciphertext) => void): Ciphertext {
    const out = new this.seal.Ciphertext();
    operation(out);
    return out;
  }

  decrypt(ciphertext: Ciphertext): Float64Array {
    using plaintext = new this.seal.Plaintext();
    this.#decryptor.decrypt(ciphertext, plaintext);
    return this.#encoder.decodeFloat64(plaintext) as Float64Array;
  }

  /** Slots of a plaintext given as residues (prime-major, transformed). */
  decode(plaintext: Plaintext): Float64Array {
    return this.#encoder.decodeFloat64(plaintext) as Float64Array;
  }
}
