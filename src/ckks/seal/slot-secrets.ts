import { Disposer } from '../../base/disposal.ts';
import { IntegrityError } from '../../base/errors.ts';
import { bytesOf, guard, loaded, type MainModule, type SealContext, type SecretKey } from '../seal.ts';
import { blockOf } from '../slots/blocks.ts';
import { conjugationElement, galoisElement } from '../slots/galois.ts';
import {
  type EvaluationKeyBytes,
  type EvaluationKeySpec,
  galoisElementsOf,
  type KeyForm,
} from '../slots/keys.ts';
import type { SlotInput } from '../slots/program.ts';
import { checkCiphertextBytes, checkPublicKeyBytes, componentsOf, joinGaloisKeys } from '../wire.ts';
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

  /**
   * Relinearisation and Galois keys: exactly those of the specification. They are made one by one, so that SEAL's memory
   * never holds more than one.
   */
  evaluationKeys(spec: EvaluationKeySpec, form: KeyForm): EvaluationKeyBytes {
    const { seal, module, context } = this.#context.native;
    const { keyLevel } = this.#context;
    return guard('making evaluation keys', () => {
      using generator = seal.track(new module.KeyGenerator(context, this.#key));
      const relinearisation = () => {
        using keys = seal.track(
          form === 'seeded' ? generator.createRelinKeysSerializable() : generator.createRelinKeys(),
        );
        return bytesOf(seal, keys);
      };
      const galois = (steps: number) => {
        const one = Int32Array.of(steps);
        using keys = seal.track(
          form === 'seeded'
            ? generator.createGaloisKeysSerializableWithSteps(one)
            : generator.createGaloisKeysWithSteps(one),
        );
        return bytesOf(seal, keys);
      };
      const parts = automorphismsOf(spec, keyLevel.degree).map(({ element, steps }) => ({
        list: (element - 1) / 2,
        bytes: galois(steps),
      }));
      return {
        form,
        relinearisation: spec.relinearise ? relinearisation() : undefined,
        galois: parts.length > 0 ? joinGaloisKeys(keyLevel, parts, form) : undefined,
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

/** Automorphisms of a specification, ascending, with the steps by which SEAL names them; 0 stands for conjugation. */
function automorphismsOf(
  spec: EvaluationKeySpec,
  degree: number,
): readonly { readonly element: number; readonly steps: number }[] {
  const slots = degree / 2;
  const stepsOf = new Map<number, number>();
  if (spec.conjugate) stepsOf.set(conjugationElement(degree), 0);
  for (const steps of spec.rotations) {
    stepsOf.set(galoisElement(steps, degree), ((steps % slots) + slots) % slots);
  }
  return galoisElementsOf(spec, degree).map((element) => ({ element, steps: stepsOf.get(element)! }));
}
