import { PrecisionError } from '../../base/errors.ts';
import { certify, type KnownFunction } from '../../numeric/chebyshev/certify.ts';
import type { Parity } from '../../numeric/chebyshev/expansion.ts';
import { interpolate } from '../../numeric/chebyshev/interpolate.ts';
import { minimax } from '../../numeric/chebyshev/remez.ts';
import type { ChebyshevSeries } from '../arithmetic.ts';
import type { LibraryFunction } from './functions.ts';
import { remainderOf } from './remainder.ts';

/** Remez' exchange loses its digits below this part of the largest value; interpolation does not. */
const LEAST_MINIMAX = 3e-14;

/** What is approximated on a domain: on a symmetric one, the odd or even part of the function. */
export type Target = {
  readonly f: LibraryFunction;
  readonly domain: readonly [number, number];
  readonly parity: Parity;
  readonly part: (x: number) => number;
  readonly known: KnownFunction;
};

export function targetOf(f: LibraryFunction, domain: readonly [number, number]): Target {
  const symmetric = f.symmetry !== undefined && domain[0] === -domain[1];
  const known: KnownFunction = {
    at: f.at,
    // Half the smallest normal double, so that an underflow is covered.
    errorAt: (value) => f.relativeError * Math.abs(value) + 2 ** -1023,
    remainder: f.kinked ? () => 0 : remainderOf(f, domain),
  };
  return {
    f,
    domain,
    parity: symmetric ? f.symmetry.parity : 'none',
    part: symmetric ? f.symmetry.part : f.at,
    known,
  };
}

/**
 * The series of a degree: minimax where doubles can tell, else interpolated; coefficients of magnitude below `negligible` left out;
 * certified as it then is. The slope and constant that a symmetric function has besides its part are put back.
 */
export function construct(target: Target, degree: number, negligible = 0): ChebyshevSeries {
  const { f, domain, parity, known } = target;
  const coefficients = new Float64Array(Math.max(2, degree + 1));
  coefficients.set(nearest(target, degree));
  if (parity !== 'none') {
    coefficients[0]! += f.symmetry!.constant;
    coefficients[1]! += f.symmetry!.slope * 0.5 * (domain[1] - domain[0]);
  }
  let last = 0;
  coefficients.forEach((c, k) => {
    if (Math.abs(c) < negligible) coefficients[k] = 0;
    else if (c !== 0) last = k;
  });
  const series = { coefficients: coefficients.slice(0, last + 1), domain };
  const error = certifiedPieces(f, domain).reduce(
    (most, piece) => Math.max(most, certify(series, known, piece).bound),
    0,
  );
  return { ...series, error };
}

/** Where the function is smooth: a kink at 0 cuts the domain. */
function certifiedPieces(
  f: LibraryFunction,
  [low, high]: readonly [number, number],
): readonly (readonly [number, number])[] {
  if (!f.kinked || low >= 0 || high <= 0) return [[low, high]];
  return [
    [low, 0],
    [0, high],
  ];
}

function nearest({ part, domain, parity }: Target, degree: number): Float64Array {
  const largest = Math.max(Math.abs(part(domain[0])), Math.abs(part(domain[1])));
  try {
    const best = minimax(part, domain, degree, { parity });
    if (best.least > LEAST_MINIMAX * largest) return best.coefficients;
  } catch (error) {
    if (!(error instanceof PrecisionError)) throw error;
  }
  return interpolate(part, domain, degree, parity).coefficients;
}
