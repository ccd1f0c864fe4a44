import type { Matrix } from '../numeric/matrix.ts';

/** Total implied variance by log-moneyness k = ln(K/F), one slice an expiry: w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)). */
export type SviSurface = {
  readonly model: 'svi';
  readonly slices: readonly {
    readonly t: number;
    readonly a: number;
    readonly b: number;
    readonly rho: number;
    readonly m: number;
    readonly sigma: number;
  }[];
};

/** Implied volatility on a grid of expiries (rows) by log-moneyness k = ln(K/F) (columns). */
export type GridSurface = {
  readonly model: 'grid';
  readonly t: readonly number[];
  readonly k: readonly number[];
  readonly vol: readonly (readonly number[])[];
};

export type VolSurface = SviSurface | GridSurface;

/** Public data about one underlying. Rates are continuous, per year, decimal. */
export type Underlying = {
  readonly name: string;
  readonly spot: number;
  /** Risk-free rate. */
  readonly rate: number;
  /** Dividend, borrow or foreign yield. */
  readonly dividendYield: number;
  readonly referenceVol: number;
  readonly surface?: VolSurface;
};

/** What a factor moves: the spot of an underlying by a relative return, or all its vols by an absolute shift. */
export type FactorKind = 'spot_return' | 'vol_shift';
export type Factor = { readonly name: string; readonly underlying: string; readonly kind: FactorKind };

/** The public state of the world on which everybody agrees before anything is protected. */
export type Market = {
  /** Valuation time as given (ISO 8601, or a text where expiries are given in years). */
  readonly valuation: string;
  readonly underlyings: readonly Underlying[];
  readonly factors: readonly Factor[];
  /** Covariance of one-day factor moves, in the order of `factors`. */
  readonly dailyCovariance: Matrix;
};
