/** `+1`-sided (call) or `-1`-sided (put). */
export type OptionType = 'call' | 'put';

/** What every contract with a volatility may carry: its own mark (sticky strike), decimal and annualised; absent: the market's surface. */
type Marked = { readonly vol?: number };

/** What every dated contract carries: years to expiry, ACT/365F from the market's valuation time. */
type Dated = { readonly expiryYears: number };

type On = { readonly underlying: string };

/**
 * A vanilla option. `american`: exercisable at any time. `inverse`: settled in the underlying coin, F in the payoff
 * max(w (F - K), 0) / F, so that the unit value in quote currency is the coin premium times the spot.
 */
export type VanillaOption = On &
  Dated &
  Marked & {
    readonly kind: 'option';
    readonly type: OptionType;
    readonly strike: number;
    readonly exercise?: 'american';
    readonly settlement?: 'inverse';
  };

/** An obligation to buy one unit at `strike` in `expiryYears`; value S e^(-qT) - K e^(-rT). */
export type Forward = On & Dated & { readonly kind: 'forward'; readonly strike: number };

/** One unit of the underlying now. */
export type Spot = On & { readonly kind: 'spot' };

/**
 * A margined future entered at `strike`: gain F - K a unit. Inverse: one unit of quote currency of notional, gain
 * 1/K - 1/F coins, valued at the spot.
 */
export type Future = On &
  Dated & { readonly kind: 'future'; readonly strike: number; readonly settlement?: 'inverse' };

/** A perpetual future entered at `strike`, marked at the spot; funding is exchanged as it falls due and is not in the value. */
export type Perpetual = On & {
  readonly kind: 'perpetual';
  readonly strike: number;
  readonly settlement?: 'inverse';
};

/** Pays `cash` at expiry if the option ends in the money; without `cash`, one unit of the underlying. */
export type Digital = On &
  Dated &
  Marked & {
    readonly kind: 'digital';
    readonly type: OptionType;
    readonly strike: number;
    readonly cash?: number;
  };

/** Pays `cash` when the spot first touches the barrier before expiry. */
export type OneTouch = On &
  Dated &
  Marked & {
    readonly kind: 'one_touch';
    readonly direction: 'up' | 'down';
    readonly barrier: number;
    readonly cash: number;
  };

export type BarrierType = 'down_in' | 'down_out' | 'up_in' | 'up_out';

/** A vanilla option that comes to life or dies at a barrier; the rebate is paid at the hit (out) or at expiry (in). */
export type BarrierOption = On &
  Dated &
  Marked & {
    readonly kind: 'barrier';
    readonly type: OptionType;
    readonly strike: number;
    readonly barrierType: BarrierType;
    readonly barrier: number;
    readonly rebate: number;
  };

/** A vanilla option that dies, or comes to life, when the spot leaves (lower, upper). */
export type DoubleBarrierOption = On &
  Dated &
  Marked & {
    readonly kind: 'double_barrier';
    readonly type: OptionType;
    readonly strike: number;
    readonly knock: 'knock_out' | 'knock_in';
    readonly lower: number;
    readonly upper: number;
  };

/** An option on the arithmetic average of the spot on the fixing days (days from valuation, ascending). */
export type AsianOption = On &
  Marked & {
    readonly kind: 'asian';
    readonly type: OptionType;
    readonly strike: number;
    readonly fixingDays: readonly number[];
  };

/** An option on the extreme of the spot: floating without a strike. `currentExtreme`: the extreme so far. */
export type LookbackOption = On &
  Dated &
  Marked & {
    readonly kind: 'lookback';
    readonly type: OptionType;
    readonly strike?: number;
    readonly currentExtreme: number;
  };

/** Terms of a contract: what one unit pays. Public in the `listed` basis; quantities are what is secret. */
export type Instrument =
  | VanillaOption
  | Forward
  | Spot
  | Future
  | Perpetual
  | Digital
  | OneTouch
  | BarrierOption
  | DoubleBarrierOption
  | AsianOption
  | LookbackOption;
export type InstrumentKind = Instrument['kind'];
