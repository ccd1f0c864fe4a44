import { ShapeError } from '../base/errors.ts';
import { throwIfAborted } from '../base/progress.ts';
import { type Position, sourceOf } from '../domain/book.ts';
import type { Market } from '../domain/market.ts';
import { type BasisName, NET_GREEK_NAMES, type NetGreekName } from '../domain/report.ts';
import type { ScenarioSet } from '../domain/scenarios.ts';
import { unitValues } from '../pricing/unit-value.ts';
import type { RiskBasis } from '../risk/bases/basis.ts';
import type { ChebyshevBasis } from '../risk/bases/chebyshev/basis.ts';
import { routeBook, type SplitBook, splitBook } from '../risk/bases/chebyshev/book.ts';
import { ChebyshevProjector } from '../risk/bases/chebyshev/project.ts';
import { checkPrecision, projectorOf, proposeBasis } from '../risk/bases/chebyshev/propose.ts';
import { type FactorsBasis, factorsBasis, projectOnFactors } from '../risk/bases/factors.ts';
import { ContractSums, type ListedBasis } from '../risk/bases/listed.ts';
import { type ApproximationError, measureApproximation } from '../risk/bases/measure.ts';
import { PositionSampler } from '../risk/bases/sample.ts';
import { REFERENCE_PRICER } from '../risk/unit-pricer.ts';
import { type UnitRisk, unitRiskOf } from '../risk/unit-risk.ts';
import { normaliseUnits, valuationOf } from '../risk/valuation.ts';
import type { PhaseClock } from './clock.ts';
import type { Approximation, BookCoordinates, RiskRequest } from './task.ts';

/** What a book is projected with; its scenarios are those that a basis is chosen by. */
export type ProjectionRequest = Pick<RiskRequest, 'book' | 'market' | 'scenarios' | 'signal' | 'onProgress'>;

/** A book in a basis, before any scenario is valued. Secret. */
export type ProjectedBook<B extends RiskBasis = RiskBasis> = {
  readonly basis: B;
  readonly x: Float64Array;
  /** How many there are. */
  readonly positions: number;
  /** Values the public side in some scenarios, and how far the book is from its coordinates there. */
  readonly valuedIn: (scenarios: ScenarioSet, clock: PhaseClock) => Promise<BookCoordinates>;
};

/** Puts a book into a basis of the given kind, block after block. */
export function projectIn(
  kind: BasisName,
  request: ProjectionRequest,
  precision: number,
  clock: PhaseClock,
): Promise<ProjectedBook> {
  if (kind === 'chebyshev') return onChebyshev(request, precision, clock);
  if (kind === 'factors') return onFactors(request, precision, clock);
  return onListed(request, precision, clock);
}

/** What a report says of the `listed` basis. */
export function listedFacts(basis: ListedBasis): BookCoordinates['description'] {
  return { kind: 'listed', coordinates: basis.contracts.length, digest: basis.digest, error: 'none' };
}

async function onListed(
  request: ProjectionRequest,
  precision: number,
  clock: PhaseClock,
): Promise<ProjectedBook<ListedBasis>> {
  const { market, signal, onProgress } = request;
  const sums = new ContractSums();
  const positions = await clock.time('project', () => forEachBlock(request, (block) => sums.add(block)));
  const { basis, x, gross: held } = await clock.time('project', () => sums.finish(market));
  return {
    basis,
    x,
    positions,
    valuedIn: async (scenarios, time) => {
      const valuation = await time.time('prepare', () =>
        valuationOf(basis, market, scenarios, { signal, onProgress }),
      );
      const gross = held.reduce((sum, units, j) => sum + units * Math.abs(valuation.unitValue[j]!), 0);
      const description = listedFacts(basis);
      return { basis, valuation, gross, protocolError: precision * gross, description };
    },
  };
}

