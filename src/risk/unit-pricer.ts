import type { Digestible } from '../base/digest.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Market } from '../domain/market.ts';
import type { NetGreekName } from '../domain/report.ts';
import type { ScenarioSet } from '../domain/scenarios.ts';
import type { Matrix } from '../numeric/matrix.ts';
import type { MarketMoves } from '../pricing/market-moves.ts';
import { type RevaluationOptions, scenarioPnl } from '../pricing/revalue.ts';
import { unitGreeks } from '../pricing/unit-value.ts';

/** Present value and first sensitivities of one unit of each contract. */
export type UnitSensitivities = { readonly value: Float64Array } & Readonly<
  Record<NetGreekName, Float64Array>
>;

/**
 * A plaintext pricing model: values the public contracts of a basis. It stays with whoever prices; only its identity is agreed,
 * as part of the basis' digest, so that both sides mean the same model.
 */
export type UnitPricer = {
  /** Name and parameters, public. */
  readonly identity: Digestible;
  /** Value change of each contract (column) in each scenario (row), followed by the spare columns that the options ask for. */
  pnl(
    contracts: readonly Instrument[],
    market: Market,
    scenarios: ScenarioSet | MarketMoves,
    options?: RevaluationOptions,
  ): Promise<Matrix>;
  sensitivities(contracts: readonly Instrument[], market: Market): UnitSensitivities;
};

/** The reference engine: Black-Scholes for European options, each other kind by its own model. */
export const REFERENCE_PRICER: UnitPricer = {
  identity: 'reference',
  pnl: scenarioPnl,
  sensitivities: unitGreeks,
};
