import { PrecisionError, RangeError } from '../../../base/errors.ts';
import { type RunOptions, throwIfAborted } from '../../../base/progress.ts';
import type { Position } from '../../../domain/book.ts';
import type { Instrument } from '../../../domain/instrument.ts';
import type { Market } from '../../../domain/market.ts';
import type { ScenarioSet } from '../../../domain/scenarios.ts';
import { REFERENCE_PRICER, type UnitPricer } from '../../unit-pricer.ts';
import { type UnitRisk, unitRiskOf } from '../../unit-risk.ts';
import { termsOf } from '../listed.ts';
import { type ApproximationError, measureApproximation } from '../measure.ts';
import { type PositionSample, PositionSampler } from '../sample.ts';
import { type ChebyshevBasis, chebyshevBasis } from './basis.ts';
import { type RoutedBook, routeBook, type SplitBook, sampleOptions } from './book.ts';
import { OUTSIDE_REASONS } from './locate.ts';
import { panelsOf } from './panel.ts';
import { ChebyshevProjector } from './project.ts';
import { referencedUnderlyings } from './reference-vol.ts';
import { type ChebyshevSettings, DEFAULT_CHEBYSHEV } from './settings.ts';
import { type BookShape, ShapeScan } from './shape.ts';

/** Nodes along moneyness and expiry, coarse to fine. */
const SIZES: readonly (readonly [moneyness: number, expiry: number])[] = [
  [16, 12],
  [20, 16],
  [24, 20],
  [32, 24],
];
/** Nodes along marks beyond what a band asks for at least: few positions have errors that do not average out. */
const MOST_MORE_MARKS = 2;
/** A larger basis is not tried: at 500 scenarios its matrix is a quarter of a gigabyte. */
const MOST_COORDINATES = 65_536;
/** The projection should take this part of the wanted precision: nodes are cheaper than bits. */
const SHARE = 0.2;
/** With the finest nodes it may take this part; encryption and sharing need the rest. */
const MOST_SHARE = 0.75;
/** More contracts with coordinates of their own make matrices of gigabytes. */
const MOST_LISTED = 20_000;

/** A book as the projection takes it, block after block; every call reads it again from its start. Secret. */
export type SplitSource = () => AsyncIterable<SplitBook> | Iterable<SplitBook>;

/** What of a book lies outside the panels: how many positions, and why. */
export type OutsideCount = { readonly positions: number; readonly reasons: RoutedBook['reasons'] };

/** A basis that fits a book, what of the book it has to list, and how far off it is. */
export type ProposedBasis = {
  readonly basis: ChebyshevBasis;
  readonly unit: UnitRisk;
  /** How many positions the book has. */
  readonly positions: number;
  readonly outside: OutsideCount;
  /** Options that stand for all that the panels take. Secret. */
  readonly sample: PositionSample;
  readonly error: ApproximationError;
};

export type ProposeOptions = RunOptions & {
  readonly pricer?: UnitPricer | undefined;
  /** Wanted error of the P&L vector, as a fraction of the options' gross. */
  readonly precision: number;
};

/**
 * What an owner proposes to the engine: the first of a few public sizes whose measured error is at most a fifth of the wanted one, or the best of them. Nodes are
 * added in the direction that helps: where more of them along strikes and expiries do not halve the error, along marks, and back. The engine
 * learns from it the size chosen, the smile that the marks follow (three numbers an underlying), the band around it, and the terms of what is
 * listed; an owner for whom that is too much names settings of its own.
 *
 * Reads the book twice, in memory that does not grow with it but for the contracts that are listed.
 * @throws PrecisionError where the best is off by more than three quarters of the wanted precision. @throws RangeError @throws ShapeError for malformed positions.
 */
export async function proposeBasis(
  source: SplitSource,
  market: Market,
  scenarios: ScenarioSet,
  { precision, pricer = REFERENCE_PRICER, ...options }: ProposeOptions,
): Promise<ProposedBasis> {
  const shapes = new ShapeScan(market);
  for await (const block of source()) {
    throwIfAborted(options.signal, 'looking at the book');
    shapes.add(block);
  }
  const shape = shapes.finish();
  const { listed, sample, positions, outside, onWing } = await routeSource(
    source,
    market,
    shape,
    options.signal,
  );
  let best: ProposedBasis | undefined;
  for (let size: BasisSize | undefined = { core: 0, moreMarks: 0 }, grown: Direction = 'core'; size; ) {
    const basis = chebyshevBasis(market, settingsOf(shape, size, onWing > 0), { listed, pricer });
    if (best !== undefined && basis.coordinates > MOST_COORDINATES) break;
    const unit = await unitRiskOf(basis, market, scenarios, options);
    const measured = { unit, pricer, project: projectorOf(basis, market) };
    const error = await measureApproximation(measured, sample, market, scenarios, options);
    const helped: boolean = best === undefined || error.pnl < 0.5 * best.error.pnl;
    if (best === undefined || error.pnl < best.error.pnl)
      best = { basis, unit, positions, outside, sample, error };
    if (error.pnl <= SHARE * precision * error.gross) return best;
    const next: Direction = helped ? grown : grown === 'core' ? 'marks' : 'core';
    [size, grown] = grow(size, next, shape);
  }
  checkPrecision(best!.error, precision);
  return best!;
}

