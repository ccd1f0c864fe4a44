import { RangeError } from '../../base/errors.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { Market } from '../../domain/market.ts';
import type { BarrierValues } from '../exotic/barrier-values.ts';
import { CONTRACT_VALUERS, type ContractKinds, type ContractState } from './contract-values.ts';
import { expiryOf, isModelled, type ModelledInstrument } from './modelled.ts';

/** Contracts of one valuation among a list of instruments. */
export type ContractBatch = {
  /** Index of each contract in the list. */
  readonly positions: Int32Array;
  /** Index of each contract's underlying in the market. */
  readonly underlyings: Int32Array;
  readonly contracts: readonly ModelledInstrument[];
  /** Years to the last event of each contract. */
  readonly years: Float64Array;
  /** Today's market data, an element a contract. */
  readonly today: ContractState;
  /** Unit values and deltas under other market data. */
  readonly value: (state: ContractState) => BarrierValues;
};

function valuationOf(contract: ModelledInstrument): keyof ContractKinds {
  if (contract.kind !== 'option') return contract.kind;
  return contract.exercise === 'american' ? 'american' : 'inverse';
}

/** What valuers do not see: they are given the time that is left, and vols that a scenario has floored. */
function checkContract(index: number, { kind }: ModelledInstrument, vol: number, years: number): void {
  for (const [field, found] of [
    ['vol', vol],
    ['expiryYears', years],
  ] as const) {
    if (found >= 0 && found < Number.POSITIVE_INFINITY) continue;
    throw new RangeError(
      `instrument ${index}: expected a number of at least 0 as ${field} of the ${kind}, found ${found}`,
      {
        index,
        field,
        found,
      },
    );
  }
}

/**
 * Groups the contracts that have a model of their own by that model.
 * @param volOf the volatility at which a contract is valued: its mark, or the surface's.
 */
export function contractBatches(
  instruments: readonly Instrument[],
  market: Market,
  volOf: (contract: ModelledInstrument, underlying: Market['underlyings'][number]) => number,
): ContractBatch[] {
  const groups = new Map<keyof ContractKinds, [position: number, contract: ModelledInstrument][]>();
  instruments.forEach((instrument, position) => {
    if (!isModelled(instrument)) return;
    const kind = valuationOf(instrument);
    if (!Object.hasOwn(CONTRACT_VALUERS, kind)) {
      throw new RangeError(
        `instrument ${position}: expected a kind that can be valued, found ${String(kind)}`,
        {
          index: position,
          kind: String(kind),
        },
      );
    }
    const members = groups.get(kind) ?? [];
    members.push([position, instrument]);
    groups.set(kind, members);
  });
  const indexOf = new Map(market.underlyings.map(({ name }, index) => [name, index]));
  return [...groups].map(([kind, members]): ContractBatch => {
    const contracts = members.map(([, contract]) => contract);
    const underlyings = Int32Array.from(contracts, ({ underlying }) => indexOf.get(underlying)!);
    const of = (i: number) => market.underlyings[underlyings[i]!]!;
    const column = (read: (i: number) => number) => Float64Array.from(contracts, (_, i) => read(i));
    const vols = column((i) => volOf(contracts[i]!, of(i)));
    const years = Float64Array.from(contracts, expiryOf);
    members.forEach(([position, contract], i) => {
      checkContract(position, contract, vols[i]!, years[i]!);
    });
    const valuer = CONTRACT_VALUERS[kind] as (
      of: readonly ModelledInstrument[],
      state: ContractState,
    ) => BarrierValues;
    return {
      positions: Int32Array.from(members, ([position]) => position),
      underlyings,
      contracts,
      years,
      today: {
        spot: column((i) => of(i).spot),
        rate: column((i) => of(i).rate),
        dividendYield: column((i) => of(i).dividendYield),
        vol: vols,
        elapsedYears: new Float64Array(contracts.length),
      },
      value: (state) => valuer(contracts, state),
    };
  });
}
