import type { FieldVector, Width } from '../../kernels/field-vector.ts';

/**
 * A claim on shares of degree t: z_r = sum_c x_rc y_rc for every row r. Elementwise products are rows of one
 * element.
 */
export type ProductClaim = {
  readonly x: FieldVector;
  readonly y: FieldVector;
  readonly z: FieldVector;
};

/** What was multiplied since the last verification. Claims hold references: vectors of protocols never change. */
export class ProductLog {
  readonly #claims: Record<Width, ProductClaim[]> = { 1: [], 2: [] };
  readonly #enabled: boolean;
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

  /** Takes out all claims of a field. */
  take(width: Width): readonly ProductClaim[] {
    const claims = this.#claims[width].splice(0);
    for (const { x } of claims) this.#size -= x.length;
    return claims;
  }
}
