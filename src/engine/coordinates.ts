import { throwIfAborted } from '../base/progress.ts';
import type { Position } from '../domain/book.ts';
import type { Market } from '../domain/market.ts';
import { type BasisName, NET_GREEK_NAMES, type NetGreekName } from '../domain/report.ts';
import { unitValues } from '../pricing/unit-value.ts';
import type { ChebyshevBasis } from '../risk/bases/chebyshev/basis.ts';
import { splitBook } from '../risk/bases/chebyshev/book.ts';
import { ChebyshevProjector } from '../risk/bases/chebyshev/project.ts';
import { proposeBasis } from '../risk/bases/chebyshev/propose.ts';
import { factorsBasis, projectOnFactors } from '../risk/bases/factors.ts';
import { grossValue, type ListedBasis, listedBasis, projectOnListed } from '../risk/bases/listed.ts';
import { type ApproximationError, measureApproximation } from '../risk/bases/measure.ts';
import { samplePositions } from '../risk/bases/sample.ts';
import { REFERENCE_PRICER } from '../risk/unit-pricer.ts';
import { unitRiskOf } from '../risk/unit-risk.ts';
import { normaliseUnits, valuationOf } from '../risk/valuation.ts';
import type { PhaseClock } from './clock.ts';
import type { Approximation, BookCoordinates, RiskRequest } from './task.ts';

/** Puts a book into a basis of the given kind, and values the basis. */
export function coordinatesIn(
  kind: BasisName,
  request: RiskRequest,
  precision: number,
  clock: PhaseClock,
): Promise<BookCoordinates> {
  if (kind === 'chebyshev') return chebyshevCoordinates(request, precision, clock);
  if (kind === 'factors') return factorCoordinates(request, precision, clock);
  return listedCoordinates(request, precision, clock);
}

async function listedCoordinates(
  request: RiskRequest,
  precision: number,
  clock: PhaseClock,
): Promise<BookCoordinates> {
  const { book, market, scenarios } = request;
  const basis = await clock.time('project', () =>
    listedBasis(
      book.positions.map(({ instrument }) => instrument),
      market,
    ),
  );
  const valuation = await clock.time('prepare', () => valuationOf(basis, market, scenarios, request));
  return clock.time('project', () => {
    const projected = projectOnListed(book, basis);
    const gross = grossValue(book, projected, valuation.unitValue);
    return {
      basis,
      valuation,
      x: projected.x,
      gross,
      protocolError: precision * gross,
      description: listedFacts(basis),
    };
  });
}

/** What a report says of the `listed` basis. */
export function listedFacts(basis: ListedBasis): BookCoordinates['description'] {
  return { kind: 'listed', coordinates: basis.contracts.length, digest: basis.digest, error: 'none' };
}

/** In the smallest of a few bases of standard options that fits the book. */
export async function chebyshevCoordinates(
  request: RiskRequest,
  precision: number,
  clock: PhaseClock,
): Promise<BookCoordinates & { readonly basis: ChebyshevBasis }> {
  const { book, market, scenarios, signal, onProgress } = request;
  const split = await clock.time('project', () => splitBook(book, market));
  const { basis, unit, routed, error } = await clock.time('prepare', () =>
    proposeBasis(split, market, scenarios, { precision, signal, onProgress }),
  );
  const x = await clock.time('project', () => {
    const projector = new ChebyshevProjector(basis, market);
    projector.addColumns(routed.inside.options);
    projector.addPositions(routed.inside.rest);
    projector.addPositions(routed.outside);
    return projector.finish();
  });
  throwIfAborted(signal, 'projecting the book');
  return clock.time('prepare', () => {
    const others = [...routed.inside.rest, ...routed.outside];
    const values = unitValues(
      others.map(({ instrument }) => instrument),
      market,
    );
    const gross = others.reduce(
      (sum, { quantity, multiplier }, i) => sum + Math.abs(quantity * multiplier * values[i]!),
      error.gross,
    );
    const valuation = normaliseUnits(basis, market, scenarios, unit);
    const { nodes, deviations, expiryYears, marks, wing } = basis.settings;
    return {
      basis,
      valuation,
      x,
      gross,
      protocolError: precision * gross - error.pnl,
      approximation: approximationOf(error, market),
      description: {
        kind: 'chebyshev',
        coordinates: basis.coordinates,
        nodes: { ...nodes },
        domain: {
          deviations,
          expiryYears: [...expiryYears],
          marks: [...marks],
          wing: wing?.logMoneyness ?? null,
        },
        listed: {
          positions: routed.outside.length,
          contracts: basis.listed.length,
          reasons: { ...routed.reasons },
        },
        error: {
          absolute: error.pnl,
          known: 'measured',
          how: howMeasured(error),
        },
        digest: basis.digest,
      },
    };
  });
}

async function factorCoordinates(
  request: RiskRequest,
  precision: number,
  clock: PhaseClock,
): Promise<BookCoordinates> {
  const { book, market, scenarios, signal, onProgress } = request;
  const basis = factorsBasis(market);
  const x = await clock.time('project', () => projectOnFactors(book.positions, basis, market));
  const { unit, error } = await clock.time('prepare', async () => {
    const units = await unitRiskOf(basis, market, scenarios);
    const spots = new Map(market.underlyings.map(({ name, spot }) => [name, spot]));
    const exposure = Float64Array.from(
      book.positions,
      ({ quantity, multiplier, instrument }) =>
        Math.abs(quantity * multiplier) * spots.get(instrument.underlying)!,
    );
    const sample = samplePositions(exposure, (i) => book.positions[i]!);
    const project = (positions: readonly Position[]): Float64Array =>
      projectOnFactors(positions, basis, market);
    const measured = { unit: units, pricer: REFERENCE_PRICER, project };
    const options = { signal, onProgress };
    return { unit: units, error: await measureApproximation(measured, sample, market, scenarios, options) };
  });
  return clock.time('prepare', () => ({
    basis,
    valuation: normaliseUnits(basis, market, scenarios, unit),
    x,
    gross: error.gross,
    protocolError: precision * error.gross,
    approximation: { ...approximationOf(error, market), pnlDifference: error.pnlDifference },
    covarianceOf: market,
    description: {
      kind: 'factors',
      coordinates: basis.coordinates,
      model: 'second order in spot and vol: an approximation, not full revaluation',
      error: {
        absolute: error.pnl,
        known: 'measured',
        how: `against full revaluation: ${howMeasured(error)}`,
      },
      digest: basis.digest,
    },
  }));
}

function approximationOf(error: ApproximationError, market: Market): Approximation {
  return {
    pnl: error.pnl,
    value: error.value,
    netGreeks: Object.fromEntries(
      NET_GREEK_NAMES.map((greek) => [
        greek,
        Object.fromEntries(market.underlyings.map(({ name }, u) => [name, error.greeks[greek][u]!])),
      ]),
    ) as Record<NetGreekName, Record<string, number>>,
    known: 'measured',
  };
}

function howMeasured({ whole, sampled }: ApproximationError): string {
  return whole
    ? `all ${sampled} positions priced one by one and through the basis`
    : `${sampled} positions drawn by exposure, priced one by one and through the basis, plus 5 standard errors`;
}