type Direction = 'core' | 'marks';

/** One of the public sizes: an entry of SIZES, and how many nodes along marks beyond the band's. */
type BasisSize = { readonly core: number; readonly moreMarks: number };

/** The next size in a direction, or in the other where there is none left. */
function grow(
  { core, moreMarks }: BasisSize,
  direction: Direction,
  { markNodes }: BookShape,
): readonly [BasisSize | undefined, Direction] {
  const mayCore = core + 1 < SIZES.length;
  const mayMarks = markNodes > 1 && moreMarks < MOST_MORE_MARKS;
  if (mayMarks && (direction === 'marks' || !mayCore)) return [{ core, moreMarks: moreMarks + 1 }, 'marks'];
  if (mayCore) return [{ core: core + 1, moreMarks }, 'core'];
  return [undefined, direction];
}

/** @throws PrecisionError where the projection takes too much of the wanted precision. */
export function checkPrecision(error: Pick<ApproximationError, 'pnl' | 'gross'>, precision: number): void {
  const reached = error.pnl / error.gross;
  // A book without options has no error, and no gross.
  if (!(reached > MOST_SHARE * precision)) return;
  throw new PrecisionError(
    `the chebyshev basis reaches ${reached.toExponential(1)} of the options' gross for this book, expected ${(MOST_SHARE * precision).toExponential(1)}: ` +
      'ask for less precision, settings of your own with more nodes, or the listed basis',
    { reached, wanted: precision },
  );
}

/** Coordinates of positions that the basis takes. */
export function projectorOf(
  basis: ChebyshevBasis,
  market: Market,
): (positions: readonly Position[]) => Float64Array {
  return (positions) => {
    const projector = new ChebyshevProjector(basis, market);
    projector.addPositions(positions);
    return projector.finish();
  };
}

function settingsOf(
  { markNodes, ...shape }: BookShape,
  { core: at, moreMarks }: BasisSize,
  withWing: boolean,
): ChebyshevSettings {
  const { wing, ...core } = DEFAULT_CHEBYSHEV;
  const [moneyness, expiry] = SIZES[at]!;
  const mark = markNodes + moreMarks;
  return {
    ...core,
    ...shape,
    nodes: { moneyness, expiry, mark },
    // Wings are half as many coordinates again: only for a book that has strikes there.
    ...(withWing ? { wing: { ...wing!, nodes: { ...wing!.nodes, mark } } } : {}),
  };
}

/** Separates what no size takes: the domain is the same for all. */
async function routeSource(
  source: SplitSource,
  market: Market,
  shape: BookShape,
  signal: AbortSignal | undefined,
): Promise<{
  readonly listed: readonly Instrument[];
  readonly sample: PositionSample;
  readonly positions: number;
  readonly outside: OutsideCount;
  readonly onWing: number;
}> {
  const domain = domainOf(market, settingsOf(shape, { core: 0, moreMarks: 0 }, true));
  const listed = new Map<string, Instrument>();
  const reasons = Object.fromEntries(OUTSIDE_REASONS.map((reason) => [reason, 0])) as Record<
    (typeof OUTSIDE_REASONS)[number],
    number
  >;
  const sampler = new PositionSampler();
  let positions = 0;
  let apart = 0;
  let onWing = 0;
  for await (const block of source()) {
    throwIfAborted(signal, 'looking at the book');
    const routed = routeBook(block, market, domain);
    sampleOptions(routed.inside, market, sampler);
    onWing += routed.onWing;
    positions += block.options.units.length + block.rest.length;
    apart += routed.outside.length;
    for (const reason of OUTSIDE_REASONS) reasons[reason] += routed.reasons[reason];
    for (const { instrument } of routed.outside) listed.set(termsOf(instrument), instrument);
    if (listed.size > MOST_LISTED) {
      throw new RangeError(
        `more than ${MOST_LISTED} contracts lie outside the basis and would each need a coordinate: take those books apart, or agree on settings of a wider domain`,
        { most: MOST_LISTED },
      );
    }
  }
  return {
    listed: [...listed.values()],
    sample: sampler.finish(),
    positions,
    outside: { positions: apart, reasons },
    onWing,
  };
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
