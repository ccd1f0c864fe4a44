import type { Digestible } from '../../base/digest.ts';
import { RangeError } from '../../base/errors.ts';
import { breathe, throwIfAborted } from '../../base/progress.ts';
import type { Instrument, VanillaOption } from '../../domain/instrument.ts';
import type { Market } from '../../domain/market.ts';
import { VOL_FLOOR } from '../../domain/scenarios.ts';
import { movesOf } from '../../pricing/market-moves.ts';
import { type HestonInputs, hestonGreeks, hestonPrices } from '../../pricing/models/heston.ts';
import { REFERENCE_PRICER, type UnitPricer, type UnitSensitivities } from '../unit-pricer.ts';

/** Heston's parameters of one underlying; names as in `HestonInputs`. */
export type HestonParameters = {
  readonly initialVariance: number;
  readonly meanReversion: number;
  readonly longVariance: number;
  readonly volOfVol: number;
  readonly correlation: number;
};

/** Vols are moved by this much for vega. */
const VOL_STEP = 1e-4;

/**
 * Prices the European options of a basis by Heston's model (F80), everything else by the reference engine. A vol shift moves both sqrt(v0) and
 * sqrt(theta), and vega is the derivative by it; vols of contracts are not read. Books of options on underlyings without parameters are refused.
 * Cost: about 0.1 ms an expiry and 1 us a strike of each scenario.
 * @param parameters by name of the underlying. They stay with whoever prices; the digest of a basis covers them.
 */
export function hestonPricer(parameters: Readonly<Record<string, HestonParameters>>): UnitPricer {
  return {
    identity: { model: 'heston', parameters: parameters as Digestible },
    async pnl(contracts, market, scenarios, options = {}) {
      const out = await REFERENCE_PRICER.pnl(contracts, market, scenarios, options);
      const { options: european, at } = europeanOptions(contracts);
      const { rows, returns, shifts, relativeShifts, volTerm, elapsedYears } = movesOf(scenarios, market);
      const base = hestonPrices(inputsOf(european, market, parameters));
      const count = market.underlyings.length;
      for (let s = 0; s < rows; s++) {
        const moved = inputsOf(european, market, parameters, (u, option) => {
          const term = volTerm?.(option.expiryYears) ?? 1;
          return {
            growth: 1 + returns[s * count + u]!,
            relative: 1 + relativeShifts[s * count + u]! * term,
            shift: shifts[s * count + u]!,
            elapsedYears,
          };
        });
        hestonPrices(moved).forEach((price, i) => {
          out.data[s * out.cols + at[i]!] = price - base[i]!;
        });
        options.onProgress?.({ phase: 'revalue', done: s + 1, total: rows });
        await breathe();
        throwIfAborted(options.signal, 'revaluing scenarios');
      }
      return out;
    },
    sensitivities(contracts, market) {
      const reference = REFERENCE_PRICER.sensitivities(contracts, market);
      const { options, at } = europeanOptions(contracts);
      const greeks = hestonGreeks(inputsOf(options, market, parameters));
      const shifted = (shift: number): Float64Array =>
        hestonPrices(inputsOf(options, market, parameters, () => ({ ...STILL, shift })));
      const [up, down] = [shifted(VOL_STEP), shifted(-VOL_STEP)];
      const vega = up.map((price, i) => (price - down[i]!) / (2 * VOL_STEP));
      const replaced = (own: Float64Array, by: Float64Array): Float64Array => {
        const out = own.slice();
        by.forEach((value, i) => {
          out[at[i]!] = value;
        });
        return out;
      };
      const sensitivities: UnitSensitivities = {
        value: replaced(reference.value, greeks.price),
        delta: replaced(reference.delta, greeks.delta),
        gamma: replaced(reference.gamma, greeks.gamma),
        vega: replaced(reference.vega, vega),
        theta: replaced(reference.theta, greeks.theta),
      };
      return sensitivities;
    },
  };
}

function europeanOptions(contracts: readonly Instrument[]): {
  readonly options: readonly VanillaOption[];
  readonly at: readonly number[];
} {
  const at = [...contracts.keys()].filter((j) => {
    const contract = contracts[j]!;
    return contract.kind === 'option' && contract.exercise === undefined && contract.settlement === undefined;
  });
  return { options: at.map((j) => contracts[j] as VanillaOption), at };
}

type Move = {
  readonly growth: number;
  readonly relative: number;
  readonly shift: number;
  readonly elapsedYears: number;
};
const STILL: Move = { growth: 1, relative: 1, shift: 0, elapsedYears: 0 };

function inputsOf(
  options: readonly VanillaOption[],
  market: Market,
  parameters: Readonly<Record<string, HestonParameters>>,
  moveOf: (underlying: number, option: VanillaOption) => Move = () => STILL,
): HestonInputs {
  const indexOf = new Map(market.underlyings.map(({ name }, index) => [name, index]));
  const column = (): Float64Array => new Float64Array(options.length);
  const inputs = {
    sign: column(),
    spot: column(),
    strike: column(),
    expiryYears: column(),
    rate: column(),
    dividendYield: column(),
    initialVariance: column(),
    meanReversion: column(),
    longVariance: column(),
    volOfVol: column(),
    correlation: column(),
  };
  options.forEach((option, i) => {
    const own = parameters[option.underlying];
    if (own === undefined) {
      throw new RangeError(`${option.underlying} has no Heston parameters`, {
        underlying: option.underlying,
      });
    }
    const u = indexOf.get(option.underlying)!;
    const { spot, rate, dividendYield } = market.underlyings[u]!;
    const move = moveOf(u, option);
    const variance = (v: number): number =>
      Math.max(Math.sqrt(v) * move.relative + move.shift, VOL_FLOOR) ** 2;
    inputs.sign[i] = option.type === 'call' ? 1 : -1;
    inputs.spot[i] = spot * move.growth;
    inputs.strike[i] = option.strike;
    inputs.expiryYears[i] = Math.max(option.expiryYears - move.elapsedYears, 0);
    inputs.rate[i] = rate;
    inputs.dividendYield[i] = dividendYield;
    inputs.initialVariance[i] = variance(own.initialVariance);
    inputs.meanReversion[i] = own.meanReversion;
    inputs.longVariance[i] = variance(own.longVariance);
    inputs.volOfVol[i] = own.volOfVol;
    inputs.correlation[i] = own.correlation;
  });
  return inputs;
}
