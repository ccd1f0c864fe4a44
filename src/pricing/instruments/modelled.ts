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

/** Years to the first event of a contract that is still to come: no derivative by time reaches across it. */
export function nextEventOf(contract: ModelledInstrument): number {
  if (contract.kind !== 'asian') return contract.expiryYears;
  return (contract.fixingDays.find((day) => day > 0) ?? 0) / 365;
}

/** A spot at which the value of a contract has a corner, and the side on which it has been touched. */
export type Corner = { readonly spot: number; readonly touched: 1 | -1 };

/** Where the value of a contract with time left has corners as a function of the spot. */
export function cornersOf(contract: ModelledInstrument): readonly Corner[] {
  switch (contract.kind) {
    case 'one_touch':
      return [{ spot: contract.barrier, touched: contract.direction === 'up' ? 1 : -1 }];
    case 'barrier':
      return [{ spot: contract.barrier, touched: contract.barrierType.startsWith('up') ? 1 : -1 }];
    case 'double_barrier':
      return [
        { spot: contract.lower, touched: -1 },
        { spot: contract.upper, touched: 1 },
      ];
    case 'lookback':
      // A fixed call and a floating put look at the maximum.
      return [
        {
          spot: contract.currentExtreme,
          touched: (contract.type === 'call') === (contract.strike !== undefined) ? 1 : -1,
        },
      ];
    default:
      return [];
  }
}
