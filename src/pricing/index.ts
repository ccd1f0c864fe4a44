/** The plaintext reference engine: vectorised prices, Greeks and scenario revaluation in double precision. */
export {
  type BlackScholesGreeks,
  type BlackScholesInputs,
  blackScholesGreeks,
  blackScholesPrices,
} from './black-scholes.ts';
export { type BlackScholesAllGreeks, blackScholesAllGreeks } from './black-scholes-all-greeks.ts';
export { scenarioPnl, scenarioPnlSync } from './revalue.ts';
export { impliedVol } from './surface.ts';
export { type UnitGreeks, unitGreeks, unitValues } from './unit-value.ts';
