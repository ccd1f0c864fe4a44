import { all, type BigNumber, create } from 'mathjs';
import type { LibraryName } from '../../src/algebra/series/functions.ts';
import type { ChebyshevExpansion } from '../../src/numeric/chebyshev/expansion.ts';

/** mathjs with numbers of 64 digits. */
const big = create(all!, { number: 'BigNumber', precision: 64 });
const of = (x: number): BigNumber => big.bignumber(x);
const ZERO = of(0);
const ONE = of(1);
const HALF = of(0.5);

const ROOT_TWO_PI = of(2)
  .times(big.pi as unknown as BigNumber)
  .sqrt();

const density = (x: BigNumber): BigNumber => x.times(x).times(-0.5).exp().div(ROOT_TWO_PI);

/** Phi(x) = 1/2 + phi(x) (x + x^3/3 + x^5/15 + ...): no term cancels another. */
function distribution(x: BigNumber): BigNumber {
  const square = x.times(x);
  let term = x;
  let sum = x;
  for (let k = 3; term.abs().gt(1e-70); k += 2) {
    term = term.times(square).div(k);
    sum = sum.plus(term);
  }
  return HALF.plus(density(x).times(sum));
}

/** The library's functions to 64 digits, by other formulas than its own. */
export const bigFunctions: Readonly<Record<LibraryName, (x: BigNumber) => BigNumber>> = {
  normalCdf: distribution,
  normalPdf: density,
  exp: (x) => x.exp(),
  log: (x) => x.ln(),
  sqrt: (x) => x.sqrt(),
  reciprocal: (x) => ONE.div(x),
  reciprocalSqrt: (x) => ONE.div(x.sqrt()),
  tanh: (x) => x.tanh(),
  softplus: (x) => x.exp().plus(1).ln(),
  abs: (x) => x.abs(),
  positivePart: (x) => (x.lt(0) ? ZERO : x),
};

/** The polynomial with exactly these doubles as coefficients, at exactly this double. */
export function bigExpansionAt({ coefficients, domain }: ChebyshevExpansion, x: number): BigNumber {
  const [low, high] = [of(domain[0]), of(domain[1])];
  const u = of(x).times(2).minus(low).minus(high).div(high.minus(low));
  const twice = u.times(2);
  let here = ZERO;
  let next = ZERO;
  for (let k = coefficients.length - 1; k > 0; k--) {
    const sum = of(coefficients[k]!).plus(twice.times(here)).minus(next);
    next = here;
    here = sum;
  }
  return of(coefficients[0] ?? 0)
    .plus(u.times(here))
    .minus(next);
}

/** |p(x) - f(x)|, to 60 digits. */
export function bigError(p: ChebyshevExpansion, name: LibraryName, x: number): number {
  return bigExpansionAt(p, x)
    .minus(bigFunctions[name](of(x)))
    .abs()
    .toNumber();
}
