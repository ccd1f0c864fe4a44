import initialize, { type MainModule } from 'node-seal/allows';
import type { SealParameters } from '../../src/ckks/seal.ts';
import type { EvaluationKeyBytes } from '../../src/ckks/slots/keys.ts';

type Ciphertext = InstanceType<MainModule['Ciphertext']>;
type Plaintext = InstanceType<MainModule['Plaintext']>;

/**
 * node-seal called as its documentation says, with nothing of ours between: what an evaluator of ours must agree with bit
 * for bit. It frees nothing, so that it belongs in tests only.
 */
export class NaiveSeal {
  readonly module: MainModule;
  readonly context: InstanceType<MainModule['SEALContext']>;
  readonly evaluator: InstanceType<MainModule['Evaluator']>;
  readonly encoder: InstanceType<MainModule['CKKSEncoder']>;
  readonly relinKeys: InstanceType<MainModule['RelinKeys']>;
  readonly galoisKeys: InstanceType<MainModule['GaloisKeys']>;

  private constructor(module: MainModule, parameters: SealParameters, keys: EvaluationKeyBytes) {
    this.module = module;
    const setting = new module.EncryptionParameters(module.SchemeType.ckks);
    setting.setPolyModulusDegree(parameters.degree);
    const bits = Int32Array.from([...parameters.dataPrimeBits, parameters.specialPrimeBits!]);
    setting.setCoeffModulus(module.CoeffModulus.Create(parameters.degree, bits));
    this.context = new module.SEALContext(setting, true, module.SecLevelType.none);
    this.evaluator = new module.Evaluator(this.context);
    this.encoder = new module.CKKSEncoder(this.context);
    this.relinKeys = new module.RelinKeys();
    this.relinKeys.loadFromArray(this.context, keys.relinearisation);
    this.galoisKeys = new module.GaloisKeys();
    this.galoisKeys.loadFromArray(this.context, keys.galois);
  }

  static async create(parameters: SealParameters, keys: EvaluationKeyBytes): Promise<NaiveSeal> {
    return new NaiveSeal(await initialize(), parameters, keys);
  }

  load(bytes: Uint8Array): Ciphertext {
    const ciphertext = new this.module.Ciphertext();
    ciphertext.loadFromArray(this.context, bytes);
    return ciphertext;
  }

  /** Encodes at the level of a ciphertext. */
  encodeLike(ciphertext: Ciphertext, values: Float64Array, scale: number): Plaintext {
    const plaintext = new this.module.Plaintext();
    this.encoder.encode(values, scale, plaintext);
    this.evaluator.plainModSwitchToInplace(plaintext, ciphertext.parmsId());
    return plaintext;
  }

  /** The bytes of a new ciphertext that an operation fills. */
  run(operation: (evaluator: this['evaluator'], out: Ciphertext) => void): Uint8Array {
    const out = new this.module.Ciphertext();
    operation(this.evaluator, out);
    return out.saveToArray(this.module.ComprModeType.none) as Uint8Array;
  }
}
