import type { RunOptions } from '../base/progress.ts';
import type { Instrument } from './instrument.ts';

/** A holding. Its value is quantity x multiplier x unit value, in the market's currency. */
export type Position = {
  readonly id: string;
  readonly instrument: Instrument;
  /** Signed; fractions allowed. */
  readonly quantity: number;
  /** Contract size, in units of the underlying. */
  readonly multiplier: number;
};

/** The secret: what somebody holds. Ids are unique. */
export type Book = { readonly positions: readonly Position[] };

/**
 * A book that is read block after block, from its start as often as it is asked for: a file, or a database, larger than memory. Every
 * reading gives the same positions in the same order.
 */
export type BookSource = { readonly read: (options: RunOptions) => AsyncIterable<readonly Position[]> };

/** A book in memory is a source of one block. */
export function sourceOf(book: Book | BookSource): BookSource {
  if ('read' in book) return book;
  return {
    async *read() {
      if (book.positions.length > 0) yield book.positions;
    },
  };
}
