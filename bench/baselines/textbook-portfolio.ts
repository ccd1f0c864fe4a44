import type { Forward, Spot, VanillaOption } from '../../src/domain/instrument.ts';
import type { Underlying } from '../../src/domain/market.ts';
import { VOL_FLOOR } from '../../src/domain/scenarios.ts';
import type { FigureInputs, Task } from '../../test/support/portfolio-figures.ts';
import { textbookPrice } from './textbook-black-scholes.ts';

/** One holding as most JavaScript code has it. */
type Holding = {
  readonly instrument: VanillaOption | Forward | Spot;
  readonly units: number;
  readonly underlying: Underlying;
  readonly u: number;
};

/** How one scenario moves an instrument: S (1 + spotReturn), vol to vol(old), t less elapsed. */
type Move = {
  readonly spotReturn: number;
  readonly vol: (old: number, years: number) => number;
  readonly elapsed: number;
};

/**
 * The baseline: every position is priced again in every scenario with the formulas as a textbook prints them, one object at a
 * time, and summed by underlying.
 */
export class TextbookPortfolio {
  readonly #holdings: readonly Holding[];
  readonly #base: readonly number[];
  readonly #underlyings: number;

  constructor({ holdings, market }: Task) {
    this.#underlyings = market.underlyings.length;
    this.#holdings = holdings.instruments.map((instrument, i) => {
      const u = market.underlyings.findIndex(({ name }) => name === instrument.underlying);
      if (instrument.kind !== 'option' && instrument.kind !== 'forward' && instrument.kind !== 'spot') {
        throw new Error(`the baseline does not know ${instrument.kind}`);
      }
      return { instrument, units: holdings.units[i]!, underlying: market.underlyings[u]!, u };
    });
    const still: Move = { spotReturn: 0, vol: (old) => old, elapsed: 0 };
    this.#base = this.#holdings.map((holding) => valueOf(holding, still));
  }

  /** P&L by underlying in one scenario. */
  pnl(moveOf: (u: number) => Move): number[] {
    const moves = Array.from({ length: this.#underlyings }, (_, u) => moveOf(u));
    const out = new Array<number>(this.#underlyings).fill(0);
    for (let i = 0; i < this.#holdings.length; i++) {
      const holding = this.#holdings[i]!;
      out[holding.u]! += holding.units * (valueOf(holding, moves[holding.u]!) - this.#base[i]!);
    }
    return out;
  }
}

function valueOf({ instrument, underlying }: Holding, { spotReturn, vol, elapsed }: Move): number {
  const { rate: r, dividendYield: q } = underlying;
  const spot = underlying.spot * (1 + spotReturn);
  if (instrument.kind === 'spot') return spot;
  const { strike } = instrument;
  const t = Math.max(instrument.expiryYears - elapsed, 0);
  if (instrument.kind === 'forward') return spot * Math.exp(-q * t) - strike * Math.exp(-r * t);
  const moved = vol(instrument.vol!, instrument.expiryYears);
  return textbookPrice({ type: instrument.type, spot, strike, t, r, q, vol: moved });
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** P&L by underlying of every row of the scenario file, a row a scenario. */
export function textbookScenarios(portfolio: TextbookPortfolio, { scenarios, market }: Task): number[][] {
  const { rows, cols, data } = scenarios.moves;
  // The factors of the reference are all spot returns, then all vol shifts, in the order of the underlyings.
  const shifts = market.underlyings.length;
  return Array.from({ length: rows }, (_, s) =>
    portfolio.pnl((u) => ({
      spotReturn: data[s * cols + u]!,
      vol: (old) => Math.max(old + data[s * cols + shifts + u]!, VOL_FLOOR),
      elapsed: 0,
    })),
  );
}

/** What the whole file costs in repricings: scenarios, stress grid, risk arrays, margin arrays, P&L explain. */
export type TextbookFigures = {
  readonly pnl: readonly number[];
  readonly var99: number;
  readonly shortfall975: number;
  readonly worstTotal: number;
  readonly scanRisk: number;
  readonly margin: number;
  readonly explained: number;
};

/** The figures of expected.json that need full revaluation, one scenario after the other; nothing else of the file. */
export function textbookFigures(task: Task): TextbookFigures {
  const { expected, scenarios, market } = task;
  const portfolio = new TextbookPortfolio(task);
  const pnl = textbookScenarios(portfolio, task).map(sum);
  const losses = pnl.map((gain) => -gain).sort((a, b) => a - b);
  const n = losses.length;
  const k = n * 0.025;
  const whole = losses.slice(n - Math.floor(k));
  const shortfall = (sum(whole) + (k - Math.floor(k)) * losses[n - Math.floor(k) - 1]!) / k;
  const { spot_relative_shift, vol_relative_shift } = expected.stress_grid;
  const grid = spot_relative_shift.flatMap((spotReturn) =>
    vol_relative_shift.map((shift) =>
      sum(portfolio.pnl(() => ({ spotReturn, vol: (old) => old * (1 + shift), elapsed: 0 }))),
    ),
  );
  const row = scenarios.moves.data.subarray(
    expected.pnl_explain.scenario * scenarios.moves.cols,
    (expected.pnl_explain.scenario + 1) * scenarios.moves.cols,
  );
  const shifts = market.underlyings.length;
  return {
    pnl,
    var99: losses[Math.ceil(n * 0.99) - 1]!,
    shortfall975: shortfall,
    worstTotal: Math.min(...grid),
    scanRisk: scanRisk(portfolio, expected.span_like),
    margin: margin(portfolio, expected.pm_like),
    explained: sum(
      portfolio.pnl((u) => ({
        spotReturn: row[u]!,
        vol: (old) => Math.max(old + row[shifts + u]!, VOL_FLOOR),
        elapsed: expected.pnl_explain.days / 365,
      })),
    ),
  };
}

function worstByUnderlying(arrays: readonly number[][]): number {
  return sum(arrays[0]!.map((_, u) => Math.max(0, ...arrays.map((pnl) => -pnl[u]!))));
}

function scanRisk(portfolio: TextbookPortfolio, inputs: FigureInputs['span_like']): number {
  return worstByUnderlying(
    inputs.scenarios_price_vol_cover.map(([price, vol, cover]) =>
      portfolio
        .pnl((u) => ({
          spotReturn: price * inputs.price_scan_range[u]!,
          vol: (old) => old * (1 + vol * inputs.vol_scan_range[u]!),
          elapsed: 0,
        }))
        .map((gain) => gain * cover),
    ),
  );
}

function margin(portfolio: TextbookPortfolio, inputs: FigureInputs['pm_like']): number {
  const step = (2 * inputs.price_range) / (inputs.price_buckets - 1);
  return worstByUnderlying(
    Array.from({ length: inputs.price_buckets }, (_, bucket) => bucket * step - inputs.price_range).flatMap(
      (spotReturn) =>
        [-inputs.vol_down, 0, inputs.vol_up].map((shock) =>
          portfolio.pnl(() => ({
            spotReturn,
            vol: (old, years) => {
              const days = years * 365;
              const exponent = days < inputs.pivot_days ? inputs.exponent_short : inputs.exponent_long;
              return Math.max(old * (1 + shock * (inputs.pivot_days / days) ** exponent), VOL_FLOOR);
            },
            elapsed: 0,
          })),
        ),
    ),
  );
}
