import { PrecisionError } from '../../../base/errors.ts';
import type { RunOptions } from '../../../base/progress.ts';
import type { Position } from '../../../domain/book.ts';
import type { Market } from '../../../domain/market.ts';
import type { ScenarioSet } from '../../../domain/scenarios.ts';
import { volSurface } from '../../../pricing/surface.ts';
import { REFERENCE_PRICER, type UnitPricer } from '../../unit-pricer.ts';
import { type UnitRisk, unitRiskOf } from '../../unit-risk.ts';
import { type ApproximationError, measureApproximation } from '../measure.ts';
import { type ChebyshevBasis, chebyshevBasis } from './basis.ts';
import { type RoutedBook, routeBook, type SplitBook, sampleOptions } from './book.ts';
import type { OptionColumns } from './columns.ts';
import { fitSmile, type SmilePoints } from './fit-smile.ts';
import { panelsOf } from './panel.ts';
import { ChebyshevProjector } from './project.ts';
import { referencedUnderlyings } from './reference-vol.ts';
import { type ChebyshevSettings, DEFAULT_CHEBYSHEV, type ReferenceVol } from './settings.ts';

/** Nodes along moneyness and expiry, coarse to fine. */
const SIZES: readonly (readonly [moneyness: number, expiry: number])[] = [
  [16, 12],
  [20, 16],
  [24, 20],
  [32, 24],
];
/** How far marks may be from the reference vol, as a factor, and the nodes along marks that this takes. */
const BANDS: readonly (readonly [width: number, nodes: number])[] = [
  [1.00002, 1],
  [1.005, 2],
  [1.05, 3],
  [1.25, 4],
  [2, 6],
];
/** A band is wide enough when it holds all options but this part: the others are listed. */
const LEFT_OUT = 0.002;
/** The projection should take this part of the wanted precision: nodes are cheaper than bits. */
const SHARE = 0.2;
/** With the finest nodes it may take this part; encryption and sharing need the rest. */
const MOST_SHARE = 0.75;

/** A basis that fits a book, what of the book it takes, and how far off it is. */
export type ProposedBasis = {
  readonly basis: ChebyshevBasis;
  readonly unit: UnitRisk;
  readonly routed: RoutedBook;
  readonly error: ApproximationError;
};

export type ProposeOptions = RunOptions & {
  readonly pricer?: UnitPricer | undefined;
  /** Wanted error of the P&L vector, as a fraction of the options' gross. */
  readonly precision: number;
};

/**
 * What an owner proposes to the engine: the smallest of a few public sizes whose measured error is at most a fifth of the wanted one, or the finest. The engine
 * learns from it the size chosen, the smile that the marks follow (three numbers an underlying), the band around it, and the terms of what is
 * listed; an owner for whom that is too much names settings of its own.
 * @throws PrecisionError where the finest is off by more than three quarters of the wanted precision. @throws RangeError @throws ShapeError for malformed positions.
 */
export async function proposeBasis(
  book: SplitBook,
  market: Market,
  scenarios: ScenarioSet,
  { precision, pricer = REFERENCE_PRICER, ...options }: ProposeOptions,
): Promise<ProposedBasis> {
  const shape = shapeOf(book, market);
  let finest: ProposedBasis | undefined;
  for (const [moneyness, expiry] of SIZES) {
    const { wing, ...core }: ChebyshevSettings = {
      ...DEFAULT_CHEBYSHEV,
      nodes: { moneyness, expiry, mark: shape.markNodes },
      marks: shape.marks,
      referenceVols: shape.referenceVols,
      wing: {
        ...DEFAULT_CHEBYSHEV.wing!,
        nodes: { ...DEFAULT_CHEBYSHEV.wing!.nodes, mark: shape.markNodes },
      },
      american: shape.american,
    };
    // Wings are half as many coordinates again: only for a book that has strikes there.
    const without = routeBook(book, market, domainOf(market, core));
    const settings: ChebyshevSettings = without.reasons.strike === 0 ? core : { ...core, wing };
    const routed =
      without.reasons.strike === 0 ? without : routeBook(book, market, domainOf(market, settings));
    const basis = chebyshevBasis(market, settings, {
      listed: routed.outside.map(({ instrument }) => instrument),
      pricer,
    });
    const unit = await unitRiskOf(basis, market, scenarios, options);
    const sample = sampleOptions(routed.inside, market);
    const project = (positions: readonly Position[]): Float64Array => {
      const projector = new ChebyshevProjector(basis, market);
      projector.addPositions(positions);
      return projector.finish();
    };
    const error = await measureApproximation({ unit, pricer, project }, sample, market, scenarios, options);
    finest = { basis, unit, routed, error };
    if (error.pnl <= SHARE * precision * error.gross) return finest;
  }
  const { error } = finest!;
  const reached = error.pnl / error.gross;
  if (reached <= MOST_SHARE * precision) return finest!;
  throw new PrecisionError(
    `the chebyshev basis reaches ${reached.toExponential(1)} of the options' gross for this book, expected ${(MOST_SHARE * precision).toExponential(1)}: ` +
      'ask for less precision, settings of your own with more nodes, or the listed basis',
    { reached, wanted: precision },
  );
}

