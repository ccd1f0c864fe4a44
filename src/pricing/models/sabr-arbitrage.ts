import { RangeError } from '../../base/errors.ts';
import {
  allocateSmile,
  type ButterflyReport,
  durrlemanG,
  searchNegativeDensity,
  type VarianceSmile,
} from './durrleman.ts';
import { sabrVols } from './sabr.ts';

/** One expiry of SABR. Units and ranges as in `SabrInputs`. */
export type SabrSlice = {
  readonly forward: number;
  readonly expiryYears: number;
  readonly alpha: number;
  readonly beta: number;
  readonly nu: number;
  readonly rho: number;
};

/** A value with its first and second derivative by k. */
type Jet = readonly [value: number, first: number, second: number];

const product = (f: Jet, g: Jet): Jet => [
  f[0] * g[0],
  f[1] * g[0] + f[0] * g[1],
  f[2] * g[0] + 2 * f[1] * g[1] + f[0] * g[2],
];
const inverse = (f: Jet): Jet => {
  const value = 1 / f[0];
  return [value, -f[1] * value * value, (2 * f[1] * f[1] * value - f[2]) * value * value];
};
/** c e^(rate k) at k. */
const exponential = (c: number, rate: number, k: number): Jet => {
  const value = c * Math.exp(rate * k);
  return [value, rate * value, rate * rate * value];
};

/**
 * Total variance of Hagan's SABR formula with exact derivatives by k = ln(K/F), and Durrleman's g (F88, F93).
 * @param k ln(K/F), -200 to 200.
 * @returns totalVariance carries the sign of the volatility, which the expansion can make negative; g is then without
 * meaning.
 * Accuracy: second derivatives 1e-11 of the curvature at the money. Cost: about 0.5 us a strike.
 * @throws RangeError for bad parameters as `sabrVols`, an expiry of zero, |rho| = 1 or a k out of range.
 */
export function sabrSmile(slice: SabrSlice, k: Float64Array): VarianceSmile {
  checkSlice(slice);
  const smile = allocateSmile(k.length);
  for (let i = 0; i < k.length; i++) {
    if (!(Math.abs(k[i]!) <= 200)) {
      throw new RangeError(`strike ${i}: expected a number between -200 and 200 as k, found ${k[i]}`, {
        index: i,
        field: 'k',
        found: k[i]!,
      });
    }
    const [variance, slope, curvature] = varianceJet(slice, k[i]!);
    smile.totalVariance[i] = variance;
    smile.slope[i] = slope;
    smile.curvature[i] = curvature;
    smile.durrleman[i] = durrlemanG(k[i]!, variance, slope, curvature);
  }
  return smile;
}

/**
 * Looks for butterfly arbitrage of Hagan's SABR formula between two strikes (F93): where its volatility is not
 * positive, and where its density is negative. It typically is at low strikes, long expiries and high nu.
 * @param from @param to ln(K/F); eight at-the-money deviations to both sides when absent.
 * Method: `searchNegativeDensity` with exact derivatives. Cost: about 1 ms.
 * @throws RangeError as {@link sabrSmile}, or unless from < to.
 */
export function sabrArbitrage(slice: SabrSlice, from?: number, to?: number): ButterflyReport {
  checkSlice(slice);
  const atTheMoney = varianceJet(slice, 0)[0];
  const reach = Math.min(8 * Math.sqrt(Math.abs(atTheMoney)), 200);
  const low = from ?? -reach;
  const high = to ?? reach;
  if (!(low < high && low >= -200 && high <= 200)) {
    throw new RangeError(
      `expected log-moneynesses -200 <= from < to <= 200, found from = ${low} and to = ${high}`,
      {
        from: low,
        to: high,
      },
    );
  }
  const negativeDensity = searchNegativeDensity(
    (k) => {
      const [variance, slope, curvature] = varianceJet(slice, k);
      return variance > 0 ? durrlemanG(k, variance, slope, curvature) : -1;
    },
    low,
    high,
  );
  let minimumTotalVariance = Number.POSITIVE_INFINITY;
  const samples = 512;
  for (let i = 0; i <= samples; i++) {
    minimumTotalVariance = Math.min(
      minimumTotalVariance,
      varianceJet(slice, low + ((high - low) * i) / samples)[0],
    );
  }
  const positive = minimumTotalVariance > 0;
  return {
    free: positive && negativeDensity.length === 0,
    minimumTotalVariance,
    negativeDensity: positive ? negativeDensity : [],
  };
}

