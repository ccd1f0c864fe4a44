import { PlanError, RangeError, UnsupportedError } from '../../base/errors.ts';
import { checkDomain } from '../../numeric/chebyshev/checks.ts';
import { degreeOf } from '../../numeric/chebyshev/expansion.ts';
import type { ChebyshevSeries } from '../arithmetic.ts';
import { construct, type Target, targetOf } from './construct.ts';
import { degreesToTry, MAX_SERIES_DEGREE, narrowedDomain } from './degree-search.ts';
import { LIBRARY_FUNCTIONS, type LibraryFunction, type LibraryName } from './functions.ts';
import { depthOfDegree, scheduleOf } from './schedule-of.ts';

export type SeriesOptions = {
  /** The series will be multiplied by a secret: degrees 2^k - 1 then cost a level more. */
  readonly weighted?: boolean;
};

/** Functions for which certified series can be had. */
export type SeriesLibrary = {
  readonly names: readonly string[];
  readonly seriesFor: (
    name: string,
    domain: readonly [low: number, high: number],
    error: number,
    options?: SeriesOptions,
  ) => ChebyshevSeries;
};

/** Degrees above the least that are tried for a cheaper schedule. */
const DEGREES_TRIED = 8;
const CACHED = 512;
const cache = new Map<string, ChebyshevSeries>();
const costs = new Map<string, number>();

/** Names of the library's functions. */
export const seriesNames: readonly LibraryName[] = Object.keys(LIBRARY_FUNCTIONS) as LibraryName[];

/**
 * A series within `error` of a function of the library on a domain, proved ({@link certify}); of the least depth that reaches the error
 * and there of the cheapest schedule, which is nearly always the least degree. On a domain that is symmetric about 0, half the
 * coefficients of normalCdf, normalPdf, tanh, softplus, abs and positivePart are exactly zero (but for a constant or a slope). Where that
 * is cheaper, and always for abs and positivePart, the series is made for the symmetric domain around the one that is asked for:
 * the result's own `domain` and `error` are what was proved. Coefficients below error / (2 degree) are left out, and the proof is of what is left.
 *
 * Cost: 10 to 300 ms (docs/parameters.md); remembered, so that the same request returns the same object. Do not write to it.
 * @param error absolute, of the real polynomial with these coefficients; evaluation adds its own.
 * @throws UnsupportedError for another name, RangeError for a domain or error that is no number or where the function is not defined,
 * PlanError naming the error that degree 255 reaches, and a domain on which it would do what was asked.
 * @example seriesFor('normalCdf', [-10, 10], 1e-8).coefficients.length // 54
 */
