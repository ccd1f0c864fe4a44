import { describe, expect, it } from 'vitest';
import type { Position } from '../../src/domain/book.ts';
import { matrixOf, matVec } from '../../src/numeric/matrix.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { type ChebyshevBasis, chebyshevBasis } from '../../src/risk/bases/chebyshev/basis.ts';
import { ChebyshevProjector } from '../../src/risk/bases/chebyshev/project.ts';
import { type ChebyshevSettings, DEFAULT_CHEBYSHEV } from '../../src/risk/bases/chebyshev/settings.ts';
import { hestonPricer } from '../../src/risk/pricing/heston-pricer.ts';
import { REFERENCE_PRICER, type UnitPricer } from '../../src/risk/unit-pricer.ts';
import { unitRiskOf } from '../../src/risk/unit-risk.ts';
import { largestDifference, otcBook, referenceMarket } from '../support/otc-books.ts';

const { market: wide, scenarios: all } = referenceMarket();
const market = { ...wide, underlyings: wide.underlyings.slice(0, 1) };
const scenarios = {
  ...all,
  labels: all.labels.slice(0, 6),
  moves: matrixOf(6, all.moves.cols, all.moves.data.slice(0, 6 * all.moves.cols)),
};
const [underlying] = market.underlyings as [(typeof market.underlyings)[0]];
const settings: ChebyshevSettings = { ...DEFAULT_CHEBYSHEV, wing: undefined };

/** Projected and direct P&L of positions by the same model, as a fraction of the notional. */
async function distance(basis: ChebyshevBasis, positions: readonly Position[], pricer: UnitPricer) {
  const unit = await unitRiskOf(basis, market, scenarios);
  const projector = new ChebyshevProjector(basis, market);
  projector.addPositions(positions);
  const x = projector.finish();
  const contracts = positions.map(({ instrument }) => instrument);
  const units = Float64Array.from(positions, ({ quantity, multiplier }) => quantity * multiplier);
  const exact = matVec(await pricer.pnl(contracts, market, scenarios), units);
  const truth = pricer.sensitivities(contracts, market);
  const notional = units.reduce((sum, count) => sum + Math.abs(count) * underlying.spot, 0);
  const net = (of: Float64Array, by: Float64Array): number =>
    of.reduce((sum, value, i) => sum + value * by[i]!, 0);
  return {
    pnl: largestDifference(matVec(unit.pnl, x), exact) / notional,
    value: Math.abs(net(unit.sensitivities.value, x) - net(truth.value, units)) / notional,
    vega: Math.abs(net(unit.sensitivities.vega, x) - net(truth.vega, units)) / notional,
  };
}

describe('other models at the nodes', () => {
  it("Heston's stochastic volatility: the book's terms stay private, the model stays with the engine", async () => {
    const variance = underlying.referenceVol ** 2;
    const pricer = hestonPricer({
      [underlying.name]: {
        initialVariance: variance,
        meanReversion: 2,
        longVariance: 1.2 * variance,
        volOfVol: 0.4,
        correlation: -0.6,
      },
    });
    const { positions } = otcBook(new SeededRandom(1), market, 60, {
      spread: 1,
      years: [0.05, 2.3],
      mark: () => 1,
    });
    const basis = chebyshevBasis(
      market,
      { ...settings, nodes: { moneyness: 20, expiry: 14, mark: 1 } },
      { pricer },
    );
    expect(basis.digest).not.toBe(chebyshevBasis(market, basis.settings).digest);
    const found = await distance(basis, positions, pricer);
    expect(found.pnl).toBeLessThan(1e-7);
    expect(found.value).toBeLessThan(1e-7);
    expect(found.vega).toBeLessThan(1e-5);
  }, 120_000);

  it('American exercise, on panels of its own', async () => {
    const { positions } = otcBook(new SeededRandom(2), market, 40, {
      spread: 1,
      years: [0.1, 2],
      mark: () => 1,
    });
    const american = positions.map(
      (p): Position => ({
        ...p,
        instrument: { ...p.instrument, exercise: 'american' } as typeof p.instrument,
      }),
    );
    const basis = chebyshevBasis(market, {
      ...settings,
      nodes: { moneyness: 16, expiry: 12, mark: 1 },
      expiryYears: [0.08, 2.2],
      american: [underlying.name],
    });
    // Six panels: two European, four American.
    expect(basis.panels.length).toBe(6);
    const found = await distance(basis, american, REFERENCE_PRICER);
    // Where exercise begins the value has a corner in its second derivative: nodes converge slowly there.
    expect(found.pnl).toBeLessThan(2e-5);
    expect(found.value).toBeLessThan(2e-5);
  }, 240_000);
});
