import { beforeAll, describe, expect, it } from 'vitest';
import { executePlain } from '../../src/algebra/execute.ts';
import { UnsupportedError } from '../../src/base/errors.ts';
import { splitOutputs } from '../../src/ckks/coefficient-plan.ts';
import { ckksEvaluator } from '../../src/ckks/evaluator.ts';
import { CkksKeyHolder } from '../../src/ckks/key-holder.ts';
import { planCkks } from '../../src/ckks/plan.ts';
import { planMpc } from '../../src/mpc/plan.ts';
import { runInProcess } from '../../src/mpc/run.ts';
import { explainPnl } from '../../src/pricing/portfolio/explain.ts';
import { holdingsOf } from '../../src/pricing/portfolio/holdings.ts';
import { portfolioGreeks } from '../../src/pricing/portfolio/net-greeks.ts';
import { portfolioMargin } from '../../src/pricing/portfolio/portfolio-margin.ts';
import { spanRisk } from '../../src/pricing/portfolio/span.ts';
import { stressGrid } from '../../src/pricing/portfolio/stress-grid.ts';
import type { RiskBasis } from '../../src/risk/bases/basis.ts';
import { splitBook } from '../../src/risk/bases/chebyshev/book.ts';
import { ChebyshevProjector } from '../../src/risk/bases/chebyshev/project.ts';
import { proposeBasis } from '../../src/risk/bases/chebyshev/propose.ts';
import { factorsBasis, projectOnFactors } from '../../src/risk/bases/factors.ts';
import { listedBasis, projectOnListed } from '../../src/risk/bases/listed.ts';
import { type RiskRows, readRows, rowsCircuit, scaleRows } from '../../src/risk/programs/rows.ts';
import {
  portfolioMarginRows,
  readPortfolioMargin,
  readSpanRisk,
  readStressGrid,
  spanRows,
  stressGridRows,
} from '../../src/risk/programs/scenario-arrays.ts';
import {
  EXPLAIN_TERMS,
  explainRows,
  readCharges,
  readExplain,
  weightedSensitivityRows,
} from '../../src/risk/programs/sensitivities.ts';
import { normaliseBook } from '../../src/risk/valuation.ts';
import { largestDifference } from '../support/otc-books.ts';
import { loadReferenceInputs } from '../support/reference-inputs.ts';
import { VENUE_MARGIN } from '../support/venue-margin.ts';

const { book, market, scenarios, gross } = loadReferenceInputs();
const holdings = holdingsOf(book);
const listed = listedBasis(holdings.instruments, market);
const onListed = projectOnListed(book, listed).x;

/** The three ways in which the same rows are computed, and what each may be off by, as a fraction of gross. */
type Engine = <N extends string>(
  basis: RiskBasis,
  x: Float64Array,
  rows: RiskRows<N>,
) => Promise<Record<N, Float64Array>>;

const plain: Engine = async (basis, x, rows) => {
  const scaled = scaleRows(basis, rows);
  const { z, l1 } = normaliseBook(x, scaled.columnScale);
  return readRows(scaled, executePlain(rowsCircuit(scaled), { book: z }), l1);
};
const ckks: Engine = async (basis, x, rows) => {
  const scaled = scaleRows(basis, rows);
  const { z, l1 } = normaliseBook(x, scaled.columnScale);
  const plan = planCkks(rowsCircuit(scaled), { packing: 'coefficients', precision: (1e-6 * gross) / l1 });
  using owner = await CkksKeyHolder.create(plan.parameters);
  using engine = await ckksEvaluator(plan);
  const answer = await engine.evaluate(await owner.encrypt(plan, { book: z }));
  const stacked = await owner.decryptRaw(plan, answer.ciphertexts);
  return readRows(scaled, splitOutputs(plan.map.outputs, stacked), l1);
};
const mpc: Engine = async (basis, x, rows) => {
  const scaled = scaleRows(basis, rows);
  const { z, l1 } = normaliseBook(x, scaled.columnScale);
  const { outputs } = await runInProcess(planMpc(rowsCircuit(scaled), { parties: 3, threshold: 1 }), {
    book: z,
  });
  return readRows(scaled, outputs, l1);
};

const SHIFTS = { spotRelativeShift: [-0.3, -0.1, 0, 0.1, 0.3], volRelativeShift: [-0.25, 0, 0.5] };
const SPAN = {
  priceScanRange: market.underlyings.map(({ referenceVol }) => 0.3 * referenceVol),
  volScanRange: market.underlyings.map(() => 0.25),
};
const WEIGHTS = {
  delta: Float64Array.from(market.underlyings, (_, u) => 0.15 + 0.01 * u),
  vega: Float64Array.from(market.underlyings, (_, u) => 0.4 + 0.02 * u),
};
const BUCKETS = [[0, 1, 2, 3, 4, 5], [6, 7], [8], [9, 10, 11]];
const CORRELATIONS = { within: 0.5, across: 0.15 };

