import { RangeError, ShapeError } from '../base/errors.ts';
import type { GridSurface, SviSurface, VolSurface } from '../domain/market.ts';
import { sviTotalVariance } from './models/svi.ts';
import { checkIncreasing, checkLists, checkSurface, type SurfaceReport } from './surface-arbitrage.ts';

/**
 * Implied volatility of a surface at log-moneyness k = ln(K/F), F = S e^((r-q)t), and time t in years (F10).
 *
 * Between expiries total variance w = vol^2 t is linear in t at fixed k; before the first and after the last expiry the
 * vol of that expiry holds. Across k: `svi` is J. Gatheral's raw parametrisation ("The Volatility Surface", 2006;
 * Gatheral and Jacquier, "Arbitrage-free SVI volatility surfaces", 2014) of each slice; `grid` is linear in vol between
 * the nodes and flat beyond them. Neither removes arbitrage that the data contain: see {@link volSurface}, which checks
 * a surface once and then evaluates it faster.
 *
 * @throws RangeError for negative total variance, or k or t not finite or t negative.
 * @throws ShapeError for a surface without expiries, expiries or nodes that do not increase, or a ragged grid.
 */
export function impliedVol(surface: VolSurface, k: number, t: number): number {
  checkPoint(k, t);
  checkLists(surface);
  const expiries = surface.model === 'svi' ? surface.slices.map((slice) => slice.t) : surface.t;
  checkIncreasing(expiries, 'expiries', 0);
  if (surface.model === 'grid') checkIncreasing(surface.k, 'log-moneyness nodes', Number.NEGATIVE_INFINITY);
  const variance = (index: number): number =>
    surface.model === 'svi' ? sviVariance(surface, index, k) : gridVariance(surface, index, k);
  const after = nodesUpTo(expiries, t);
  if (after === 0 || after === expiries.length) {
    const edge = after === 0 ? 0 : after - 1;
    return Math.sqrt(variance(edge) / expiries[edge]!);
  }
  return volBetween(variance(after - 1), variance(after), expiries[after - 1]!, expiries[after]!, t);
}

/** A checked volatility surface, ready to be evaluated. */
export type VolSurfaceEvaluator = {
  /** Butterfly arbitrage that the surface contains; calendar arbitrage it does not. */
  readonly report: SurfaceReport;
  /**
   * Implied volatilities at k = ln(K/F), F = S e^((r-q)t), and t, one time for all or one each; conventions as {@link
   * impliedVol}.
   * Cost: below 0.1 us a point.
   * @param out room for the vols; allocated when absent.
   * @throws ShapeError where columns differ in length. @throws RangeError naming the index for a k that is not finite,
   * or a t that is not or negative.
   */
  readonly impliedVols: (k: Float64Array, t: number | Float64Array, out?: Float64Array) => Float64Array;
};

/**
 * Checks a surface once, as {@link checkSurface}, and returns its evaluator (F10, F94). The surface is copied: later
 * changes of it have no effect.
 * @throws RangeError for negative total variance or calendar arbitrage. @throws ShapeError for a malformed surface.
 */
export function volSurface(surface: VolSurface): VolSurfaceEvaluator {
  const report = checkSurface(surface);
  const fixed = structuredCopy(surface);
  const expiries = fixed.model === 'svi' ? fixed.slices.map((slice) => slice.t) : fixed.t;
  const variance =
    fixed.model === 'svi'
      ? (index: number, k: number): number => Math.max(sviTotalVariance(fixed.slices[index]!, k), 0)
      : (index: number, k: number): number => gridTotalVariance(fixed, index, k);
  const impliedVols: VolSurfaceEvaluator['impliedVols'] = (k, t, out = new Float64Array(k.length)) => {
    for (const [field, length] of [
      ['t', typeof t === 'number' ? k.length : t.length],
      ['out', out.length],
    ] as const) {
      if (length !== k.length) {
        throw new ShapeError(`expected ${k.length} elements in every column, found ${length} in ${field}`, {
          field,
          expected: k.length,
          found: length,
        });
      }
    }
    let previous = Number.NaN;
    let after = 0;
    for (let i = 0; i < k.length; i++) {
      const time = typeof t === 'number' ? t : t[i]!;
      const at = k[i]!;
      checkPoint(at, time, i);
      if (time !== previous) {
        after = nodesUpTo(expiries, time);
        previous = time;
      }
      if (after === 0 || after === expiries.length) {
        const edge = after === 0 ? 0 : after - 1;
        out[i] = Math.sqrt(variance(edge, at) / expiries[edge]!);
      } else {
        out[i] = volBetween(
          variance(after - 1, at),
          variance(after, at),
          expiries[after - 1]!,
          expiries[after]!,
          time,
        );
      }
    }
    return out;
  };
  return { report, impliedVols };
}

function structuredCopy(surface: VolSurface): VolSurface {
  return surface.model === 'svi'
    ? { model: 'svi', slices: surface.slices.map((slice) => ({ ...slice })) }
    : { model: 'grid', t: [...surface.t], k: [...surface.k], vol: surface.vol.map((row) => [...row]) };
}

function checkPoint(k: number, t: number, index?: number): void {
  if (Number.isFinite(k) && t >= 0 && t < Number.POSITIVE_INFINITY) return;
  const where = index === undefined ? '' : `point ${index}: `;
  throw new RangeError(
    `${where}expected a finite log-moneyness and t of at least 0, found k = ${k} and t = ${t}`,
    {
      k,
      t,
      ...(index === undefined ? {} : { index }),
    },
  );
}

/** How many of the increasing nodes are at most x. */
function nodesUpTo(nodes: readonly number[], x: number): number {
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nodes[middle]! <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Total variance is linear in t between the expiries. */
function volBetween(before: number, after: number, t0: number, t1: number, t: number): number {
  const share = (t - t0) / (t1 - t0);
  return Math.sqrt(((1 - share) * before + share * after) / t);
}

function sviVariance(surface: SviSurface, index: number, k: number): number {
  const slice = surface.slices[index]!;
  return checkVariance(sviTotalVariance(slice, k), k, slice.t);
}

function gridVariance(surface: GridSurface, index: number, k: number): number {
  const row = surface.vol[index];
  const t = surface.t[index]!;
  if (row === undefined || row.length !== surface.k.length || surface.vol.length !== surface.t.length) {
    throw new ShapeError(
      `expected ${surface.t.length} x ${surface.k.length} vols, found ${surface.vol.length} rows, one of ${row?.length ?? 0}`,
      { rows: surface.vol.length, found: row?.length ?? 0 },
    );
  }
  return checkVariance(gridTotalVariance(surface, index, k), k, t);
}

/** vol^2 t of one row, linear in vol between the nodes; with the sign of the vol, whose square would hide it. */
function gridTotalVariance(surface: GridSurface, index: number, k: number): number {
  const row = surface.vol[index]!;
  const after = nodesUpTo(surface.k, k);
  let vol: number;
  if (after === 0 || after === row.length) {
    vol = row[after === 0 ? 0 : after - 1]!;
  } else {
    const share = (k - surface.k[after - 1]!) / (surface.k[after]! - surface.k[after - 1]!);
    vol = (1 - share) * row[after - 1]! + share * row[after]!;
  }
  return vol * Math.abs(vol) * surface.t[index]!;
}

function checkVariance(variance: number, k: number, t: number): number {
  if (!(variance >= 0 && variance < Number.POSITIVE_INFINITY)) {
    throw new RangeError(
      `expected a surface with total variance of at least 0, found ${variance} at k = ${k}, t = ${t}: correct the surface`,
      { variance, k, t },
    );
  }
  return variance;
}
