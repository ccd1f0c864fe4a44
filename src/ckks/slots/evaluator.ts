import type { SlotPlaintext } from './program.ts';

/**
 * Leveled CKKS on ciphertexts, one operation at a time. Sees ciphertexts, public operands and evaluation keys; no secret.
 * Implemented by node-seal, which is also the oracle, and by kernels of our own. Synchronous: it lives in a worker.
 *
 * Results are new objects, owned by the caller; arguments stay as they are. Levels, scales and component counts are the
 * program's: an implementation may assume that they fit, and an oracle test checks that they do.
 * @typeParam C a ciphertext; @typeParam P an encoded public operand.
 */
export interface SlotEvaluator<C extends Disposable, P extends Disposable> extends Disposable {
  /** Encodes round(values scale) at a level. */
  encode(plaintext: SlotPlaintext): P;
  /** Bytes whose envelope has been verified, in SEAL's serialization. @throws IntegrityError unless every header field fits. */
  load(bytes: Uint8Array, form: 'seeded' | 'full', level: number, scale: number): C;
  /** SEAL's serialization, uncompressed. */
  save(ciphertext: C, scale: number): Uint8Array;

  add(a: C, b: C): C;
  sub(a: C, b: C): C;
  negate(a: C): C;
  addPlain(a: C, p: P): C;
  subPlain(a: C, p: P): C;
  mulPlain(a: C, p: P): C;
  /** sum_i ciphertexts[i] plaintexts[i]. */
  innerProductPlain(ciphertexts: readonly C[], plaintexts: readonly P[]): C;
  /** Three components. */
  multiply(a: C, b: C): C;
  square(a: C): C;
  /** sum_i a[i] b[i]: three components. */
  innerProduct(a: readonly C[], b: readonly C[]): C;
  relinearise(a: C): C;
  rescale(a: C): C;
  dropLevels(a: C, level: number): C;
  /** All rotations of one ciphertext: decomposed once where the implementation can. */
  rotate(a: C, steps: readonly number[]): C[];
  /** Every slot to its complex conjugate. */
  conjugate(a: C): C;
  /** Objects alive that no caller has disposed, encoded operands included. */
  liveObjects(): number;
}
