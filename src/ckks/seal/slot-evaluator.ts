import { BackendError } from '../../base/errors.ts';
import { bytesOf, type Ciphertext, guard, loaded, type Plaintext, type SealContext } from '../seal.ts';
import type { SlotEvaluator } from '../slots/evaluator.ts';
import { galoisElement } from '../slots/galois.ts';
import type { SlotPlaintext } from '../slots/program.ts';
import { checkCiphertextBytes, componentsOf } from '../wire.ts';
import type { SealEvaluationKeys } from './evaluation-keys.ts';
import { parmsIdOf, SlotEncoder } from './slot-encoder.ts';

/** Scales that should be equal may differ by the rounding of their doubles, and by no more. */
const SCALE_TOLERANCE = 1e-9;

/** A ciphertext or plaintext of SEAL's, with the level it stands at and its scale. */
export class SealOperand<Handle extends Ciphertext | Plaintext> implements Disposable {
  readonly handle: Handle;
  readonly level: number;
  readonly #live: Set<Disposable>;

  /** @param live where operands that nobody has disposed are registered. */
  constructor(handle: Handle, level: number, live: Set<Disposable>) {
    this.handle = handle;
    this.level = level;
    this.#live = live;
    live.add(this);
  }

  get scale(): number {
    return this.handle.scale();
  }

  [Symbol.dispose](): void {
    if (this.handle.isDeleted()) return;
    this.handle.delete();
    this.#live.delete(this);
  }
}

export type SealCiphertext = SealOperand<Ciphertext>;
export type SealPlaintext = SealOperand<Plaintext>;

/**
 * Leveled CKKS on node-seal: complete, and the oracle of faster kernels. SEAL's scale fields carry the true scales. Where
 * two that are added differ in the last bits, because they were computed along two ways, the second takes the first's;
 * where they differ by more than 1e-9, the program is wrong and nothing is computed.
 */
export class SealSlotEvaluator implements SlotEvaluator<SealCiphertext, SealPlaintext> {
  readonly #context: SealContext;
  readonly #keys: SealEvaluationKeys | undefined;
  readonly #encoder: SlotEncoder;
  readonly #live = new Set<Disposable>();

  /** @param keys stay the caller's. A program that neither relinearises nor rotates needs none. */
  constructor(context: SealContext, keys?: SealEvaluationKeys) {
    this.#context = context;
    this.#keys = keys;
    this.#encoder = new SlotEncoder(context);
  }

  encode(plaintext: SlotPlaintext): SealPlaintext {
    return this.#own(this.#encoder.encode(plaintext), plaintext.level);
  }

  load(bytes: Uint8Array, form: 'seeded' | 'full', level: number, scale: number): SealCiphertext {
    const components = form === 'seeded' ? 2 : componentsOf(bytes);
    checkCiphertextBytes(bytes, { ...this.#levelAt(level), components, scale }, form);
    const { native } = this.#context;
    const handle = guard('loading a ciphertext', () => loaded(native, new native.module.Ciphertext(), bytes));
    return this.#own(handle, level);
  }

  save({ handle }: SealCiphertext, scale: number): Uint8Array {
    return guard('saving a ciphertext', () =>
      atScale(handle, scale, () => bytesOf(this.#context.native.seal, handle)),
    );
  }

  add(a: SealCiphertext, b: SealCiphertext): SealCiphertext {
    return this.#make('adding', a.level, (out) =>
      atScale(b.handle, a.scale, () => this.#native.add(a.handle, b.handle, out)),
    );
  }

  sub(a: SealCiphertext, b: SealCiphertext): SealCiphertext {
    return this.#make('subtracting', a.level, (out) =>
      atScale(b.handle, a.scale, () => this.#native.sub(a.handle, b.handle, out)),
    );
  }

  negate(a: SealCiphertext): SealCiphertext {
    return this.#make('negating', a.level, (out) => this.#native.negate(a.handle, out));
  }

  addPlain(a: SealCiphertext, p: SealPlaintext): SealCiphertext {
    return this.#make('adding a plaintext', a.level, (out) =>
      atScale(p.handle, a.scale, () => this.#native.addPlain(a.handle, p.handle, out)),
    );
  }

  subPlain(a: SealCiphertext, p: SealPlaintext): SealCiphertext {
    return this.#make('subtracting a plaintext', a.level, (out) =>
      atScale(p.handle, a.scale, () => this.#native.subPlain(a.handle, p.handle, out)),
    );
  }

  mulPlain(a: SealCiphertext, p: SealPlaintext): SealCiphertext {
    return this.#make('multiplying by a plaintext', a.level, (out) =>
      this.#native.multiplyPlain(a.handle, p.handle, out),
    );
  }

  innerProductPlain(
    ciphertexts: readonly SealCiphertext[],
    plaintexts: readonly SealPlaintext[],
  ): SealCiphertext {
    return this.#sum('multiplying by plaintexts', ciphertexts[0]!.level, ciphertexts.length, (i, out) =>
      this.#native.multiplyPlain(ciphertexts[i]!.handle, plaintexts[i]!.handle, out),
    );
  }

  multiply(a: SealCiphertext, b: SealCiphertext): SealCiphertext {
    return this.#make('multiplying', a.level, (out) => this.#native.multiply(a.handle, b.handle, out));
  }

  square(a: SealCiphertext): SealCiphertext {
    return this.#make('squaring', a.level, (out) => this.#native.square(a.handle, out));
  }

  innerProduct(a: readonly SealCiphertext[], b: readonly SealCiphertext[]): SealCiphertext {
    return this.#sum('multiplying', a[0]!.level, a.length, (i, out) =>
      a[i] === b[i]
        ? this.#native.square(a[i]!.handle, out)
        : this.#native.multiply(a[i]!.handle, b[i]!.handle, out),
    );
  }

  relinearise(a: SealCiphertext): SealCiphertext {
    const key = this.#keys?.relinearisation ?? missing('relinearisation key');
    return this.#make('relinearising', a.level, (out) => this.#native.relinearize(a.handle, key, out));
  }

  rescale(a: SealCiphertext): SealCiphertext {
    return this.#make('rescaling', a.level - 1, (out) => this.#native.rescaleToNext(a.handle, out));
  }

  dropLevels(a: SealCiphertext, level: number): SealCiphertext {
    return this.#make('dropping levels', level, (out) => {
      if (level === a.level) return out.assign(a.handle);
      if (level === a.level - 1) return this.#native.cipherModSwitchToNext(a.handle, out);
      using id = parmsIdOf(this.#context, level);
      this.#native.cipherModSwitchTo(a.handle, id, out);
    });
  }