function checkSlice(slice: SabrSlice): void {
  const one = (x: number): Float64Array => Float64Array.of(x);
  // Its checks are those of the slice.
  sabrVols({
    forward: one(slice.forward),
    strike: one(slice.forward),
    expiryYears: one(slice.expiryYears),
    alpha: one(slice.alpha),
    beta: one(slice.beta),
    nu: one(slice.nu),
    rho: one(slice.rho),
  });
  if (!(slice.expiryYears > 0)) {
    throw new RangeError(`expected a positive number of years as expiryYears, found ${slice.expiryYears}`, {
      field: 'expiryYears',
      found: slice.expiryYears,
    });
  }
  if (!(Math.abs(slice.rho) < 1)) {
    throw new RangeError(
      `expected a correlation between -1 and 1, both excluded, as rho, found ${slice.rho}`,
      {
        field: 'rho',
        found: slice.rho,
      },
    );
  }
}

/** vol |vol| t of equation 2.17 of Hagan et al. (2002), with its derivatives by k. */
function varianceJet(slice: SabrSlice, k: number): Jet {
  const { forward, expiryYears, alpha, beta, nu, rho } = slice;
  const c = 1 - beta;
  const level = c === 0 ? alpha : alpha / forward ** c;
  const local = exponential(level, -0.5 * c, k);
  const c2 = c * c;
  const ck2 = c2 * k * k;
  const wings: Jet = [
    1 + ck2 / 24 + (ck2 * ck2) / 1920,
    (c2 * k) / 12 + (c2 * ck2 * k) / 480,
    c2 / 12 + (c2 * ck2) / 160,
  ];
  const z = product([k, 1, 0], exponential(-nu / level, 0.5 * c, k));
  const [q, q1, q2] = inverseSkew(z[0], rho);
  const mean: Jet = [q, q1 * z[1], q2 * z[1] * z[1] + q1 * z[2]];
  const squared = product(local, local);
  const first = (c2 / 24) * expiryYears;
  const second = 0.25 * rho * beta * nu * expiryYears;
  const constant = 1 + (((2 - 3 * rho * rho) * nu * nu) / 24) * expiryYears;
  const correction: Jet = [
    constant + first * squared[0] + second * local[0],
    first * squared[1] + second * local[1],
    first * squared[2] + second * local[2],
  ];
  const vol = product(product(local, inverse(product(wings, mean))), correction);
  const variance = product(vol, vol);
  const sign = vol[0] < 0 ? -expiryYears : expiryYears;
  return [sign * variance[0], sign * variance[1], sign * variance[2]];
}

/**
 * x(z)/z with its derivatives by z. Near zero by the generating function of the Legendre polynomials, 1 / sqrt(1 - 2
 * rho z + z^2) = sum of P_n(rho) z^n, integrated term by term; elsewhere from x' = 1 / sqrt(1 - 2 rho z + z^2).
 */
function inverseSkew(z: number, rho: number): Jet {
  if (Math.abs(z) < 0.1) {
    let [before, legendre] = [0, 1];
    let [value, first, second] = [0, 0, 0];
    let [zn, zn1, zn2] = [1, 0, 0];
    for (let n = 0; n < 18; n++) {
      const coefficient = legendre / (n + 1);
      value += coefficient * zn;
      first += coefficient * n * zn1;
      second += coefficient * n * (n - 1) * zn2;
      [zn2, zn1, zn] = [zn1, zn, zn * z];
      [before, legendre] = [legendre, ((2 * n + 1) * rho * legendre - n * before) / (n + 1)];
    }
    return [value, first, second];
  }
  const root = Math.sqrt((1 - z) * (1 - z) + 2 * z * (1 - rho));
  const size = Math.abs(z);
  const gap = z > 0 ? 1 - rho : 1 + rho;
  const below = 1 - size;
  const value = Math.log1p(below > 0 ? (2 * size) / (root + below) : (root - below) / gap) / size;
  const first = (1 / root - value) / z;
  const second = (-(z - rho) / (root * root * root) - 2 * first) / z;
  return [value, first, second];
}
