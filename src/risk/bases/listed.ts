import type { Digest } from '../../base/brand.ts';
import { type Digestible, digestOf } from '../../base/digest.ts';
import { RangeError, ShapeError } from '../../base/errors.ts';
import type { Book, Position } from '../../domain/book.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { Market } from '../../domain/market.ts';

/**
 * The `listed` risk basis: one coordinate a contract. Contracts are public and agreed; what a book holds of each is
 * the secret. Exact for any product and any model. Whoever sees the basis learns which contracts may be held: list
 * a whole venue's contracts, not one's own, where even that is confidential.
 */
export type ListedBasis = {
  readonly kind: 'listed';
  /** Grouped by underlying in the market's order, which leaves the Greeks' rows mostly zero. */
  readonly contracts: readonly Instrument[];
  /** What owner and engine compare before anything is protected. */
  readonly digest: Digest;
};

/** Two positions on the same terms share a coordinate. */
export function termsOf(instrument: Instrument): string {
  return JSON.stringify(Object.entries(instrument).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The basis of distinct contracts among the given ones. @throws ShapeError for an underlying that the market lacks. */
export function listedBasis(contracts: Iterable<Instrument>, market: Market): ListedBasis {
  const order = new Map(market.underlyings.map(({ name }, index) => [name, index]));
  const distinct = new Map<string, Instrument>();
  for (const contract of contracts) {
    if (!order.has(contract.underlying)) {
      throw new ShapeError(`a contract is on ${contract.underlying}, which the market does not quote`, {
        underlying: contract.underlying,
      });
    }
    distinct.set(termsOf(contract), contract);
  }
  // Array.prototype.sort is stable: within an underlying, contracts keep the order in which they were listed.
  const sorted = [...distinct.values()].sort((a, b) => order.get(a.underlying)! - order.get(b.underlying)!);
  return {
    kind: 'listed',
    contracts: sorted,
    digest: digestOf('blindrisk/basis/listed/1', sorted as Digestible),
  };
}

/** A book in a basis. Secret. */
export type ProjectedBook = {
  /** Units of each contract held (quantity x multiplier), signed. */
  readonly x: Float64Array;
  /** Coordinate of each position, in the book's order. */
  readonly coordinates: Int32Array;
};

/** @throws ShapeError if a position's contract is not in the basis. */
export function projectOnListed(book: Book, basis: ListedBasis): ProjectedBook {
  const index = new Map(basis.contracts.map((contract, j) => [termsOf(contract), j]));
  const x = new Float64Array(basis.contracts.length);
  const coordinates = new Int32Array(book.positions.length);
  book.positions.forEach(({ id, instrument, quantity, multiplier }, i) => {
    const j = index.get(termsOf(instrument));
    if (j === undefined) {
      const message = `position ${id} is on a contract that the basis does not list; agree on a basis that does`;
      throw new ShapeError(message, { id });
    }
    x[j]! += quantity * multiplier;
    coordinates[i] = j;
  });
  return { x, coordinates };
}

/** Gross value: the sum of |position value|, position by position. Secret. */
export function grossValue(book: Book, projected: ProjectedBook, unitValue: Float64Array): number {
  return book.positions.reduce(
    (sum, { quantity, multiplier }, i) =>
      sum + Math.abs(quantity * multiplier * unitValue[projected.coordinates[i]!]!),
    0,
  );
}

/** Sums a book by contract in one reading, before there is a basis: memory grows with the contracts, not with the positions. Secret. */
export class ContractSums {
  readonly #held = new Map<string, { readonly contract: Instrument; units: number; gross: number }>();

  /** @throws RangeError for units that are not a finite number. */
  add(positions: readonly Position[]): void {
    for (const { id, instrument, quantity, multiplier } of positions) {
      const units = quantity * multiplier;
      if (!Number.isFinite(units)) {
        throw new RangeError(`position ${id}: expected finite units, found another quantity`, { id });
      }
      const terms = termsOf(instrument);
      const held = this.#held.get(terms);
      if (held === undefined) this.#held.set(terms, { contract: instrument, units, gross: Math.abs(units) });
      else {
        held.units += units;
        held.gross += Math.abs(units);
      }
    }
  }

  /** The basis of all contracts, and signed and absolute units of each. @throws ShapeError as {@link listedBasis}. */
  finish(market: Market): {
    readonly basis: ListedBasis;
    readonly x: Float64Array;
    readonly gross: Float64Array;
  } {
    const basis = listedBasis(
      [...this.#held.values()].map(({ contract }) => contract),
      market,
    );
    const of = basis.contracts.map((contract) => this.#held.get(termsOf(contract))!);
    return {
      basis,
      x: Float64Array.from(of, ({ units }) => units),
      gross: Float64Array.from(of, ({ gross }) => gross),
    };
  }
}
