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
