/**
 * How an American option is worth what it is: `european`, the right to exercise early is worthless (less than 1e-17 of the
 * strike); `early`, it is worth something and is not yet used; `immediate`, it is best exercised now.
 */
export type AmericanRegime = 'european' | 'early' | 'immediate';

/** The regimes, in the order of their codes in a column of results. */
export const AMERICAN_REGIMES: readonly AmericanRegime[] = ['european', 'early', 'immediate'];

const codeOf = (regime: AmericanRegime): number => AMERICAN_REGIMES.indexOf(regime);

/** Codes of the regimes. */
export const EUROPEAN: number = codeOf('european');
export const EARLY: number = codeOf('early');
export const IMMEDIATE: number = codeOf('immediate');
