import { type Matrix, matrixOf } from '../../numeric/matrix.ts';
import type { Factor, FactorKind, Market, Underlying, VolSurface } from '../market.ts';
import { type JsonCursor, readJson } from './json.ts';
import { FINITE, listed, NON_NEGATIVE, type NumberRule, POSITIVE, shown } from './rule.ts';

/** Relative to the two deviations: covariances in a file are rounded, and each of a pair on its own. */
const SYMMETRY_TOLERANCE = 1e-9;

const CORRELATION: NumberRule = {
  text: 'a correlation between -1 and 1 (exclusive)',
  holds: (value) => Math.abs(value) < 1,
};

const FACTOR_KINDS: readonly FactorKind[] = ['spot_return', 'vol_shift'];

/**
 * Reads market.json: underlyings, factors and their daily covariance. Rates are continuous per year, vols decimal.
 * A file without factors and covariance gives an empty list and a 0 x 0 matrix.
 * @throws ParseError naming line, character column and JSON path of the first value that does not follow the format.
 */
export function parseMarket(text: string, file: string): { market: Market; warnings: string[] } {
  const { result, warnings } = readJson(text, file, readMarket);
  return { market: result, warnings };
}

function readMarket(root: JsonCursor): Market {
  root.object(['valuation', 'underlyings', 'factors', 'daily_covariance']);
  const valuation = root.member('valuation').text('a valuation time (ISO 8601) or a text');
  const list = root.member('underlyings');
  const entries = list.array('an array of underlyings');
  if (entries.length === 0) throw list.error('at least one underlying', 'none');
  const underlyings = new Map<string, Underlying>();
  for (const entry of entries) {
    const underlying = readUnderlying(entry);
    if (underlyings.has(underlying.name)) {
      throw entry
        .member('name')
        .error('a name that no other underlying has', `${shown(underlying.name)} again`);
    }
    underlyings.set(underlying.name, underlying);
  }
  const factors = readFactors(root, underlyings);
  return {
    valuation,
    underlyings: [...underlyings.values()],
    factors,
    dailyCovariance: readCovariance(root, factors.length),
  };
}

function readUnderlying(entry: JsonCursor): Underlying {
  entry.object(['name', 'spot', 'r', 'q', 'reference_vol', 'multiplier', 'surface']);
  const name = entry.member('name').text('a non-empty name');
  const multiplier = entry.member('multiplier');
  // Informative: a position's own multiplier counts.
  if (multiplier.present) multiplier.number(POSITIVE);
  const surface = entry.member('surface');
  return {
    name,
    spot: entry.member('spot').number(POSITIVE),
    rate: entry.member('r').number(),
    dividendYield: entry.member('q').number(),
    referenceVol: entry.member('reference_vol').number(NON_NEGATIVE),
    ...(surface.present ? { surface: readSurface(surface) } : {}),
  };
}

function readSurface(entry: JsonCursor): VolSurface {
  // Which other keys are known depends on the model: check that first.
  entry.object(['model', 'slices', 't', 'k', 'vol']);
  const model = entry.member('model');
  if (model.value === 'svi') return readSvi(entry);
  if (model.value === 'grid') return readGrid(entry);
  throw model.error('a surface model: svi or grid');
}

function readSvi(entry: JsonCursor): VolSurface {
  entry.object(['model', 'slices']);
  const list = entry.member('slices');
  const items = list.array('an array of slices');
  if (items.length === 0) throw list.error('at least one slice', 'none');
  let previous = 0;
  const slices = items.map((item) => {
    item.object(['t', 'a', 'b', 'rho', 'm', 'sigma']);
    const t = item.member('t').number(increasing(previous));
    previous = t;
    return {
      t,
      a: item.member('a').number(),
      b: item.member('b').number(NON_NEGATIVE),
      rho: item.member('rho').number(CORRELATION),
      m: item.member('m').number(),
      sigma: item.member('sigma').number(POSITIVE),
    };
  });
  return { model: 'svi', slices };
}

function readGrid(entry: JsonCursor): VolSurface {
  entry.object(['model', 't', 'k', 'vol']);
  const t = readAxis(entry.member('t'), 0, 'an array of expiries in years');
  const k = readAxis(entry.member('k'), Number.NEGATIVE_INFINITY, 'an array of log-moneyness ln(K/F)');
  const rows = entry.member('vol').array(`${t.length} rows, one an expiry`, t.length);
  const vol = rows.map((row) => row.numbers(POSITIVE, `${k.length} vols, one a log-moneyness`, k.length));
  return { model: 'grid', t, k, vol };
}

function readAxis(axis: JsonCursor, above: number, expected: string): readonly number[] {
  const items = axis.array(expected);
  if (items.length === 0) throw axis.error(expected, 'none');
  let previous = above;
  return items.map((item) => {
    previous = item.number(increasing(previous));
    return previous;
  });
}

function increasing(previous: number): NumberRule {
  const text = previous === Number.NEGATIVE_INFINITY ? FINITE.text : `a number > ${previous}`;
  return { text: previous > 0 ? `${text} (strictly increasing)` : text, holds: (value) => value > previous };
}

function readFactors(root: JsonCursor, underlyings: ReadonlyMap<string, Underlying>): readonly Factor[] {
  const list = root.member('factors');
  if (!list.present) return [];
  const names = new Set<string>();
  return list.array('an array of factor names').map((item) => {
    const name = item.text('a factor NAME:spot_return or NAME:vol_shift');
    const colon = name.lastIndexOf(':');
    const underlying = name.slice(0, Math.max(0, colon));
    const kind = FACTOR_KINDS.find((known) => known === name.slice(colon + 1));
    if (colon < 0 || kind === undefined) throw item.error('a factor NAME:spot_return or NAME:vol_shift');
    if (!underlyings.has(underlying)) {
      throw item.error(`a factor on a known underlying (${listed([...underlyings.keys()])})`);
    }
    if (names.has(name)) throw item.error('each factor once', `${shown(name)} again`);
    names.add(name);
    return { name, underlying, kind };
  });
}

function readCovariance(root: JsonCursor, size: number): Matrix {
  const list = root.member('daily_covariance');
  if (!list.present && size === 0) return matrixOf(0, 0);
  const rows = list.array(`${size} rows, one a factor`, size);
  const matrix = matrixOf(size, size);
  const { data } = matrix;
  for (const [r, row] of rows.entries()) {
    data.set(row.numbers(FINITE, `${size} covariances, one a factor`, size), r * size);
  }
  const element = (r: number, c: number): JsonCursor => rows[r]!.array('an array')[c]!;
  for (let r = 0; r < size; r++) {
    const variance = data[r * size + r]!;
    if (variance < 0) throw element(r, r).error('a variance >= 0');
  }
  for (let r = 0; r < size; r++) {
    for (let c = 0; c < r; c++) {
      const scale = Math.sqrt(data[r * size + r]! * data[c * size + c]!);
      const mirrored = data[c * size + r]!;
      if (Math.abs(data[r * size + c]! - mirrored) > SYMMETRY_TOLERANCE * scale) {
        throw element(r, c).error(`a symmetric matrix: ${mirrored}, as in row ${c + 1}, column ${r + 1}`);
      }
    }
  }
  return matrix;
}
