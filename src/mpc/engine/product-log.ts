import type { FieldVector, Width } from '../../kernels/field-vector.ts';
import type { BitClaim } from './bit-proof.ts';

/**
 * A claim on shares of degree t: z_r = sum_c x_rc y_rc for every row r. Elementwise products are rows of one
 * element.
 */
export type ProductClaim = {
  readonly x: FieldVector;
  readonly y: FieldVector;
  readonly z: FieldVector;
};

/** A claim C = A B on matrices, row by row; A has `rows` rows. */
export type MatrixClaim = {
  readonly a: FieldVector;
  readonly b: FieldVector;
  readonly c: FieldVector;
  readonly rows: number;
};

/** Elements of a verification for which 32 products of bits stand. */
const ELEMENTS_A_WORD = 6;

/**
 * What was multiplied since the last verification. Claims hold references: vectors of protocols never change while they are needed. What a protocol needs no more it gives back
 * here, and its memory is used again as soon as no claim can need it.
 */
export class ProductLog {
  readonly #claims: Record<Width, ProductClaim[]> = { 1: [], 2: [] };
  readonly #matrices: Record<Width, MatrixClaim[]> = { 1: [], 2: [] };
  readonly #bits: BitClaim[] = [];
  readonly #enabled: boolean;
  #released: FieldVector[] = [];
  #size = 0;

  /** @param enabled false where nobody verifies: then nothing is kept. */
  constructor(enabled: boolean) {
    this.#enabled = enabled;
  }

  /** Products that wait for verification. */
  get size(): number {
    return this.#size;
  }

  add(claim: ProductClaim): void {
    if (!this.#enabled || claim.z.length === 0) return;
    this.#claims[claim.z.width].push(claim);
    this.#size += claim.x.length;
  }

  addMatrix(claim: MatrixClaim): void {
    if (!this.#enabled || claim.c.length === 0) return;
    this.#matrices[claim.c.width].push(claim);
    this.#size += claim.a.length;
  }

  addBits(claim: BitClaim): void {
    if (!this.#enabled || claim.x.words === 0) return;
    this.#bits.push(claim);
    this.#size += ELEMENTS_A_WORD * claim.x.words;
  }

  /** Takes out all products of bits. */
  takeBits(): readonly BitClaim[] {
    const claims = this.#bits.splice(0);
    for (const { x } of claims) this.#size -= ELEMENTS_A_WORD * x.words;
    return claims;
  }

  /** Takes out all claims of a field. */
  take(width: Width): {
    readonly products: readonly ProductClaim[];
    readonly matrices: readonly MatrixClaim[];
  } {
    const products = this.#claims[width].splice(0);
    const matrices = this.#matrices[width].splice(0);
    for (const { x } of products) this.#size -= x.length;
    for (const { a } of matrices) this.#size -= a.length;
    return { products, matrices };
  }

  /** Vectors, none of them a part of another, that only claims may still need: gone after the next verification, at once where there is none. */
  release(...vectors: readonly FieldVector[]): void {
    if (this.#enabled) this.#released.push(...vectors);
    else for (const vector of vectors) vector.recycle();
  }

  /** All claims that were taken are verified. */
  verified(): void {
    for (const vector of this.#released.splice(0)) vector.recycle();
  }
}
