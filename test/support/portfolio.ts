import { readFileSync } from 'node:fs';
import type { Instrument } from '../../src/domain/instrument.ts';
import type { Factor, Market } from '../../src/domain/market.ts';
import type { ScenarioSet } from '../../src/domain/scenarios.ts';
import { matrixOf } from '../../src/numeric/matrix.ts';
import { readVectors } from './vectors.ts';

/** The reference portfolio of test/vectors/portfolio. */
export type ReferencePortfolio = {
  readonly instruments: readonly Instrument[];
  /** quantity x multiplier */
  readonly weights: Float64Array;
  readonly market: Market;
  readonly scenarios: ScenarioSet;
  readonly gross: number;
};

type MarketJson = {
  valuation: string;
  underlyings: { name: string; spot: number; r: number; q: number; reference_vol: number }[];
  factors: string[];
  daily_covariance: number[][];
};

/** Reads the portfolio without the library's own parsers, which have tests of their own. */
export function readReferencePortfolio(): ReferencePortfolio {
  const json = (name: string): unknown =>
    JSON.parse(readFileSync(new URL(`../vectors/portfolio/${name}`, import.meta.url), 'utf8'));
  const raw = json('market.json') as MarketJson;
  const factors = raw.factors.map((name): Factor => {
    const [underlying = '', kind] = name.split(':');
    return { name, underlying, kind: kind === 'spot_return' ? 'spot_return' : 'vol_shift' };
  });
  const market: Market = {
    valuation: raw.valuation,
    underlyings: raw.underlyings.map(({ name, spot, r, q, reference_vol }) => ({
      name,
      spot,
      rate: r,
      dividendYield: q,
      referenceVol: reference_vol,
    })),
    factors,
    dailyCovariance: matrixOf(factors.length, factors.length, Float64Array.from(raw.daily_covariance.flat())),
  };
  const positions = readVectors('portfolio/positions.csv');
  const underlying = positions.text('underlying');
  const type = positions.text('type');
  const strike = positions.numbers('strike');
  const t = positions.numbers('t');
  const vol = positions.numbers('vol');
  const instruments = positions.text('kind').map((kind, i): Instrument => {
    const of = { underlying: underlying[i]! };
    if (kind === 'spot') return { kind, ...of };
    const terms = { ...of, strike: strike[i]!, expiryYears: t[i]! };
    if (kind === 'forward') return { kind, ...terms };
    return { kind: 'option', ...terms, type: type[i] === 'call' ? 'call' : 'put', vol: vol[i]! };
  });
  const multiplier = positions.numbers('multiplier');
  const moves = readVectors('portfolio/scenarios.csv');
  const data = new Float64Array(moves.rows * factors.length);
  factors.forEach(({ name }, c) => {
    moves.numbers(name).forEach((move, s) => {
      data[s * factors.length + c] = move;
    });
  });
  return {
    instruments,
    weights: positions.numbers('quantity').map((quantity, i) => quantity * multiplier[i]!),
    market,
    scenarios: {
      labels: moves.text('scenario'),
      factors,
      moves: matrixOf(moves.rows, factors.length, data),
    },
    gross: (json('expected.json') as { value: { gross_absolute: number } }).value.gross_absolute,
  };
}
