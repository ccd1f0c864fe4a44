import { Disposer } from '../../base/disposal.ts';
import { RangeError, ShapeError } from '../../base/errors.ts';
import { guard, loaded, type MainModule, type Plaintext, type SealContext } from '../seal.ts';
import type { SlotPlaintext } from '../slots/program.ts';
import { plaintextBytes } from '../wire.ts';

/** Values of slots to plaintext polynomials and back, at any level. */
export class SlotEncoder implements Disposable {
  readonly slots: number;
  readonly #context: SealContext;
  readonly #stack = new Disposer();
  readonly #encoder: InstanceType<MainModule['CKKSEncoder']>;

  constructor(context: SealContext) {
    this.#context = context;
    const { seal, module, context: native } = context.native;
    this.#encoder = this.#stack.use(
      seal.track(guard('making an encoder', () => new module.CKKSEncoder(native))),
    );
    this.slots = context.shape.degree / 2;
  }

  /**
   * round(values scale) at a level; the caller disposes the result. Slots beyond `values` are zero. Cost: a number, one
   * pass over the residues; a vector, a transform over all primes of the context, of which those above the level are
   * dropped again.
   * @throws ShapeError for more values than slots; RangeError for values that are not finite, of which SEAL would
   * silently make a vector of zeros.
   */
  encode({ values, level, scale }: SlotPlaintext): Plaintext {
    if (typeof values === 'number') return this.#constant(values, level, scale);
    this.#check(values);
    const { seal, module, evaluator } = this.#context.native;
    return guard('encoding', () => {
      const plaintext = seal.track(new module.Plaintext());
      try {
        this.#encoder.encode(values, scale, plaintext);
        if (level < this.#context.levels.length - 1) {
          using id = this.#parmsId(level);
          evaluator.plainModSwitchToInplace(plaintext, id);
        }
      } catch (error) {
        plaintext.delete();
        throw error;
      }
      return plaintext;
    });
  }

  /** All slots, real parts. */
  decode(plaintext: Plaintext): Float64Array {
    return guard('decoding', () => this.#encoder.decodeFloat64(plaintext) as Float64Array);
  }

  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }

  /** The same number in every slot is a constant polynomial, whose transform is that constant everywhere. */
  #constant(value: number, level: number, scale: number): Plaintext {
    const integer = Math.round(value * scale);
    if (!Number.isFinite(integer)) {
      throw new RangeError(`expected a finite constant, found ${value} at scale ${scale}`);
    }
    const shape = this.#context.levels[level]!;
    const words = new BigUint64Array(shape.degree * shape.primes);
    for (let p = 0; p < shape.primes; p++) {
      const q = this.#context.primes[p]!;
      const residue = BigInt(integer) % q;
      words.fill(residue < 0n ? residue + q : residue, p * shape.degree, (p + 1) * shape.degree);
    }
    const bytes = plaintextBytes(shape, scale, new Uint8Array(words.buffer));
    const { native } = this.#context;
    return guard('loading a constant', () => loaded(native, new native.module.Plaintext(), bytes));
  }

  /** The identity of a level, as an object of SEAL's; the caller disposes it. */
  #parmsId(level: number): ReturnType<Plaintext['parmsId']> {
    return parmsIdOf(this.#context, level);
  }

  #check(values: Float64Array): void {
    if (values.length > this.slots) {
      throw new ShapeError(`expected at most ${this.slots} values, found ${values.length}`, {
        expected: this.slots,
        found: values.length,
      });
    }
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw new RangeError(`value ${bad} is not finite: nothing can be encoded`, { index: bad });
  }
}

/** SEAL's own object that names a level; the caller disposes it. */
export function parmsIdOf(context: SealContext, level: number): ReturnType<Plaintext['parmsId']> {
  const { seal, context: native } = context.native;
  let data = seal.track(native.firstContextData());
  for (let at = context.levels.length - 1; at > level; at--) {
    const next = seal.track(data.nextContextData());
    data.delete();
    data = next;
  }
  try {
    return seal.track(data.parmsId());
  } finally {
    data.delete();
  }
}
