import type { Circuit } from '../../algebra/circuit.ts';
import type { RunOptions } from '../../base/progress.ts';
import { type CoefficientPlan, planCoefficients } from '../../ckks/coefficient-plan.ts';
import type { Book } from '../../domain/book.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { Market } from '../../domain/market.ts';
import type { ScenarioSet } from '../../domain/scenarios.ts';
import { type ListedBasis, listedBasis } from '../../risk/bases/listed.ts';
import { type RiskInput, type RiskOutput, riskCircuit } from '../../risk/program.ts';
import { type Valuation, valuationOf } from '../../risk/valuation.ts';
import type { PublicDigests } from './description.ts';

export type RiskPlan = CoefficientPlan<RiskInput, RiskOutput>;

/** The public files of a run. */
export type PublicFiles = {
  readonly contracts: readonly Instrument[];
  readonly market: Market;
  readonly scenarios: ScenarioSet;
};

/** What both sides derive from the public files, each for itself. */
export type PublicSide = {
  readonly basis: ListedBasis;
  readonly valuation: Valuation;
  readonly circuit: Circuit<RiskInput, RiskOutput>;
};

export async function publicSideOf(files: PublicFiles, options: RunOptions = {}): Promise<PublicSide> {
  const basis = listedBasis(files.contracts, files.market);
  const valuation = await valuationOf(basis, files.market, files.scenarios, options);
  return { basis, valuation, circuit: riskCircuit(valuation) };
}

/** @param precision wanted error of the normalised outputs. */
export function planOf(side: PublicSide, precision: number): RiskPlan {
  return planCoefficients(side.circuit, { precision });
}

export function digestsOf(side: PublicSide, plan: RiskPlan): PublicDigests {
  return {
    valuation: side.valuation.digest,
    circuit: side.circuit.digest,
    parameters: plan.parameters.digest,
  };
}

/** The list of contracts as a book of one unit each, for contracts.csv: terms, and no holding. */
export function contractList({ contracts }: ListedBasis): Book {
  return {
    positions: contracts.map((instrument, j) => ({
      id: `c${j + 1}`,
      instrument,
      quantity: 1,
      multiplier: 1,
    })),
  };
}