  rotate(a: SealCiphertext, steps: readonly number[]): SealCiphertext[] {
    const results: SealCiphertext[] = [];
    try {
      for (const step of steps) {
        const element = galoisElement(step, this.#context.shape.degree);
        results.push(this.#automorphism(`rotating by ${step}`, a, element));
      }
      return results;
    } catch (error) {
      for (const result of results) result[Symbol.dispose]();
      throw error;
    }
  }

  conjugate(a: SealCiphertext): SealCiphertext {
    return this.#automorphism('conjugating', a, 2 * this.#context.shape.degree - 1);
  }

  liveObjects(): number {
    return this.#live.size;
  }

  /** Frees what is alive, too: an evaluator that ends takes its ciphertexts along. */
  [Symbol.dispose](): void {
    for (const operand of [...this.#live]) operand[Symbol.dispose]();
    this.#encoder[Symbol.dispose]();
  }

  get #native(): SealContext['native']['evaluator'] {
    return this.#context.native.evaluator;
  }

  #levelAt(level: number) {
    const shape = this.#context.levels[level];
    if (shape !== undefined) return shape;
    throw new BackendError(`expected a level below ${this.#context.levels.length}, found ${level}`, {
      level,
      levels: this.#context.levels.length,
    });
  }

  #automorphism(during: string, a: SealCiphertext, element: number): SealCiphertext {
    return this.#make(during, a.level, (out) => {
      if (element === 1) return out.assign(a.handle);
      const keys = this.#keys?.galois;
      // Where a key is missing, SEAL would walk through those of other steps: slower, noisier, and not what was planned.
      if (!keys?.hasKey(element)) missing(`Galois key for the automorphism X -> X^${element}`);
      this.#native.applyGalois(a.handle, element, keys!, out);
    });
  }

  #make(during: string, level: number, compute: (out: Ciphertext) => void): SealCiphertext {
    const { seal, module } = this.#context.native;
    return guard(during, () => {
      const out = seal.track(new module.Ciphertext());
      try {
        compute(out);
      } catch (error) {
        out.delete();
        throw error;
      }
      return this.#own(out, level);
    });
  }

  #sum(
    during: string,
    level: number,
    count: number,
    term: (index: number, out: Ciphertext) => void,
  ): SealCiphertext {
    const { seal, module } = this.#context.native;
    return this.#make(during, level, (total) => {
      term(0, total);
      if (count === 1) return;
      using next = seal.track(new module.Ciphertext());
      for (let i = 1; i < count; i++) {
        term(i, next);
        atScale(next, total.scale(), () => this.#native.addInplace(total, next));
      }
    });
  }

  #own<Handle extends Ciphertext | Plaintext>(handle: Handle, level: number): SealOperand<Handle> {
    return new SealOperand(handle, level, this.#live);
  }
}

/** Runs an action with an operand's scale field set to `scale`, which it already has but for rounding. */
function atScale<T>(handle: Ciphertext | Plaintext, scale: number, action: () => T): T {
  const own = handle.scale();
  if (own === scale) return action();
  if (!(Math.abs(own / scale - 1) <= SCALE_TOLERANCE)) {
    throw new BackendError(`expected an operand of scale ${scale}, found ${own}: the program is wrong`, {
      expected: scale,
      found: own,
    });
  }
  handle.setScale(scale);
  try {
    return action();
  } finally {
    handle.setScale(own);
  }
}

function missing(what: string): never {
  throw new BackendError(`the evaluator has no ${what}: ask the key owner for the keys of this program`, {
    missing: what,
  });
}
