import { Disposer } from '../../base/disposal.ts';
import { guard, loaded, type MainModule, type SealContext } from '../seal.ts';
import { type EvaluationKeyBytes, type EvaluationKeySpec, galoisElementsOf } from '../slots/keys.ts';
import { checkSwitchingKeyBytes } from '../wire.ts';

/** Public keys that evaluation needs, as SEAL's objects. */
export class SealEvaluationKeys implements Disposable {
  readonly relinearisation: InstanceType<MainModule['RelinKeys']> | undefined;
  readonly galois: InstanceType<MainModule['GaloisKeys']> | undefined;
  readonly #stack = new Disposer();

  /**
   * Loads keys whose envelope has been verified. Every header in them is checked first, and that they are exactly those
   * of the specification.
   * @throws IntegrityError naming the first field that differs.
   */
  constructor(context: SealContext, spec: EvaluationKeySpec, bytes: EvaluationKeyBytes) {
    const { native, keyLevel } = context;
    try {
      if (spec.relinearise) {
        const found = bytes.relinearisation ?? new Uint8Array();
        checkSwitchingKeyBytes(found, keyLevel, 1, [0], bytes.form);
        this.relinearisation = this.#stack.use(
          guard('loading a relinearisation key', () => loaded(native, new native.module.RelinKeys(), found)),
        );
      }
      const elements = galoisElementsOf(spec, keyLevel.degree);
      if (elements.length > 0) {
        const found = bytes.galois ?? new Uint8Array();
        const lists = elements.map((element) => (element - 1) / 2);
        checkSwitchingKeyBytes(found, keyLevel, keyLevel.degree, lists, bytes.form);
        this.galois = this.#stack.use(
          guard('loading Galois keys', () => loaded(native, new native.module.GaloisKeys(), found)),
        );
      }
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** SEAL objects held. */
  get size(): number {
    return Number(this.relinearisation !== undefined) + Number(this.galois !== undefined);
  }

  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }
}