export function seriesFor(
  name: string,
  domain: readonly [low: number, high: number],
  error: number,
  { weighted = false }: SeriesOptions = {},
): ChebyshevSeries {
  const f = functionOf(name);
  checkRequest(name, f, domain, error);
  const key = `${name} ${domain[0]} ${domain[1]} ${error} ${weighted}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const candidates = domainsOf(f, domain).flatMap((each) => {
    const found = cheapest(targetOf(f, each), error, weighted);
    return found === undefined ? [] : [found];
  });
  const [best] = candidates.sort((a, b) => a.cost - b.cost);
  if (best === undefined) throw outOfReach(name, f, domain, error);
  if (cache.size >= CACHED) cache.delete(cache.keys().next().value!);
  cache.set(key, best.series);
  return best.series;
}

/** The library, for who compiles formulas. */
export const seriesLibrary: SeriesLibrary = { names: seriesNames, seriesFor };

function functionOf(name: string): LibraryFunction {
  const f = Object.hasOwn(LIBRARY_FUNCTIONS, name) ? LIBRARY_FUNCTIONS[name as LibraryName] : undefined;
  if (f !== undefined) return f;
  throw new UnsupportedError(`no series of ${name}; there are ${seriesNames.join(', ')}`, { name });
}

function checkRequest(
  name: string,
  { above }: LibraryFunction,
  domain: readonly [number, number],
  error: number,
): void {
  checkDomain(domain);
  if (above !== undefined && !(domain[0] > above)) {
    throw new RangeError(
      `${name} is smooth only above ${above}, found the domain [${domain}]; declare a lower bound above ${above}`,
      { name, low: domain[0] },
    );
  }
  if (!(error > 0 && Number.isFinite(error))) {
    throw new RangeError(`expected a positive error for ${name}, found ${error}`, { name, error });
  }
}

/** The domain that was asked for, and the symmetric one around it where that has half the coefficients. */
function domainsOf(
  f: LibraryFunction,
  domain: readonly [number, number],
): readonly (readonly [number, number])[] {
  const [low, high] = domain;
  const straddles = low < 0 && high > 0;
  if (f.symmetry === undefined || low === -high || !straddles) return [domain];
  const reach = Math.max(-low, high);
  return f.kinked ? [[-reach, reach]] : [domain, [-reach, reach]];
}

type Candidate = { readonly series: ChebyshevSeries; readonly cost: number };

function cheapest(target: Target, error: number, weighted: boolean): Candidate | undefined {
  const least = leastDegree(target, error);
  if (least === undefined) return undefined;
  const depth = depthOfDegree(degreeOf(least), weighted);
  let best: Candidate = { series: least, cost: costOf(least, weighted) };
  const step = target.parity === 'none' ? 1 : 2;
  const start = degreeOf(least);
  for (let degree = start + step; degree <= start + DEGREES_TRIED * step; degree += step) {
    if (degree > MAX_SERIES_DEGREE || depthOfDegree(degree, weighted) > depth) break;
    // The cost depends on which coefficients there are, not on their values: no need to construct what is dearer.
    if (costOf(shapeOf(degree, step), weighted) >= best.cost) continue;
    const series = certifiedWithin(target, degree, error);
    if (series !== undefined) best = { series, cost: costOf(series, weighted) };
  }
  return best;
}

/** Coefficients of which none cancels another when the polynomial is split. */
function shapeOf(degree: number, step: 1 | 2): Pick<ChebyshevSeries, 'coefficients'> {
  const present = (k: number): boolean => step === 1 || (degree - k) % 2 === 0;
  return {
    coefficients: Float64Array.from({ length: degree + 1 }, (_, k) => (present(k) ? 1 / (k + 1) : 0)),
  };
}

function leastDegree(target: Target, error: number): ChebyshevSeries | undefined {
  const degrees = degreesToTry(target, error);
  let [low, high] = [0, degrees.length - 1];
  let found: ChebyshevSeries | undefined;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const series = certifiedWithin(target, degrees[middle]!, error);
    if (series === undefined) {
      low = middle + 1;
    } else {
      found = series;
      high = middle - 1;
    }
  }
  return found;
}

function certifiedWithin(target: Target, degree: number, error: number): ChebyshevSeries | undefined {
  const cut = construct(target, degree, error / (2 * degree));
  if (cut.error <= error) return cut;
  const whole = construct(target, degree);
  return whole.error <= error ? whole : undefined;
}

/** A series that is constant is folded by who uses it. */
function costOf(series: Pick<ChebyshevSeries, 'coefficients'>, weighted: boolean): number {
  if (degreeOf(series) === 0) return 0;
  const pattern = Array.from(series.coefficients, (c) => (c === 0 ? 0 : 1)).join('');
  const key = `${pattern} ${weighted}`;
  const known = costs.get(key);
  if (known !== undefined) return known;
  const { weighted: cost } = scheduleOf(series, { weighted }).cost;
  if (costs.size >= CACHED) costs.clear();
  costs.set(key, cost);
  return cost;
}

function outOfReach(
  name: string,
  f: LibraryFunction,
  domain: readonly [number, number],
  error: number,
): PlanError {
  const target = targetOf(f, domainsOf(f, domain)[0]!);
  const parity = target.parity === 'even' ? 1 : 0;
  const reached = roundedUp(construct(target, MAX_SERIES_DEGREE - parity).error);
  const narrowed = narrowedDomain(f, domain, error);
  const remedy = narrowed === undefined ? '' : `, or narrow the domain to about [${narrowed.map(shortly)}]`;
  return new PlanError(
    `${name} on [${domain}] within ${error} is out of reach: degree ${MAX_SERIES_DEGREE} is within ${reached}; ` +
      `allow that error${remedy}`,
    { name, low: domain[0], high: domain[1], error, reached },
  );
}

/** To two digits, so that who asks for what is named gets it. */
function roundedUp(error: number): number {
  const unit = 10 ** (Math.floor(Math.log10(error)) - 1);
  return Number((Math.ceil((1.01 * error) / unit) * unit).toPrecision(2));
}

const shortly = (x: number): string => `${Number(x.toPrecision(3))}`;
