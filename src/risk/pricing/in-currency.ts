import type { PricingOutput } from './encrypted-black-scholes.ts';
import { LARGEST_CLAMP_ERROR } from './features.ts';
import type { PricingDomain, PricingReference } from './reference.ts';

/** Numbers of a batch, an option each, in currency, and how far each may be from the truth. */
export type PricedColumn = { readonly values: Float64Array; readonly errors: Float64Array };

/**
 * What the circuit computed of every option, in currency: price; cash delta = S delta; cash gamma = S^2 gamma; vega a unit of vol. The unit
 * is public: F', over sigma' for a vega and over the least deviation of the domain for a cash gamma.
 * @param error of the circuit's output, absolute. What clamping of strikes may add is counted in, at its largest: that it is so is checked by
 * the contracts' owner, and how often it clamped stays there.
 */
export function inCurrency(
  output: PricingOutput,
  values: Float64Array,
  error: number,
  { forward, vol }: PricingReference,
  domain: PricingDomain,
): PricedColumn {
  const [least] = domain.totalDeviation;
  const unit = (i: number): number =>
    output === 'vega' ? forward[i]! / vol[i]! : output === 'cashGamma' ? forward[i]! / least : forward[i]!;
  const most = error + clampErrorOf(output, domain);
  return {
    values: values.map((value, i) => value * unit(i)),
    errors: values.map((_, i) => most * unit(i)),
  };
}

/**
 * The value of a book in units of its largest exposure, which only its owner knows, and how far it may be from the truth: clamping counted at its
 * largest for each of `length` options.
 */
export function ofLargestExposure(values: Float64Array, error: number, length: number): PricedColumn {
  return { values, errors: values.map(() => error + length * LARGEST_CLAMP_ERROR) };
}

/** w phi(d) <= w Phi(-d) (d + 1/d) for d > 0 (J. P. Mills, "Table of the ratio", Biometrika 18, 1926; R. D. Gordon, 1941), with d at most the limit. */
function clampErrorOf(output: PricingOutput, { limit, totalDeviation, volBand }: PricingDomain): number {
  const density = LARGEST_CLAMP_ERROR * (limit + 1);
  if (output === 'vega') return density * totalDeviation[1];
  if (output === 'cashGamma') return density * Math.exp(volBand);
  return LARGEST_CLAMP_ERROR;
}