/** Everything, by one engine on one basis, against the functions of the plaintext engine. */
async function checkAll(
  engine: Engine,
  basis: RiskBasis,
  x: Float64Array,
  tolerance: { near: number; far: number },
) {
  const near = tolerance.near * gross;
  const far = tolerance.far * gross;

  const grid = readStressGrid(
    market,
    SHIFTS,
    await engine(basis, x, await stressGridRows(basis, market, SHIFTS)),
  );
  const trueGrid = stressGrid(holdings, market, SHIFTS);
  expect(largestDifference(grid.total.data, trueGrid.total.data)).toBeLessThan(far);
  expect(Math.abs(grid.worstTotal - trueGrid.worstTotal)).toBeLessThan(far);
  expect(Math.abs(grid.sumOfWorstByUnderlying - trueGrid.sumOfWorstByUnderlying)).toBeLessThan(12 * far);

  const span = readSpanRisk(market, await engine(basis, x, await spanRows(basis, market, SPAN)));
  const trueSpan = spanRisk(holdings, market, SPAN);
  const margin = readPortfolioMargin(
    market,
    VENUE_MARGIN,
    await engine(basis, x, await portfolioMarginRows(basis, market, VENUE_MARGIN)),
  );
  const trueMargin = portfolioMargin(holdings, market, VENUE_MARGIN);
  for (const { name } of market.underlyings) {
    expect(
      largestDifference(grid.byUnderlying[name]!.data, trueGrid.byUnderlying[name]!.data),
      name,
    ).toBeLessThan(far);
    expect(largestDifference(span.riskArrayPnl[name]!, trueSpan.riskArrayPnl[name]!), name).toBeLessThan(far);
    expect(Math.abs(span.scanRisk[name]! - trueSpan.scanRisk[name]!), name).toBeLessThan(far);
    expect(
      largestDifference(margin.byUnderlying[name]!.data, trueMargin.byUnderlying[name]!.data),
      name,
    ).toBeLessThan(far);
    expect(Math.abs(margin.margin[name]! - trueMargin.margin[name]!), name).toBeLessThan(far);
  }
  expect(Math.abs(span.total - trueSpan.total)).toBeLessThan(12 * far);
  expect(Math.abs(margin.total - trueMargin.total)).toBeLessThan(12 * far);

  const explain = readExplain(await engine(basis, x, await explainRows(basis, market, scenarios, 17)));
  const trueExplain = explainPnl(holdings, market, scenarios, 17);
  for (const term of [...EXPLAIN_TERMS, 'unexplained'] as const) {
    expect(Math.abs(explain[term] - trueExplain[term]), term).toBeLessThan(near);
  }

  const weighted = await engine(basis, x, weightedSensitivityRows(basis, market, WEIGHTS));
  const greeks = portfolioGreeks(holdings, market);
  const truth = {
    delta: Float64Array.from(
      market.underlyings,
      ({ name }, u) => WEIGHTS.delta[u]! * greeks.cashDelta[name]!,
    ),
    vega: Float64Array.from(
      market.underlyings,
      ({ name, referenceVol }, u) => WEIGHTS.vega[u]! * referenceVol * greeks.vega[name]!,
    ),
  };
  for (const name of ['delta', 'vega'] as const) {
    expect(largestDifference(weighted[name], truth[name]), name).toBeLessThan(near);
    const charge = readCharges(weighted[name], BUCKETS, CORRELATIONS).charge;
    expect(Math.abs(charge - readCharges(truth[name], BUCKETS, CORRELATIONS).charge)).toBeLessThan(12 * near);
  }
}

describe('stress grids, margin arrays, explain and weighted sensitivities of the reference book', () => {
  it(
    'in the clear, listed: exact',
    () => checkAll(plain, listed, onListed, { near: 1e-11, far: 1e-11 }),
    60_000,
  );
  it('encrypted, listed', () => checkAll(ckks, listed, onListed, { near: 1e-6, far: 1e-6 }), 120_000);
  it('on shares, listed', () => checkAll(mpc, listed, onListed, { near: 1e-6, far: 1e-6 }), 120_000);

  describe('through the chebyshev basis', () => {
    let basis: RiskBasis;
    let x: Float64Array;
    beforeAll(async () => {
      const proposed = await proposeBasis(() => [splitBook(book, market)], market, scenarios, {
        precision: 1e-6,
      });
      const projector = new ChebyshevProjector(proposed.basis, market);
      projector.addPositions(book.positions);
      basis = proposed.basis;
      x = projector.finish();
    }, 60_000);
    // Nodes for daily moves: 30 % on a currency of 9 % vol is far outside them.
    it('in the clear', () => checkAll(plain, basis, x, { near: 1e-5, far: 2e-3 }), 120_000);
    it('encrypted', () => checkAll(ckks, basis, x, { near: 1e-5, far: 2e-3 }), 240_000);
  });

  it('net sensitivities give weighted sensitivities, and refuse what they know nothing of', async () => {
    const basis = factorsBasis(market);
    const x = projectOnFactors(book.positions, basis, market);
    const exact = await plain(listed, onListed, weightedSensitivityRows(listed, market, WEIGHTS));
    const found = await mpc(basis, x, weightedSensitivityRows(basis, market, WEIGHTS));
    expect(largestDifference(found.delta, exact.delta)).toBeLessThan(1e-6 * gross);
    expect(largestDifference(found.vega, exact.vega)).toBeLessThan(1e-6 * gross);
    await expect(stressGridRows(basis, market, SHIFTS)).rejects.toThrow(UnsupportedError);
    await expect(explainRows(basis, market, scenarios, 0)).rejects.toThrow(UnsupportedError);
  }, 60_000);
});
