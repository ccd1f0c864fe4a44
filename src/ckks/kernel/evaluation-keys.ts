import { BackendError } from '../../base/errors.ts';
import { powMod } from '../../numeric/modular.ts';
import {
  type EvaluationKeyBytes,
  type EvaluationKeySpec,
  galoisElementsOf,
  type KeyForm,
} from '../slots/keys.ts';
import type { LevelShape } from '../wire.ts';
import { digitsOf, type KeyStream } from './key-stream.ts';
import { type CiphertextLayout, switchingKeyLayouts } from './layout.ts';
import type { Ring } from './ring.ts';
import {
  newSwitchingKey,
  readDigit,
  readSwitchingKey,
  releaseSwitchingKey,
  type SwitchingKey,
} from './switching-key.ts';

/** A Galois key of X -> X^element, permuted, and the page that says where rotated values come from. */
export type RotationKey = { readonly key: SwitchingKey; readonly table: number };

/** Evaluation keys in SEAL's serialization, read in order. Public. */
export type EvaluationKeyStreams = {
  readonly form: KeyForm;
  readonly relinearisation?: KeyStream | undefined;
  readonly galois?: KeyStream | undefined;
};

/** Addresses of keys in a memory that several evaluators use. */
export type SharedKeys = {
  readonly relinearisation: SwitchingKey | undefined;
  readonly rotations: readonly (readonly [element: number, key: RotationKey])[];
};

/** Relinearisation and Galois keys in kernel layout: public, read once from what SEAL saved. */
export class EvaluationKeys {
  readonly #ring: Ring;
  readonly #level: LevelShape;
  readonly #rotations = new Map<number, RotationKey>();
  #relinearisation: SwitchingKey | undefined;
  /** Whether the pages are somebody else's. */
  #borrowed = false;

  /** @param parmsId of the key level, that is over all primes. */
  constructor(ring: Ring, parmsId: Uint8Array) {
    this.#ring = ring;
    this.#level = { parmsId, degree: ring.degree, primes: ring.primes.length };
  }

