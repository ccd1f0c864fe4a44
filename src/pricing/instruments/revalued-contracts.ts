import type { Instrument } from '../../domain/instrument.ts';
import type { Market } from '../../domain/market.ts';
import { VOL_FLOOR } from '../../domain/scenarios.ts';
import type { CheckedMoves } from '../market-moves.ts';
import { volOf } from '../unit-value.ts';
import { type ContractBatch, contractBatches } from './contract-batches.ts';

/** Contracts with a model of their own, prepared for many scenarios. */
export type RevaluedContracts = {
  readonly batch: ContractBatch;
  /** Values now, at vols not below the floor. */
  readonly base: Float64Array;
  /** What a relative vol shift of 1 adds to each vol. */
  readonly volByTerm: Float64Array;
};

/** @param termOf how strongly a relative vol shift acts on a contract of so many years at that position of the list. */
export function revaluedContractsOf(
  instruments: readonly Instrument[],
  market: Market,
  termOf: (years: number, position: number) => number,
): RevaluedContracts[] {
  return contractBatches(instruments, market, volOf).map((found) => {
    const vol = found.today.vol.map((value) => Math.max(value, VOL_FLOOR));
    const batch: ContractBatch = { ...found, today: { ...found.today, vol } };
    const volByTerm = vol.map((value, i) => value * termOf(batch.years[i]!, batch.positions[i]!));
    return { batch, base: batch.value(batch.today).price, volByTerm };
  });
}

/** Value change of each contract of the batch in one scenario. */
export function contractChanges(
  { batch, base, volByTerm }: RevaluedContracts,
  { returns, shifts, relativeShifts, elapsedYears }: CheckedMoves,
  scenario: number,
  underlyings: number,
): Float64Array {
  const at = (i: number): number => scenario * underlyings + batch.underlyings[i]!;
  const { today } = batch;
  const { price } = batch.value({
    ...today,
    spot: today.spot.map((spot, i) => spot * (1 + returns[at(i)]!)),
    vol: today.vol.map((vol, i) =>
      Math.max(vol + volByTerm[i]! * relativeShifts[at(i)]! + shifts[at(i)]!, VOL_FLOOR),
    ),
    elapsedYears: new Float64Array(base.length).fill(elapsedYears),
  });
  return price.map((value, i) => value - base[i]!);
}