/** The panels of settings, without the contracts. */
export function domainOf(
  market: Market,
  settings: ChebyshevSettings,
): Pick<ChebyshevBasis, 'settings' | 'panels' | 'references'> {
  const references = referencedUnderlyings(market, settings);
  return {
    settings,
    references,
    panels: references.flatMap((reference, index) => panelsOf(index, reference, settings, 0)),
  };
}

type Shape = Pick<ChebyshevSettings, 'marks' | 'referenceVols' | 'american'> & { readonly markNodes: number };

/** What the marks of a book ask for: reference vols, and how far its marks are from them. */
function shapeOf({ options }: SplitBook, market: Market): Shape {
  const points = market.underlyings.map((_, u) => pointsOf(options, u, market));
  const referenceVols: Record<string, ReferenceVol> = {};
  const american = new Set<string>();
  options.american?.forEach((style, i) => {
    if (style === 1) american.add(market.underlyings[options.underlying[i]!]!.name);
  });
  market.underlyings.forEach((underlying, u) => {
    // Everything on the market's surface, and no need to look closer.
    if (underlying.surface !== undefined && points[u]!.marked === 0) return;
    referenceVols[underlying.name] = fitSmile(points[u]!, underlying);
  });
  const references = referencedUnderlyings(market, {
    ...DEFAULT_CHEBYSHEV,
    referenceVols,
  });
  const widths = points.flatMap(({ k, t, ratio }, u) => {
    const { volAt, underlying, kind } = references[u]!;
    if (kind === 'surface') return Array.from(ratio, () => 1);
    return Array.from(ratio, (value, i) => {
      const mark = (value * underlying.referenceVol) / volAt(k[i]!, t[i]!);
      return Math.max(mark, 1 / mark);
    });
  });
  widths.sort((a, b) => a - b);
  const needed = widths[Math.max(0, Math.ceil((1 - LEFT_OUT) * widths.length) - 1)] ?? 1;
  const [width, markNodes] = BANDS.find(([most]) => needed <= most) ?? BANDS.at(-1)!;
  return { marks: [1 / width, width], markNodes, referenceVols, american: [...american] };
}

type UnderlyingPoints = SmilePoints & { readonly marked: number };

/** At most this many options an underlying, evenly spread over the book, show what its marks are like. */
const MOST_POINTS = 1024;

function pointsOf(options: OptionColumns, underlying: number, market: Market): UnderlyingPoints {
  const { spot, rate, dividendYield, referenceVol, surface } = market.underlyings[underlying]!;
  const own: number[] = [];
  options.underlying.forEach((u, i) => {
    if (u === underlying && options.expiryYears[i]! >= DEFAULT_CHEBYSHEV.expiryYears[0]) own.push(i);
  });
  const stride = Math.max(1, own.length / MOST_POINTS);
  const chosen: number[] = [];
  for (let at = 0; at < own.length; at += stride) chosen.push(own[Math.floor(at)]!);
  const t = Float64Array.from(chosen, (i) => options.expiryYears[i]!);
  const k = Float64Array.from(
    chosen,
    (i, n) => Math.log(options.strike[i]! / spot) - (rate - dividendYield) * t[n]!,
  );
  const vol = Float64Array.from(chosen, (i) => options.vol[i]!);
  const marked = vol.filter((value) => !Number.isNaN(value)).length;
  if (marked < vol.length && surface !== undefined) {
    volSurface(surface)
      .impliedVols(k, t)
      .forEach((value, n) => {
        if (Number.isNaN(vol[n])) vol[n] = value;
      });
  }
  const known = [...vol.keys()].filter((n) => vol[n]! > 0);
  const kept = (column: Float64Array): Float64Array => Float64Array.from(known, (n) => column[n]!);
  return { k: kept(k), t: kept(t), ratio: kept(vol).map((value) => value / referenceVol), marked };
}
