import type { RunOptions } from '../base/progress.ts';
import type { Market } from '../domain/market.ts';
import type { ScenarioSet } from '../domain/scenarios.ts';
import type { Matrix } from '../numeric/matrix.ts';
import type { MarketMoves } from '../pricing/market-moves.ts';
import type { RiskBasis } from './bases/basis.ts';
import type { ChebyshevBasis } from './bases/chebyshev/basis.ts';
import { factorUnits } from './bases/factors.ts';
import { REFERENCE_PRICER, type UnitSensitivities } from './unit-pricer.ts';

/** What one unit of each coordinate of a basis gains, is worth and reacts to: all of it public. */
export type UnitRisk = {
  /** A row a scenario, a column a coordinate. */
  readonly pnl: Matrix;
  readonly sensitivities: UnitSensitivities;
  /** Index in the market of the underlying whose Greeks the coordinate has; -1 for cash. */
  readonly underlying: Int32Array;
};

/** Values every coordinate of a basis. Cost: scenarios x contracts prices. */
export async function unitRiskOf(
  basis: RiskBasis,
  market: Market,
  scenarios: ScenarioSet | MarketMoves,
  options: RunOptions = {},
): Promise<UnitRisk> {
  if (basis.kind === 'factors') return factorUnits(basis, market, scenarios);
  const indexOf = new Map(market.underlyings.map(({ name }, index) => [name, index]));
  const underlying = basis.contracts.map((contract) => indexOf.get(contract.underlying)!);
  if (basis.kind === 'listed') {
    return {
      pnl: await REFERENCE_PRICER.pnl(basis.contracts, market, scenarios, options),
      sensitivities: REFERENCE_PRICER.sensitivities(basis.contracts, market),
      underlying: Int32Array.from(underlying),
    };
  }
  const spareColumns = basis.coordinates - basis.contracts.length;
  const pnl = await basis.pricer.pnl(basis.contracts, market, scenarios, { ...options, spareColumns });
  carryForward(pnl, basis, 'elapsedYears' in scenarios ? (scenarios.elapsedYears ?? 0) : 0);
  return {
    pnl,
    sensitivities: withCarry(basis.pricer.sensitivities(basis.contracts, market), market),
    underlying: Int32Array.from([...underlying, ...market.underlyings.map((_, u) => u), -1]),
  };
}

/** What theta makes of elapsed time, to first order: the linear contracts' own carry, which no contract of the basis has. */
function carryForward(
  { rows, cols, data }: Matrix,
  { contracts }: ChebyshevBasis,
  elapsedYears: number,
): void {
  for (let s = 0; s < rows && elapsedYears > 0; s++) {
    data.fill(elapsedYears, s * cols + contracts.length, (s + 1) * cols - 1);
  }
}

/** Appends the coordinates that are no contracts: a theta of each underlying, and cash. Neither moves in a scenario. */
function withCarry(sensitivities: UnitSensitivities, { underlyings }: Market): UnitSensitivities {
  const extended = (name: keyof UnitSensitivities): Float64Array => {
    const tail = underlyings.map(() => (name === 'theta' ? 1 : 0));
    return Float64Array.from([...sensitivities[name], ...tail, name === 'value' ? 1 : 0]);
  };
  return {
    value: extended('value'),
    delta: extended('delta'),
    gamma: extended('gamma'),
    vega: extended('vega'),
    theta: extended('theta'),
  };
}