  /**
   * Reads the keys of a specification; they replace those that were there. Cost: two passes over the bytes.
   * @throws IntegrityError unless the bytes are exactly these keys; none is kept then.
   * @throws BackendError where memory does not suffice.
   */
  load(spec: EvaluationKeySpec, { form, relinearisation, galois }: EvaluationKeyBytes): void {
    const ring = this.#ring;
    const { degree, pool } = ring;
    const none = new Uint8Array();
    const elements = galoisElementsOf(spec, degree);
    const lists = elements.map((element) => (element - 1) / 2);
    const relinearise = spec.relinearise
      ? switchingKeyLayouts(relinearisation ?? none, this.#level, 1, [0], form)
      : [];
    const rotate =
      lists.length > 0 ? switchingKeyLayouts(galois ?? none, this.#level, degree, lists, form) : [];
    this.clear();
    pool.reserve(
      relinearise.length * this.#pages + rotate.length * (this.#pages + 1) + this.#level.primes + 1,
    );
    try {
      for (const layouts of relinearise) {
        this.#relinearisation = readSwitchingKey(ring, relinearisation!, layouts);
      }
      rotate.forEach((layouts, index) => {
        this.#loadRotation(galois!, layouts, elements[index]!);
      });
    } catch (error) {
      this.clear();
      throw error;
    }
  }

  /**
   * The same from streams, digit by digit, without a copy of the bytes: for keys that are large. Nothing can be used before all of it was
   * read and its digest found right.
   * @throws IntegrityError unless the bytes are exactly these keys and have that digest; none is kept then.
   */
  async loadStreams(
    spec: EvaluationKeySpec,
    { form, relinearisation, galois }: EvaluationKeyStreams,
  ): Promise<void> {
    const ring = this.#ring;
    const { degree, pool } = ring;
    const elements = galoisElementsOf(spec, degree);
    this.clear();
    const keys = Number(spec.relinearise) + elements.length;
    pool.reserve(keys * this.#pages + elements.length + this.#level.primes + 1);
    const rotations: RotationKey[] = [];
    let relinearise: SwitchingKey | undefined;
    try {
      if (spec.relinearise) {
        relinearise = newSwitchingKey(ring);
        for await (const { digit, bytes, layout } of digitsOf(
          given(relinearisation),
          this.#level,
          1,
          [0],
          form,
        ))
          readDigit(ring, relinearise, digit, bytes, layout);
      }
      if (elements.length > 0) {
        const lists = elements.map((element) => (element - 1) / 2);
        for await (const { key, digit, bytes, layout } of digitsOf(
          given(galois),
          this.#level,
          degree,
          lists,
          form,
        )) {
          if (digit === 0) {
            const table = pool.take();
            // Made where it is filled, so that a failure finds what to give back.
            rotations.push({ key: newSwitchingKey(ring), table });
            ring.writeAutomorphism(table, inverseElement(elements[key]!, degree));
          }
          const rotation = rotations[key]!;
          readDigit(ring, rotation.key, digit, bytes, layout, rotation.table);
        }
      }
    } catch (error) {
      if (relinearise !== undefined) releaseSwitchingKey(ring, relinearise);
      for (const { key, table } of rotations) {
        releaseSwitchingKey(ring, key);
        pool.give([table]);
      }
      throw error;
    }
    this.#relinearisation = relinearise;
    for (const [i, rotation] of rotations.entries()) {
      ring.writeAutomorphism(rotation.table, elements[i]!);
      this.#rotations.set(elements[i]!, rotation);
    }
  }

  share(): SharedKeys {
    return { relinearisation: this.#relinearisation, rotations: [...this.#rotations] };
  }

  /** Uses keys that stay another's; they replace those that were there. */
  borrow({ relinearisation, rotations }: SharedKeys): void {
    this.clear();
    this.#borrowed = true;
    this.#relinearisation = relinearisation;
    for (const [element, key] of rotations) this.#rotations.set(element, key);
  }

  #loadRotation(bytes: Uint8Array, layouts: readonly CiphertextLayout[], element: number): void {
    const ring = this.#ring;
    const back = inverseElement(element, ring.degree);
    const table = ring.pool.take();
    try {
      // Rotated digits times a key are digits times the key rotated back, rotated: digits need not be rotated at all.
      ring.writeAutomorphism(table, back);
      const key = readSwitchingKey(ring, bytes, layouts, table);
      ring.writeAutomorphism(table, element);
      this.#rotations.set(element, { key, table });
    } catch (error) {
      ring.pool.give([table]);
      throw error;
    }
  }

  /** @throws BackendError where it was not loaded. */
  relinearisation(): SwitchingKey {
    return (
      this.#relinearisation ??
      missing('the relinearisation key was not loaded: make it with the other keys', {})
    );
  }

  /** @throws BackendError where it was not loaded. */
  rotation(element: number): RotationKey {
    return (
      this.#rotations.get(element) ??
      missing(`the Galois key of element ${element} was not loaded: make the keys that the program names`, {
        element,
      })
    );
  }

  /** Gives back all keys. */
  clear(): void {
    const ring = this.#ring;
    if (!this.#borrowed) {
      if (this.#relinearisation !== undefined) releaseSwitchingKey(ring, this.#relinearisation);
      for (const { key, table } of this.#rotations.values()) {
        releaseSwitchingKey(ring, key);
        ring.pool.give([table]);
      }
    }
    this.#borrowed = false;
    this.#relinearisation = undefined;
    this.#rotations.clear();
  }

  /** Pages of one key. */
  get #pages(): number {
    const { primes } = this.#level;
    return 2 * (primes - 1) * primes;
  }
}

/** The group of odd numbers modulo 2 N has exponent N / 2. */
function inverseElement(element: number, degree: number): number {
  return powMod(element, degree - 1, 2 * degree);
}

function given(key: KeyStream | undefined): KeyStream {
  return key ?? missing('the specification names keys that were not given', {});
}

function missing(what: string, facts: Readonly<Record<string, number>>): never {
  throw new BackendError(what, facts);
}
