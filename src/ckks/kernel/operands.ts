import { BackendError, ShapeError } from '../../base/errors.ts';
import type { KernelCiphertext } from './kernel-ciphertext.ts';

/** @throws BackendError for a disposed object. */
export function alive<T extends { readonly disposed: boolean }>(object: T): T {
  if (object.disposed)
    throw new BackendError('expected a live ciphertext or plaintext, found a disposed one');
  return object;
}

/** @throws ShapeError */
export function sameLevel(a: { readonly level: number }, b: { readonly level: number }): void {
  if (a.level !== b.level) {
    throw new ShapeError(
      `expected operands at one level, found ${a.level} and ${b.level}: drop levels first`,
      {
        left: a.level,
        right: b.level,
      },
    );
  }
}

/** @throws ShapeError unless levels and component counts agree. */
export function sameShape(a: KernelCiphertext, b: KernelCiphertext): void {
  sameLevel(a, b);
  if (a.components.length !== b.components.length) {
    throw new ShapeError(
      `expected ciphertexts of ${a.components.length} components, found one of ${b.components.length}`,
    );
  }
}

/** @throws ShapeError */
export function twoComponents(a: KernelCiphertext): void {
  if (alive(a).components.length !== 2) {
    throw new ShapeError(`expected 2 components, found ${a.components.length}: relinearise first`);
  }
}

/** The first left operand. @throws ShapeError for lists that are empty or differ in length. */
export function sameLength(a: readonly KernelCiphertext[], b: readonly Disposable[]): KernelCiphertext {
  if (a.length === 0 || a.length !== b.length) {
    throw new ShapeError(
      `expected as many left operands as right ones, and one at least; found ${a.length} and ${b.length}`,
    );
  }
  return a[0]!;
}
