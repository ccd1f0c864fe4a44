import { RangeError, ShapeError } from '../base/errors.ts';
import type { GridSurface, SviSurface, VolSurface } from '../domain/market.ts';

/**
 * Implied volatility of a surface at log-moneyness k = ln(K/F), F = S e^((r-q)t), and time t in years (F10).
 *
 * Between expiries total variance w = vol^2 t is linear in t at fixed k; before the first and after the last expiry the
 * vol of that expiry holds. Across k: `svi` is J. Gatheral's raw parametrisation ("The Volatility Surface", 2006;
 * Gatheral and Jacquier, "Arbitrage-free SVI volatility surfaces", 2014) of each slice; `grid` is linear in vol between the nodes
 * and flat beyond them. Neither removes arbitrage that the data contain.
 *
 * @throws RangeError for negative total variance, or k or t not finite or t negative.
 * @throws ShapeError for a surface without expiries, expiries or nodes that do not increase, or a ragged grid.
 */
export function impliedVol(surface: VolSurface, k: number, t: number): number {
  if (!Number.isFinite(k) || !(t >= 0 && t < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`expected a finite log-moneyness and t of at least 0, found k = ${k} and t = ${t}`, {
      k,
      t,
    });
  }
  const expiries = surface.model === 'svi' ? surface.slices.map((slice) => slice.t) : surface.t;
  const after = bracket(expiries, t, 'expiries', 0);
  const variance = (index: number): number =>
    surface.model === 'svi' ? sviVariance(surface, index, k) : gridVariance(surface, index, k);
  if (after === 0 || after === expiries.length) {
    const edge = after === 0 ? 0 : after - 1;
    return Math.sqrt(variance(edge) / expiries[edge]!);
  }
  const t0 = expiries[after - 1]!;
  const t1 = expiries[after]!;
  const share = (t - t0) / (t1 - t0);
  return Math.sqrt(((1 - share) * variance(after - 1) + share * variance(after)) / t);
}

/** Index of the first node above x. @throws ShapeError unless nodes increase from above `floor`. */
function bracket(nodes: readonly number[], x: number, what: string, floor: number): number {
  let after = 0;
  let previous = floor;
  for (const node of nodes) {
    if (!(node > previous && node < Number.POSITIVE_INFINITY)) {
      throw new ShapeError(`expected increasing ${what} above ${floor}, found ${node} after ${previous}`, {
        found: node,
        previous,
      });
    }
    if (node <= x) after++;
    previous = node;
  }
  if (nodes.length === 0) throw new ShapeError(`expected a surface with ${what}, found none`);
  return after;
}

/** Total variance of raw SVI: a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)). */
function sviVariance(surface: SviSurface, index: number, k: number): number {
  const { a, b, rho, m, sigma, t } = surface.slices[index]!;
  return checkVariance(a + b * (rho * (k - m) + Math.hypot(k - m, sigma)), k, t);
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
  const after = bracket(surface.k, k, 'log-moneyness nodes', Number.NEGATIVE_INFINITY);
  let vol: number;
  if (after === 0 || after === row.length) {
    vol = row[after === 0 ? 0 : after - 1]!;
  } else {
    const share = (k - surface.k[after - 1]!) / (surface.k[after]! - surface.k[after - 1]!);
    vol = (1 - share) * row[after - 1]! + share * row[after]!;
  }
  // A negative vol has no meaning, and its square would hide it.
  return checkVariance(vol < 0 ? vol : vol * vol * t, k, t);
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
