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
import { americanPrices } from '../american/american.ts';
import { AMERICAN_SCHEMES } from '../american/scheme.ts';
import type { BlackScholesInputs } from '../black-scholes-inputs.ts';
import { inverseOptionGreeks } from '../crypto/inverse-option.ts';
import { turnbullWakemanAsianPrices } from '../exotic/asian.ts';
import { barrierPrices } from '../exotic/barrier.ts';
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
  /** Calendar time since the contracts' times to expiry were stated; negative is earlier. */
  readonly elapsedYears: number;
};

/** Unit values of contracts of one kind, in quote currency. */
type Valuer<T> = (contracts: readonly T[], state: ContractState) => Float64Array;

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
const yearsLeft = (contracts: readonly { readonly expiryYears: number }[], elapsed: number): Float64Array =>
  column(contracts, ({ expiryYears }) => Math.max(expiryYears - elapsed, 0));

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

/** How each kind is valued. One-touch options pay at the hit; Asian options are valued by Turnbull and Wakeman (F56). */
export const CONTRACT_VALUERS: { readonly [K in keyof ContractKinds]: Valuer<ContractKinds[K]> } = {
  // Scenarios are many: the scheme `fast` is good to 1e-11 of spot in the median.
  american: (contracts, state) => americanPrices(vanillaTerms(contracts, state), AMERICAN_SCHEMES.fast),

  // Coins at expiry are worth their number times the spot now: the coin pays no interest to its holder.
  inverse(contracts, state) {
    const { sign, strike, expiryYears, vol } = vanillaTerms(contracts, state);
    const forward = state.spot.map(
      (spot, i) => spot * Math.exp((state.rate[i]! - state.dividendYield[i]!) * expiryYears[i]!),
    );
    const { priceCoin } = inverseOptionGreeks({ sign, forward, strike, expiryYears, vol });
    return priceCoin.map((coins, i) => coins * state.spot[i]!);
  },

  digital(contracts, state) {
    const { price } = digitalGreeks({
      kind: contracts.map(({ cash }) => (cash === undefined ? 'asset' : 'cash')),
      cash: column(contracts, ({ cash }) => cash ?? 0),
      option: vanillaTerms(contracts, state),
    });
    return price;
  },

  one_touch(contracts, { spot, rate, dividendYield, vol, elapsedYears }) {
    const { price } = oneTouchPrices({
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
    return price;
  },

  barrier(contracts, state) {
    const { price } = barrierPrices({
      direction: contracts.map(({ barrierType }) => (barrierType.startsWith('up') ? 'up' : 'down')),
      knock: contracts.map(({ barrierType }) => (barrierType.endsWith('in') ? 'in' : 'out')),
      option: vanillaTerms(contracts, state),
      barrier: column(contracts, ({ barrier }) => barrier),
      rebate: column(contracts, ({ rebate }) => rebate),
    });
    return price;
  },

  double_barrier(contracts, state) {
    const { price } = doubleBarrierPrices({
      knock: contracts.map(({ knock }) => (knock === 'knock_in' ? 'in' : 'out')),
      option: vanillaTerms(contracts, state),
      lower: column(contracts, ({ lower }) => lower),
      upper: column(contracts, ({ upper }) => upper),
    });
    return price;
  },

  asian(contracts, { spot, rate, dividendYield, vol, elapsedYears }) {
    return turnbullWakemanAsianPrices({
      sign: signs(contracts),
      spot,
      strike: column(contracts, ({ strike }) => strike),
      fixingYears: contracts.map(({ fixingDays }) =>
        Float64Array.from(fixingDays, (day) => day / 365 - elapsedYears),
      ),
      rate,
      dividendYield,
      vol,
    });
  },

  lookback(contracts, { spot, rate, dividendYield, vol, elapsedYears }) {
    const { price } = lookbackPrices({
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
    return price;
  },
};
