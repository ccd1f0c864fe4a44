import { RangeError } from '../../base/errors.ts';
import { checkLength, commonLength, lengthOf } from '../column-checks.ts';
import type { ModelColumn, PricingModel } from '../model.ts';

const FIELDS: readonly (keyof SabrInputs)[] = [
  'strike',
  'forward',
  'expiryYears',
  'alpha',
  'beta',
  'nu',
  'rho',
];

/** A batch of strikes under SABR, a column a field; element i of every column is strike i. */
export type SabrInputs = {
  /** Forward and strike, positive. */
  readonly forward: Float64Array;
  readonly strike: Float64Array;
  /** Years to expiry, at least 0. */
  readonly expiryYears: Float64Array;
  /** Volatility of the forward over forward^beta, positive. */
  readonly alpha: Float64Array;
  /** Exponent of the backbone, 0 to 1. */
  readonly beta: Float64Array;
  /** Volatility of alpha, at least 0. */
  readonly nu: Float64Array;
  /** Correlation of forward and alpha, -1 to 1. */
  readonly rho: Float64Array;
};

type Rule = readonly [field: keyof SabrInputs, low: number, high: number];

const RULES: readonly Rule[] = [
  ['forward', 1e-100, 1e100],
  ['strike', 1e-100, 1e100],
  ['expiryYears', 0, 1e4],
  ['alpha', 1e-100, 1e100],
  ['beta', 0, 1],
  ['nu', 0, 1e4],
  ['rho', -1, 1],
];

/**
 * Lognormal (Black) volatility of SABR by Hagan's expansion (F92).
 *
 * P. S. Hagan, D. Kumar, A. S. Lesniewski and D. E. Woodward, "Managing smile risk", Wilmott Magazine (September 2002),
 * 84-108, equation 2.17. At the money it passes into its limit without a branch or a loss of digits; the cases beta =
 * 1, beta = 0, nu = 0 and rho = +-1 need none either. The formula is an expansion in t and far from the money admits
 * arbitrage: see `sabrArbitrage`.
 *
 * @returns NaN where the expansion is not positive, and a Black volatility does not exist.
 * Accuracy of the formula's value: 1e-15 relative. Cost: about 0.2 us a strike.
 * @throws ShapeError where columns differ in length. @throws RangeError naming index, field, value and allowed range:
 * forward, strike and alpha 1e-100 to 1e100, expiryYears and nu 0 to 1e4, beta 0 to 1, rho -1 to 1.
 */
export function sabrVols(
  inputs: SabrInputs,
  out: Float64Array = new Float64Array(lengthOf('strike', inputs.strike)),
): Float64Array {
  const count = commonLength(inputs, FIELDS);
  checkLength('out', out, count);
  for (const [field, low, high] of RULES) {
    const column = inputs[field];
    for (let i = 0; i < count; i++) {
      if (!(column[i]! >= low && column[i]! <= high)) {
        throw new RangeError(
          `strike ${i}: expected a number between ${low} and ${high} as ${field}, found ${column[i]}`,
          {
            index: i,
            field,
            found: column[i]!,
          },
        );
      }
    }
  }
  const { forward, strike, expiryYears, alpha, beta, nu, rho } = inputs;
  for (let i = 0; i < count; i++) {
    const F = forward[i]!;
    const K = strike[i]!;
    const vol = hagan(Math.log(K / F), F, expiryYears[i]!, alpha[i]!, beta[i]!, nu[i]!, rho[i]!);
    out[i] = vol > 0 ? vol : Number.NaN;
  }
  return out;
}

/** Equation 2.17 with k = ln(K/F); unchecked, and possibly negative or infinite. */
function hagan(
  k: number,
  F: number,
  t: number,
  alpha: number,
  beta: number,
  nu: number,
  rho: number,
): number {
  const c = 1 - beta;
  // (F K)^((1 - beta) / 2)
  const backbone = c === 0 ? 1 : F ** c * Math.exp(0.5 * c * k);
  const local = alpha / backbone;
  const ck = c * k;
  const wings = 1 + (ck * ck) / 24 + (ck * ck * ck * ck) / 1920;
  const correction =
    (c * c * local * local) / 24 + 0.25 * rho * beta * nu * local + ((2 - 3 * rho * rho) * nu * nu) / 24;
  return (local / wings) * skew((-nu / local) * k, rho) * (1 + correction * t);
}

/**
 * z / x(z) with x(z) = ln((sqrt(1 - 2 rho z + z^2) + z - rho) / (1 - rho)), 1 at z = 0.
 *
 * For z >= 0, x = log1p of the argument less 1, which is 2 z / (s + 1 - z) for z < 1 and (s + z - 1) / (1 - rho) above,
 * s the root; the difference is taken where it does not cancel. x(-z; rho) = -x(z; -rho).
 */
export function skew(z: number, rho: number): number {
  const size = Math.abs(z);
  if (size === 0) return 1;
  const q = z > 0 ? 1 - rho : 1 + rho;
  const below = 1 - size;
  // 1 - 2 rho z + z^2 without cancellation near z = 1, rho = 1.
  const root = Math.sqrt(below * below + 2 * size * q);
  const argument = below > 0 ? (2 * size) / (root + below) : (root - below) / q;
  return size / Math.log1p(argument);
}

const number = (name: string, rule: 'positive' | 'nonNegative' | 'finite'): ModelColumn => ({
  name,
  kind: 'number',
  rule,
});

/** {@link sabrVols} as a table. */
export const sabr: PricingModel = {
  name: 'sabr',
  inputs: [
    number('forward', 'positive'),
    number('strike', 'positive'),
    number('t', 'nonNegative'),
    number('alpha', 'positive'),
    number('beta', 'nonNegative'),
    number('nu', 'nonNegative'),
    number('rho', 'finite'),
  ],
  results: ['lognormal_vol'],
  price: (table) => ({
    lognormal_vol: sabrVols({
      forward: table.number('forward'),
      strike: table.number('strike'),
      expiryYears: table.number('t'),
      alpha: table.number('alpha'),
      beta: table.number('beta'),
      nu: table.number('nu'),
      rho: table.number('rho'),
    }),
  }),
};
