import { UnsupportedError } from '../base/errors.ts';
import { throwIfAborted } from '../base/progress.ts';
import { type BasisName, NET_GREEK_NAMES, type NetGreekName } from '../domain/report.ts';
import { unitValues } from '../pricing/unit-value.ts';
import { splitBook } from '../risk/bases/chebyshev/book.ts';
import { ChebyshevProjector } from '../risk/bases/chebyshev/project.ts';
import { proposeBasis } from '../risk/bases/chebyshev/propose.ts';
import { grossValue, listedBasis, projectOnListed } from '../risk/bases/listed.ts';
import { normaliseUnits, valuationOf } from '../risk/valuation.ts';
import type { PhaseClock } from './clock.ts';
import type { BookCoordinates, RiskRequest } from './task.ts';

/** Puts a book into a basis of the given kind, and values the basis. */
export function coordinatesIn(
  kind: BasisName,
  request: RiskRequest,
  precision: number,
  clock: PhaseClock,
): Promise<BookCoordinates> {
  if (kind === 'factors') throw new UnsupportedError('--basis factors is not built yet');
  if (kind === 'chebyshev') return chebyshevCoordinates(request, precision, clock);
  return listedCoordinates(request, clock);
}

async function listedCoordinates(request: RiskRequest, clock: PhaseClock): Promise<BookCoordinates> {
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
    return {
      basis,
      valuation,
      x: projected.x,
      gross: grossValue(book, projected, valuation.unitValue),
      description: {
        kind: 'listed',
        coordinates: basis.contracts.length,
        digest: basis.digest,
        error: 'none',
      },
    };
  });
}

async function chebyshevCoordinates(
  request: RiskRequest,
  precision: number,
  clock: PhaseClock,
): Promise<BookCoordinates> {
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
      approximation: {
        pnl: error.pnl,
        value: error.value,
        netGreeks: Object.fromEntries(
          NET_GREEK_NAMES.map((greek) => [
            greek,
            Object.fromEntries(market.underlyings.map(({ name }, u) => [name, error.greeks[greek][u]!])),
          ]),
        ) as Record<NetGreekName, Record<string, number>>,
        known: 'measured',
      },
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
          how: error.whole
            ? `all ${error.sampled} options priced one by one and through the basis`
            : `${error.sampled} options drawn by exposure, priced one by one and through the basis, plus 5 standard errors`,
        },
        digest: basis.digest,
      },
    };
  });
}
