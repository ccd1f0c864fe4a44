import type { Instrument, VanillaOption } from '../../domain/instrument.ts';
import { isLinear, type LinearInstrument } from './linear.ts';

/** Options that the vectorised Black-Scholes loops value. */
export function isVanilla(instrument: Instrument): instrument is VanillaOption {
  return (
    instrument.kind === 'option' && instrument.exercise === undefined && instrument.settlement === undefined
  );
}

/** Contracts that have a model of their own: neither a straight line nor plain Black-Scholes. */
export type ModelledInstrument = Exclude<Instrument, LinearInstrument>;

export function isModelled(instrument: Instrument): instrument is ModelledInstrument {
  return !isLinear(instrument) && !isVanilla(instrument);
}

/** Years to the last event of a contract. */
export function expiryOf(contract: VanillaOption | ModelledInstrument): number {
  return contract.kind === 'asian' ? contract.fixingDays.at(-1)! / 365 : contract.expiryYears;
}

/** The level at which a surface is read for a contract without a mark of its own: its strike, else its barrier, else the spot. */
export function surfaceLevelOf(contract: VanillaOption | ModelledInstrument, spot: number): number {
  if (contract.kind === 'one_touch') return contract.barrier;
  return contract.strike ?? spot;
}
