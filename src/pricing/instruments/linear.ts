import { RangeError } from '../../base/errors.ts';
import type { Forward, Future, Instrument, Perpetual, Spot } from '../../domain/instrument.ts';
import type { Underlying } from '../../domain/market.ts';

/** Contracts whose value is a straight line in the spot. */
export type LinearInstrument = Forward | Spot | Future | Perpetual;

export function isLinear(instrument: Instrument): instrument is LinearInstrument {
  const { kind } = instrument;
  return kind === 'forward' || kind === 'spot' || kind === 'future' || kind === 'perpetual';
}

/** Value = slope S + level, with derivatives by calendar time (a year) and by the rate at a spot of `spot`. */
export type LinearTerms = {
  readonly slope: number;
  readonly level: number;
  readonly theta: number;
  readonly rho: number;
};

/**
 * Terms of one unit after `elapsed` years:
 *   spot      S                                        perpetual  S - K,   inverse  S (1/K - 1/S) = S/K - 1
 *   forward   S e^(-qT) - K e^(-rT)                    future     F - K,   inverse  S (1/K - 1/F) = S/K - e^(-(r-q)T)
 * with F = S e^((r-q)T) and T what is left of the time to expiry (F9).
 * @throws RangeError for a spot, strike or time outside what a double can carry through these formulas.
 */
export function linearTerms(instrument: LinearInstrument, underlying: Underlying, elapsed = 0): LinearTerms {
  const { spot, rate, dividendYield } = underlying;
  const carry = rate - dividendYield;
  const strike = instrument.kind === 'spot' ? 1 : instrument.strike;
  const expiryYears =
    instrument.kind === 'forward' || instrument.kind === 'future' ? instrument.expiryYears : 0;
  const t = Math.max(expiryYears - elapsed, 0);
  const terms = (): LinearTerms => {
    switch (instrument.kind) {
      case 'spot':
        return { slope: 1, level: 0, theta: 0, rho: 0 };
      case 'forward': {
        const slope = Math.exp(-dividendYield * t);
        const strikePv = strike * Math.exp(-rate * t);
        const theta = dividendYield * spot * slope - rate * strikePv;
        return { slope, level: -strikePv, theta, rho: t * strikePv };
      }
      case 'perpetual':
        return instrument.settlement === 'inverse'
          ? { slope: 1 / strike, level: -1, theta: 0, rho: 0 }
          : { slope: 1, level: -strike, theta: 0, rho: 0 };
      case 'future': {
        if (instrument.settlement === 'inverse') {
          const discount = Math.exp(-carry * t);
          return { slope: 1 / strike, level: -discount, theta: -carry * discount, rho: t * discount };
        }
        const slope = Math.exp(carry * t);
        return { slope, level: -strike, theta: -carry * spot * slope, rho: t * spot * slope };
      }
    }
  };
  const out = terms();
  const finite = Number.isFinite(out.slope * spot + out.level + out.theta + out.rho);
  if (!(spot > 0 && strike > 0 && expiryYears >= 0 && finite)) {
    throw new RangeError(
      `${instrument.kind} on ${underlying.name}: expected t of at least 0, a positive spot and a positive strike, ` +
        `found t = ${expiryYears}, spot = ${spot}, strike = ${strike}`,
      { underlying: underlying.name, expiryYears, spot, strike },
    );
  }
  return out;
}
