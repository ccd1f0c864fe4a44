import { Disposer } from '../../base/disposal.ts';
import { fillRandom } from '../../base/random.ts';
import { type Ciphertext, guard, loaded, type MainModule, type SealContext } from '../seal.ts';
import { checkPublicKeyBytes } from '../wire.ts';

/** Makes responses independent of the matrix but for their results: see hiding.ts. Lives for one request, under one public key. */
export class Rerandomiser implements Disposable {
  readonly #context: SealContext;
  readonly #floodBits: number;
  readonly #stack = new Disposer();
  readonly #encryptor: InstanceType<MainModule['Encryptor']>;

  /** @param publicKey bytes whose envelope has been verified. @throws IntegrityError for anything but a public key. */
  constructor(context: SealContext, publicKey: Uint8Array, floodBits: number) {
    checkPublicKeyBytes(publicKey, context.keyLevel);
    this.#context = context;
    this.#floodBits = floodBits;
    const { seal, module, context: native } = context.native;
    this.#encryptor = this.#stack.use(
      guard('making an encryptor', () => {
        using key = loaded(context.native, new module.PublicKey(), publicKey);
        return seal.track(new module.Encryptor(native, key));
      }),
    );
  }

  /** Adds a fresh {@link mask}. */
  hide(ciphertext: Ciphertext, positions: readonly number[]): void {
    using mask = this.mask(positions);
    guard('hiding the matrix', () => this.#context.native.evaluator.addInplace(ciphertext, mask));
  }

  /** An encryption of zero with flooding at the coefficients of `positions`; the caller disposes it. */
  mask(positions: readonly number[]): Ciphertext {
    const { native, primes, shape } = this.#context;
    const flood = floodingPolynomial(positions, this.#floodBits, shape.degree, primes);
    const [plaintext] = this.#context.plaintexts([flood]);
    flood.fill(0n);
    try {
      return guard('hiding the matrix', () => {
        const zero = native.seal.track(new native.module.Ciphertext());
        try {
          this.#encryptor.encryptZero(zero);
          native.evaluator.addPlainInplace(zero, plaintext!);
        } catch (error) {
          zero.delete();
          throw error;
        }
        return zero;
      });
    } finally {
      plaintext!.delete();
    }
  }

  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }
}

/** Integers uniform on [-2^(bits-1), 2^(bits-1)) at `positions`, as residues [prime][coefficient]; zeros elsewhere. */
export function floodingPolynomial(
  positions: readonly number[],
  bits: number,
  degree: number,
  primes: readonly bigint[],
): BigUint64Array {
  const words = new BigUint64Array(degree * primes.length);
  const limbs = Math.ceil(bits / 64);
  const random = fillRandom(new BigUint64Array(limbs * positions.length));
  const half = 1n << BigInt(bits - 1);
  positions.forEach((position, i) => {
    let value = 0n;
    for (let limb = 0; limb < limbs; limb++) value = (value << 64n) | random[i * limbs + limb]!;
    value = BigInt.asUintN(bits, value) - half;
    primes.forEach((q, p) => {
      const residue = value % q;
      words[p * degree + position] = residue < 0n ? residue + q : residue;
    });
  });
  random.fill(0n);
  return words;
}
