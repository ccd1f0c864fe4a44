import { Disposer } from '../../base/disposal.ts';
import { IntegrityError } from '../../base/errors.ts';
import { bytesOf, guard, loaded, type MainModule, type SealContext, type SecretKey } from '../seal.ts';
import { blockOf } from '../slots/blocks.ts';
import type { EvaluationKeyBytes, EvaluationKeySpec, KeyForm } from '../slots/keys.ts';
import type { SlotInput } from '../slots/program.ts';
import { checkCiphertextBytes, checkPublicKeyBytes, componentsOf } from '../wire.ts';
import { SlotEncoder } from './slot-encoder.ts';

type Encryptor = InstanceType<MainModule['Encryptor']>;

/** A ciphertext of results: where it stands and what the plan says its scale is. */
export type SlotResult = { readonly bytes: Uint8Array; readonly level: number; readonly scale: number };

/** Encrypts vectors of slots: by the secret key, seeded and half the size, or by a public one. */
export class SlotEncryptor implements Disposable {
  readonly #context: SealContext;
  readonly #stack = new Disposer();
  readonly #encoder: SlotEncoder;
  readonly #encryptor: Encryptor;
  readonly #form: 'seeded' | 'full';

  private constructor(context: SealContext, form: 'seeded' | 'full', make: () => Encryptor) {
    this.#context = context;
    this.#form = form;
    this.#encoder = this.#stack.use(new SlotEncoder(context));
    this.#encryptor = this.#stack.use(guard('making an encryptor', make));
  }

  static bySecretKey(context: SealContext, key: SecretKey): SlotEncryptor {
    const { seal, module, context: native } = context.native;
    return new SlotEncryptor(context, 'seeded', () => {
      // SEAL's encryptor wants a public key at construction even where only the secret one is used.
      using generator = seal.track(new module.KeyGenerator(native, key));
      using publicKey = seal.track(generator.createPublicKey());
      return seal.track(new module.Encryptor(native, publicKey, key));
    });
  }

  /** @param bytes a public key whose envelope has been verified. @throws IntegrityError for anything but that. */
  static byPublicKey(context: SealContext, bytes: Uint8Array): SlotEncryptor {
    checkPublicKeyBytes(bytes, context.keyLevel);
    const { seal, module, context: native } = context.native;
    return new SlotEncryptor(context, 'full', () => {
      using publicKey = loaded(context.native, new module.PublicKey(), bytes);
      return seal.track(new module.Encryptor(native, publicKey));
    });
  }

  /**
   * A vector, a ciphertext a block, at the level and scale of the input.
   * @throws RangeError for values that are not finite, before anything is encrypted.
   */
  encrypt(input: SlotInput, values: Float64Array): Uint8Array[] {
    const { seal } = this.#context.native;
    return Array.from({ length: input.blocks }, (_, block) => {
      const slots = blockOf(input, values, this.#encoder.slots, block);
      using plaintext = this.#encoder.encode({ values: slots, level: input.level, scale: input.scale });
      slots.fill(0);
      return guard('encrypting', () => {
        using ciphertext = seal.track(
          this.#form === 'seeded'
            ? this.#encryptor.encryptSymmetricSerializable(plaintext)
            : this.#encryptor.encryptSerializable(plaintext),
        );
        return bytesOf(seal, ciphertext);
      });
    });
  }

  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }
}

/** What only the holder of the secret key can do with slots. The key stays its caller's. */
export class SlotKeyHolder implements Disposable {
  readonly #context: SealContext;
  readonly #key: SecretKey;
  readonly #stack = new Disposer();
  readonly #encoder: SlotEncoder;
  readonly #decryptor: InstanceType<MainModule['Decryptor']>;
  readonly encryptor: SlotEncryptor;

  constructor(context: SealContext, key: SecretKey) {
    this.#context = context;
    this.#key = key;
    const { seal, module, context: native } = context.native;
    this.#encoder = this.#stack.use(new SlotEncoder(context));
    this.#decryptor = this.#stack.use(
      seal.track(guard('making a decryptor', () => new module.Decryptor(native, key))),
    );
    this.encryptor = this.#stack.use(SlotEncryptor.bySecretKey(context, key));
  }

  /** Relinearisation and Galois keys: exactly those of the specification. */
  evaluationKeys(spec: EvaluationKeySpec, form: KeyForm): EvaluationKeyBytes {
    const { seal, module, context } = this.#context.native;
    return guard('making evaluation keys', () => {
      using generator = seal.track(new module.KeyGenerator(context, this.#key));
      const write = <T extends Parameters<typeof bytesOf>[1] & Disposable>(make: () => T): Uint8Array => {
        using keys = make();
        return bytesOf(seal, keys);
      };
      const steps = stepsOf(spec, this.#context.shape.degree);
      return {
        form,
        relinearisation: spec.relinearise
          ? write(() =>
              seal.track(
                form === 'seeded' ? generator.createRelinKeysSerializable() : generator.createRelinKeys(),
              ),
            )
          : undefined,
        galois:
          steps.length > 0
            ? write(() =>
                seal.track(
                  form === 'seeded'
                    ? generator.createGaloisKeysSerializableWithSteps(steps)
                    : generator.createGaloisKeysWithSteps(steps),
                ),
              )
            : undefined,
      };
    });
  }

  /** For owners who encrypt under this key without holding it. */
  publicKey(): Uint8Array {
    const { seal, module, context } = this.#context.native;
    return guard('making a public key', () => {
      using generator = seal.track(new module.KeyGenerator(context, this.#key));
      using publicKey = seal.track(generator.createPublicKey());
      return bytesOf(seal, publicKey);
    });
  }

  /**
   * All slots of a ciphertext, real parts.
   * @throws IntegrityError for other bytes than a ciphertext at that level and scale, or one under another key: that
   * decrypts to coefficients uniform modulo Q, whose slots have a root mean square of sqrt(N / 24) Q / scale, at least 6 Q /
   * scale for N >= 1024, whereas slots that did not wrap around stay below Q / (2 scale).
   */
  decrypt({ bytes, level, scale }: SlotResult): Float64Array {
    const { native, levels, primes } = this.#context;
    const shape = levels[level];
    if (shape === undefined) throw new IntegrityError(`there is no level ${level}`, { level });
    checkCiphertextBytes(bytes, { ...shape, components: componentsOf(bytes), scale }, 'full');
    const slots = guard('decrypting', () => {
      using ciphertext = loaded(native, new native.module.Ciphertext(), bytes);
      using plaintext = native.seal.track(new native.module.Plaintext());
      this.#decryptor.decrypt(ciphertext, plaintext);
      return this.#encoder.decode(plaintext);
    });
    let modulus = 1;
    for (let p = 0; p <= level; p++) modulus *= Number(primes[p]);
    const most = modulus / scale;
    const meanSquare = slots.reduce((sum, value) => sum + value * value, 0) / slots.length;
    if (!(meanSquare <= most * most)) {
      slots.fill(0);
      throw new IntegrityError('the ciphertext does not decrypt to slots: wrong key, or damaged');
    }
    return slots;
  }

  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }
}

/** Steps by which SEAL names the automorphisms of a specification; 0 stands for conjugation. */
function stepsOf(spec: EvaluationKeySpec, degree: number): Int32Array {
  const slots = degree / 2;
  const steps = new Set(spec.rotations.map((step) => ((step % slots) + slots) % slots));
  steps.delete(0);
  if (spec.conjugate) steps.add(0);
  return Int32Array.from(steps);
}
