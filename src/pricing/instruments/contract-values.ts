import type {
  AsianOption,
  BarrierOption,
  Digital,
  DoubleBarrierOption,
  LookbackOption,
  OneTouch,
  OptionType,
  VanillaOption,
} from '../../domain/instrument.ts';
import { americanGreeks } from '../american/american.ts';
import { AMERICAN_SCHEMES } from '../american/scheme.ts';
import type { BlackScholesInputs } from '../black-scholes-inputs.ts';
import { inverseOptionGreeks } from '../crypto/inverse-option.ts';
import { arithmeticAsianPrices } from '../exotic/arithmetic-asian.ts';
import { barrierPrices } from '../exotic/barrier.ts';
import type { BarrierValues } from '../exotic/barrier-values.ts';
import { digitalGreeks } from '../exotic/digital.ts';
import { doubleBarrierPrices } from '../exotic/double-barrier.ts';
import { lookbackPrices } from '../exotic/lookback.ts';
import { oneTouchPrices } from '../exotic/one-touch.ts';

/** Market data of a batch of contracts, an element a contract. */
export type ContractState = {
  readonly spot: Float64Array;
  readonly rate: Float64Array;
  readonly dividendYield: Float64Array;
  readonly vol: Float64Array;
  /** Calendar time since the contract's times were stated; negative is earlier. */
  readonly elapsedYears: Float64Array;
};

/** Unit values and deltas of contracts of one kind, in quote currency. */
type Valuer<T> = (contracts: readonly T[], state: ContractState) => BarrierValues;

/** Contracts by how they are valued. */
export type ContractKinds = {
  american: VanillaOption;
  inverse: VanillaOption;
  digital: Digital;
  one_touch: OneTouch;
  barrier: BarrierOption;
  double_barrier: DoubleBarrierOption;
  asian: AsianOption;
  lookback: LookbackOption;
};

const column = <T>(contracts: readonly T[], of: (contract: T) => number): Float64Array =>
  Float64Array.from(contracts, of);

const signs = (contracts: readonly { readonly type: OptionType }[]): Float64Array =>
  column(contracts, ({ type }) => (type === 'call' ? 1 : -1));

/** Time left; nothing is left after expiry. */
const yearsLeft = (
  contracts: readonly { readonly expiryYears: number }[],
  elapsed: Float64Array,
): Float64Array =>
  Float64Array.from(contracts, ({ expiryYears }, i) => Math.max(expiryYears - elapsed[i]!, 0));

function vanillaTerms(
  contracts: readonly { readonly type: OptionType; readonly strike: number; readonly expiryYears: number }[],
  { spot, rate, dividendYield, vol, elapsedYears }: ContractState,
): BlackScholesInputs {
  return {
    sign: signs(contracts),
    spot,
    strike: column(contracts, ({ strike }) => strike),
    expiryYears: yearsLeft(contracts, elapsedYears),
    rate,
    dividendYield,
    vol,
  };
}

/** How each kind is valued. One-touch options pay at the hit; fixings of Asian options that pass are made at the spot of the state. */
export const CONTRACT_VALUERS: { readonly [K in keyof ContractKinds]: Valuer<ContractKinds[K]> } = {
  // Scenarios are many: the scheme `fast` is good to 1e-11 of spot in the median.
  american: (contracts, state) => americanGreeks(vanillaTerms(contracts, state), AMERICAN_SCHEMES.fast),

  // Coins at expiry are worth their number times the spot now: the coin pays no interest to its holder.
  inverse(contracts, state) {
    const { sign, strike, expiryYears, vol } = vanillaTerms(contracts, state);
    const forward = state.spot.map(
      (spot, i) => spot * Math.exp((state.rate[i]! - state.dividendYield[i]!) * expiryYears[i]!),
    );
    const { priceCoin, coinDelta } = inverseOptionGreeks({ sign, forward, strike, expiryYears, vol });
    return {
      price: priceCoin.map((coins, i) => coins * state.spot[i]!),
      delta: priceCoin.map((coins, i) => coins + forward[i]! * coinDelta[i]!),
    };
  },

  digital(contracts, state) {
    return digitalGreeks({
      kind: contracts.map(({ cash }) => (cash === undefined ? 'asset' : 'cash')),
      cash: column(contracts, ({ cash }) => cash ?? 0),
      option: vanillaTerms(contracts, state),
    });
  },

  one_touch(contracts, { spot, rate, dividendYield, vol, elapsedYears }) {
    return oneTouchPrices({
      direction: contracts.map(({ direction }) => direction),
      payment: contracts.map(() => 'hit'),
      spot,
      barrier: column(contracts, ({ barrier }) => barrier),
      expiryYears: yearsLeft(contracts, elapsedYears),
      rate,
      dividendYield,
      vol,
      cash: column(contracts, ({ cash }) => cash),
    });
  },

  barrier(contracts, state) {
    return barrierPrices({
      direction: contracts.map(({ barrierType }) => (barrierType.startsWith('up') ? 'up' : 'down')),
      knock: contracts.map(({ barrierType }) => (barrierType.endsWith('in') ? 'in' : 'out')),
      option: vanillaTerms(contracts, state),
      barrier: column(contracts, ({ barrier }) => barrier),
      rebate: column(contracts, ({ rebate }) => rebate),
    });
  },

  double_barrier(contracts, state) {
    return doubleBarrierPrices({
      knock: contracts.map(({ knock }) => (knock === 'knock_in' ? 'in' : 'out')),
      option: vanillaTerms(contracts, state),
      lower: column(contracts, ({ lower }) => lower),
      upper: column(contracts, ({ upper }) => upper),
    });
  },

  asian(contracts, { spot, rate, dividendYield, vol, elapsedYears }) {
    return arithmeticAsianPrices({
      sign: signs(contracts),
      spot,
      strike: column(contracts, ({ strike }) => strike),
      fixingYears: contracts.map(({ fixingDays }, i) =>
        // What is fixed now stays so earlier, too: a theta looks at both sides.
        Float64Array.from(fixingDays, (day) => (day === 0 ? 0 : Math.max(day / 365 - elapsedYears[i]!, 0))),
      ),
      rate,
      dividendYield,
      vol,
    });
  },

  lookback(contracts, { spot, rate, dividendYield, vol, elapsedYears }) {
    return lookbackPrices({
      kind: contracts.map(({ strike }) => (strike === undefined ? 'floating' : 'fixed')),
      sign: signs(contracts),
      spot,
      strike: column(contracts, ({ strike }) => strike ?? 1),
      currentExtreme: column(contracts, ({ currentExtreme }) => currentExtreme),
      expiryYears: yearsLeft(contracts, elapsedYears),
      rate,
      dividendYield,
      vol,
    });
  },
};
