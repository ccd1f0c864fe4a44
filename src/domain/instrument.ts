/** `+1`-sided (call) or `-1`-sided (put). */
export type OptionType = 'call' | 'put';

/** A European option on one underlying. `vol` is the contract's own mark (sticky strike); absent: the market's surface. */
export type EuropeanOption = {
  readonly kind: 'option';
  readonly underlying: string;
  readonly type: OptionType;
  readonly strike: number;
  /** Years to expiry, ACT/365F from the market's valuation time. */
  readonly expiryYears: number;
  /** Annualised, decimal: 0.2 is 20 %. */
  readonly vol?: number;
};

/** An obligation to buy one unit at `strike` in `expiryYears`; value S e^(-qT) - K e^(-rT). */
export type Forward = {
  readonly kind: 'forward';
  readonly underlying: string;
  readonly strike: number;
  readonly expiryYears: number;
};

/** One unit of the underlying now. */
export type Spot = { readonly kind: 'spot'; readonly underlying: string };

/** Terms of a contract: what one unit pays. Public in the `listed` basis; quantities are what is secret. */
export type Instrument = EuropeanOption | Forward | Spot;
export type InstrumentKind = Instrument['kind'];
