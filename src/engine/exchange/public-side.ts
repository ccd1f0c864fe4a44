import type { Circuit } from '../../algebra/circuit.ts';
import type { RunOptions } from '../../base/progress.ts';
import { type CoefficientPlan, planCoefficients } from '../../ckks/coefficient-plan.ts';
import type { Book } from '../../domain/book.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { Market } from '../../domain/market.ts';
import type { ScenarioSet } from '../../domain/scenarios.ts';
import type { ChebyshevBasis } from '../../risk/bases/chebyshev/basis.ts';
import type { ListedBasis } from '../../risk/bases/listed.ts';
import { type RiskInput, type RiskOutput, riskCircuit } from '../../risk/program.ts';
import { type Valuation, valuationOf } from '../../risk/valuation.ts';
import { agreedBasis } from './agreed-basis.ts';
import type { BasisProposal } from './basis-file.ts';
import type { PublicDigests } from './description.ts';

export type RiskPlan = CoefficientPlan<RiskInput, RiskOutput>;

/** The public files of a run. */
export type PublicFiles = {
  /** In the `listed` basis all contracts; beside a proposed basis those outside its domain. */
  readonly contracts: readonly Instrument[];
  /** What the owner proposes instead of a list of contracts. */
  readonly proposal?: BasisProposal | undefined;
  readonly market: Market;
  readonly scenarios: ScenarioSet;
};

/** What both sides derive from the public files, each for itself. */
export type PublicSide = {
  readonly basis: ListedBasis | ChebyshevBasis;
  readonly valuation: Valuation;
  readonly circuit: Circuit<RiskInput, RiskOutput>;
};

/** @throws IntegrityError where the proposed basis is not the one that these settings, contracts and market give. */
export async function publicSideOf(files: PublicFiles, options: RunOptions = {}): Promise<PublicSide> {
  const basis = agreedBasis(files);
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

/** The contracts with coordinates of their own as a book of one unit each, for contracts.csv: terms, and no holding. */
export function contractList(basis: PublicSide['basis']): Book {
  const contracts = basis.kind === 'listed' ? basis.contracts : basis.listed;
  return {
    positions: contracts.map((instrument, j) => ({
      id: `c${j + 1}`,
      instrument,
      quantity: 1,
      multiplier: 1,
    })),
  };
}
