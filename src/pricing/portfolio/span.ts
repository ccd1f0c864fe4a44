import { RangeError, ShapeError } from '../../base/errors.ts';
import type { Market } from '../../domain/market.ts';
import { matrixOf, rowOf } from '../../numeric/matrix.ts';
import { checkMarket } from '../market-checks.ts';
import type { MarketMoves } from '../market-moves.ts';
import { type ByUnderlying, byUnderlying, type Holdings } from './holdings.ts';
import { largestLoss, portfolioPnlSync } from './pnl.ts';

/** A scenario of a risk array: fractions of the scan ranges, and the fraction of the loss that counts. */
export type SpanScenario = { readonly price: number; readonly vol: number; readonly cover: number };

/** What a clearing house sets; ranges hold an element an underlying, in the market's order. */
export type SpanParameters = {
  /** Relative price scan range: 0.12 is 12 % of the spot. */
  readonly priceScanRange: ArrayLike<number>;
  /** Relative vol scan range: 0.25 moves a vol of 0.40 to 0.50 or 0.30. */
  readonly volScanRange: ArrayLike<number>;
  /** {@link spanScenarios} with their defaults if absent. */
  readonly scenarios?: readonly SpanScenario[];
};

/** Risk arrays and what they ask for. */
export type SpanRisk = {
  /** P&L x cover, an element a scenario. */
  readonly riskArrayPnl: ByUnderlying<Float64Array>;
  /** Largest loss of the array, at least 0. */
  readonly scanRisk: ByUnderlying;
  /** Sum of the scan risks. */
  readonly total: number;
};

const INSIDE: readonly number[] = [0, 1 / 3, -1 / 3, 2 / 3, -2 / 3, 1, -1];

/**
 * The sixteen scenarios of SPAN in its order: price unchanged, then up and down by a third, two thirds and the whole of the scan range,
 * each with vol up and down; then two extreme moves of a multiple of the range, of which a part counts.
 * Chicago Mercantile Exchange, "CME SPAN: Standard Portfolio Analysis of Risk", risk arrays. Clearing houses differ in the extreme moves:
 * 3 x 33 % and 2 x 35 % are both in use.
 * @param extremeMultiple above 0. @param extremeCover share of the loss, 0 to 1. @throws RangeError naming the one that is not.
 */
export function spanScenarios(extremeMultiple = 3, extremeCover = 0.33): readonly SpanScenario[] {
  if (!(extremeMultiple > 0 && extremeMultiple < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`expected extremeMultiple above 0, found ${extremeMultiple}`, { extremeMultiple });
  }
  if (!(extremeCover >= 0 && extremeCover <= 1)) {
    throw new RangeError(`expected extremeCover of 0 to 1, found ${extremeCover}`, { extremeCover });
  }
  return [
    ...INSIDE.flatMap((price) => [1, -1].map((vol) => ({ price, vol, cover: 1 }))),
    { price: extremeMultiple, vol: 0, cover: extremeCover },
    { price: -extremeMultiple, vol: 0, cover: extremeCover },
  ];
}

/**
 * Risk arrays of the shape of SPAN (F152): scan risk an underlying, by full revaluation, without time decay, intra-commodity charges, inter-commodity
 * credits or a short option minimum. An underlying moves by price x priceScanRange, its vols by the factor 1 + vol x volScanRange.
 * Cost: instruments x scenarios prices.
 * @throws ShapeError unless there is a range an underlying.
 * @throws RangeError as `portfolioPnl`, for a negative range, or where an extreme move takes a spot to zero.
 */
export function spanRisk(holdings: Holdings, market: Market, parameters: SpanParameters): SpanRisk {
  const { scenarios = spanScenarios() } = parameters;
  const pnl = portfolioPnlSync(holdings, market, spanMoves(market, parameters));
  for (let i = 0; i < pnl.data.length; i++) pnl.data[i]! *= scenarios[i % scenarios.length]!.cover;
  const scanRisk = market.underlyings.map((_, u) => largestLoss(rowOf(pnl, u)));
  return {
    riskArrayPnl: byUnderlying(market, (u) => rowOf(pnl, u)),
    scanRisk: byUnderlying(market, (u) => scanRisk[u]!),
    total: scanRisk.reduce((sum, risk) => sum + risk, 0),
  };
}

/** The moves of all scenarios of the risk arrays, without their cover. @throws ShapeError @throws RangeError as {@link spanRisk}. */
export function spanMoves(
  market: Market,
  { priceScanRange, volScanRange, scenarios = spanScenarios() }: SpanParameters,
): MarketMoves {
  checkMarket(market);
  checkRanges(market, 'priceScanRange', priceScanRange);
  checkRanges(market, 'volScanRange', volScanRange);
  checkScenarios(scenarios);
  const cols = market.underlyings.length;
  const moves = (range: ArrayLike<number>, of: 'price' | 'vol') =>
    matrixOf(
      scenarios.length,
      cols,
      Float64Array.from(
        { length: scenarios.length * cols },
        (_, i) => scenarios[Math.floor(i / cols)]![of] * range[i % cols]!,
      ),
    );
  return { spotReturns: moves(priceScanRange, 'price'), relativeVolShifts: moves(volScanRange, 'vol') };
}

function checkScenarios(scenarios: readonly SpanScenario[]): void {
  scenarios.forEach((scenario, index) => {
    for (const field of ['price', 'vol', 'cover'] as const) {
      const found = scenario[field];
      if (Number.isFinite(found) && (field !== 'cover' || found >= 0)) continue;
      const expected = field === 'cover' ? 'a finite number of at least 0' : 'a finite number';
      throw new RangeError(`scenario ${index}: expected ${expected} as ${field}, found ${found}`, {
        index,
        field,
        found: String(found),
      });
    }
  });
}

function checkRanges(market: Market, name: string, ranges: ArrayLike<number>): void {
  const expected = market.underlyings.length;
  if (ranges?.length !== expected) {
    throw new ShapeError(
      `expected ${expected} elements of ${name}, one an underlying, found ${ranges?.length}`,
      {
        expected,
        found: ranges?.length ?? 0,
      },
    );
  }
  for (let u = 0; u < expected; u++) {
    if (ranges[u]! >= 0 && ranges[u]! < Number.POSITIVE_INFINITY) continue;
    const underlying = market.underlyings[u]!.name;
    throw new RangeError(`${underlying}: expected a ${name} of at least 0, found ${ranges[u]}`, {
      underlying,
      found: ranges[u]!,
    });
  }
}
