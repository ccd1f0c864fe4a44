import { BackendError, IntegrityError } from '../../base/errors.ts';
import { powMod } from '../../numeric/modular.ts';
import { readSwitchingKey, releaseSwitchingKey, type SwitchingKey } from './key-switching.ts';
import type { Ring } from './ring.ts';
import { type CiphertextShape, checkSwitchingKey } from './serialization.ts';

/** A Galois key of X -> X^element, permuted, and the page that says where rotated values come from. */
export type RotationKey = { readonly key: SwitchingKey; readonly table: number };

/** Relinearisation and Galois keys in kernel layout: public, read once from what SEAL saved. */
export class EvaluationKeys {
  readonly #ring: Ring;
  readonly #shape: CiphertextShape;
  readonly #rotations = new Map<number, RotationKey>();
  #relinearisation: SwitchingKey | undefined;

  /** @param shape of a ciphertext at the key level. */
  constructor(ring: Ring, shape: CiphertextShape) {
    this.#ring = ring;
    this.#shape = shape;
  }

  /**
   * Reads relinearisation keys as SEAL saves them; they replace those that were there. Cost: one pass over the bytes.
   * @throws IntegrityError unless the bytes are keys of these parameters for one power of the secret.
   */
  loadRelinearisation(bytes: Uint8Array, form: 'seeded' | 'full'): void {
    const [row] = checkSwitchingKey(bytes, this.#shape, 1, this.#digits, form);
    if (row === undefined) throw new IntegrityError('expected a relinearisation key, found an empty one');
    this.#ring.pool.reserve(this.#pages);
    const key = readSwitchingKey(this.#ring, bytes, row);
    if (this.#relinearisation !== undefined) releaseSwitchingKey(this.#ring, this.#relinearisation);
    this.#relinearisation = key;
  }

  /**
   * Reads Galois keys as SEAL saves them, beside those that are there. Cost: two passes over the bytes.
   * @throws IntegrityError unless the bytes are Galois keys of these parameters.
   * @throws BackendError where memory does not suffice; keys read before that one stay.
   */
  loadRotations(bytes: Uint8Array, form: 'seeded' | 'full'): void {
    const ring = this.#ring;
    const { degree, pool } = ring;
    const rows = checkSwitchingKey(bytes, this.#shape, degree, this.#digits, form);
    pool.reserve(rows.length * (this.#pages + 1) + 2);
    for (const row of rows) {
      const element = 2 * row.row + 1;
      // The group of odd numbers modulo 2 N has exponent N / 2.
      const back = powMod(element, degree - 1, 2 * degree);
      // Rotated digits times a key are digits times the key rotated back, rotated: digits need not be rotated at all.
      const key = ring.withPages(1, ([page]) => {
        ring.writeAutomorphism(page!, back);
        return readSwitchingKey(ring, bytes, row, page!);
      });
      const old = this.#rotations.get(element);
      if (old !== undefined) releaseSwitchingKey(ring, old.key);
      const table = old?.table ?? pool.take();
      ring.writeAutomorphism(table, element);
      this.#rotations.set(element, { key, table });
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
    const { pool } = this.#ring;
    if (this.#relinearisation !== undefined) releaseSwitchingKey(this.#ring, this.#relinearisation);
    this.#relinearisation = undefined;
    for (const { key, table } of this.#rotations.values()) {
      releaseSwitchingKey(this.#ring, key);
      pool.give([table]);
    }
    this.#rotations.clear();
  }

  get #digits(): number {
    return this.#ring.primes.length - 1;
  }

  /** Pages of one key. */
  get #pages(): number {
    return 2 * this.#digits * this.#ring.primes.length;
  }
}

function missing(what: string, facts: Readonly<Record<string, number>>): never {
  throw new BackendError(what, facts);
}