/** In the smallest of a few bases of standard options that fits the book. Reads it three times. */
export async function onChebyshev(
  request: ProjectionRequest,
  precision: number,
  clock: PhaseClock,
): Promise<ProjectedBook<ChebyshevBasis>> {
  const { market, scenarios: first, signal, onProgress } = request;
  const options = { signal, onProgress };
  const source = () => splitBlocks(request);
  const {
    basis,
    positions: seen,
    outside,
    sample,
    ...inFirst
  } = await clock.time('prepare', () => proposeBasis(source, market, first, { precision, ...options }));
  // Valued already, once: the matrix is scaled in place, and not kept for a session's other scenarios.
  let ready: typeof inFirst | undefined = inFirst;
  const projector = new ChebyshevProjector(basis, market);
  let others = 0;
  let positions = 0;
  await clock.time('project', async () => {
    for await (const block of source()) {
      const { inside, outside: apart } = routeBook(block, market, basis);
      projector.addColumns(inside.options);
      projector.addPositions(inside.rest);
      projector.addPositions(apart);
      others += absoluteValue([...inside.rest, ...apart], market);
      positions += block.options.units.length + block.rest.length;
    }
  });
  throwIfAborted(signal, 'projecting the book');
  if (positions !== seen) {
    throw new ShapeError(
      `the book gave ${seen} positions when it was read first, then ${positions}: every reading has to give the same`,
      { expected: seen, found: positions },
    );
  }
  const valueAnew = async (scenarios: ScenarioSet): Promise<typeof inFirst> => {
    const unit = await unitRiskOf(basis, market, scenarios, options);
    const measured = { unit, pricer: REFERENCE_PRICER, project: projectorOf(basis, market) };
    return { unit, error: await measureApproximation(measured, sample, market, scenarios, options) };
  };
  return {
    basis,
    x: projector.finish(),
    positions,
    valuedIn: async (scenarios, time) => {
      const known = scenarios === first ? ready : undefined;
      ready = undefined;
      const { unit, error } = known ?? (await time.time('prepare', () => valueAnew(scenarios)));
      checkPrecision(error, precision);
      const gross = error.gross + others;
      return time.time('prepare', () => ({
        basis,
        valuation: normaliseUnits(basis, market, scenarios, unit),
        gross,
        protocolError: precision * gross - error.pnl,
        approximation: approximationOf(error, market),
        description: chebyshevFacts(basis, outside, error),
      }));
    },
  };
}

function chebyshevFacts(
  basis: ChebyshevBasis,
  outside: { readonly positions: number; readonly reasons: Readonly<Record<string, number>> },
  error: ApproximationError,
): BookCoordinates['description'] {
  const { nodes, deviations, expiryYears, marks, wing } = basis.settings;
  return {
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
      positions: outside.positions,
      contracts: basis.listed.length,
      reasons: { ...outside.reasons },
    },
    error: { absolute: error.pnl, known: 'measured', how: howMeasured(error) },
    digest: basis.digest,
  };
}

async function onFactors(
  request: ProjectionRequest,
  precision: number,
  clock: PhaseClock,
): Promise<ProjectedBook<FactorsBasis>> {
  const { market, signal, onProgress } = request;
  const basis = factorsBasis(market);
  const spots = new Map(market.underlyings.map(({ name, spot }) => [name, spot]));
  const x = new Float64Array(basis.coordinates);
  const sampler = new PositionSampler();
  const positions = await clock.time('project', () =>
    forEachBlock(request, (block) => {
      projectOnFactors(block, basis, market, x);
      for (const position of block) {
        const { quantity, multiplier, instrument } = position;
        sampler.add(Math.abs(quantity * multiplier) * spots.get(instrument.underlying)!, () => position);
      }
    }),
  );
  const sample = sampler.finish();
  const project = (of: readonly Position[]): Float64Array => projectOnFactors(of, basis, market);
  return {
    basis,
    x,
    positions,
    valuedIn: (scenarios, time) =>
      time.time('prepare', async () => {
        const unit: UnitRisk = await unitRiskOf(basis, market, scenarios);
        const measured = { unit, pricer: REFERENCE_PRICER, project };
        const options = { signal, onProgress };
        const error = await measureApproximation(measured, sample, market, scenarios, options);
        return {
          basis,
          valuation: normaliseUnits(basis, market, scenarios, unit),
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
        };
      }),
  };
}

/** @returns how many positions there are. @throws ShapeError for a book without any. */
async function forEachBlock(
  request: ProjectionRequest,
  take: (positions: readonly Position[]) => void,
): Promise<number> {
  const { book, signal, onProgress } = request;
  let count = 0;
  for await (const block of sourceOf(book).read({ signal, onProgress })) {
    throwIfAborted(signal, 'reading the book');
    take(block);
    count += block.length;
  }
  if (count === 0) throw new ShapeError('the book is empty: there is nothing to report');
  return count;
}

async function* splitBlocks({
  book,
  market,
  signal,
  onProgress,
}: ProjectionRequest): AsyncGenerator<SplitBook> {
  let before = 0;
  for await (const positions of sourceOf(book).read({ signal, onProgress })) {
    throwIfAborted(signal, 'reading the book');
    yield splitBook({ positions }, market, before);
    before += positions.length;
  }
  if (before === 0) throw new ShapeError('the book is empty: there is nothing to report');
}

function absoluteValue(positions: readonly Position[], market: Market): number {
  const values = unitValues(
    positions.map(({ instrument }) => instrument),
    market,
  );
  return positions.reduce(
    (sum, { quantity, multiplier }, i) => sum + Math.abs(quantity * multiplier * values[i]!),
    0,
  );
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
