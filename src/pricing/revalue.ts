import { breathe, type RunOptions, throwIfAborted } from '../base/progress.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Market } from '../domain/market.ts';
import { type ScenarioSet, VOL_FLOOR } from '../domain/scenarios.ts';
import { EXP2_FRACTIONS, POWERS_OF_TWO } from '../numeric/exp-log-tables.ts';
import { type Matrix, matrixOf } from '../numeric/matrix.ts';
import { SIGNED_MILLS } from '../numeric/mills-table.ts';
import { type OptionSegment, planRevaluation, type RevaluationPlan } from './revaluation-plan.ts';

// Local names: V8 folds constants of the own module, not imported bindings.
const EXP2 = EXP2_FRACTIONS;
const POW2 = POWERS_OF_TWO;
const MILLS = SIGNED_MILLS;
// As in black-scholes-block.ts.
const STEPS_PER_UNIT = 128 / Math.LN2;
const STEP_HIGH = 0.005415208637714386;
const STEP_LOW = 3.710410186743494e-9;
const EXP_BIAS = 1200 * 128;
const FAR = 39;

/** Repricings between two looks at the abort signal: some tens of milliseconds. */
const REPRICINGS_PER_BREATH = 400_000;

/**
 * Value change of one unit of each instrument under each scenario, by full revaluation (F11): row s, column i is the value
 * of instrument i under scenario s less its value now.
 *
 * A scenario maps S to S (1 + return) and every vol to max(vol + shift, VOL_FLOOR), without ageing. An option without a mark
 * of its own keeps the surface's vol at today's market (sticky strike). Today's value takes the same floor, so that a
 * scenario without moves gives exactly zero.
 *
 * Accuracy: 1e-15 of spot plus strike. Cost: one exponential, one division and two table polynomials a repricing;
 * memory: the result and a few numbers an instrument.
 * @throws ShapeError for an underlying that the market lacks, or factors that do not match the moves.
 * @throws RangeError as `blackScholesPrices`, for an option without a vol, and for a spot return of -1 or less.
 */
export function scenarioPnlSync(
  instruments: readonly Instrument[],
  market: Market,
  scenarios: ScenarioSet,
): Matrix {
  const plan = planRevaluation(instruments, market, scenarios);
  const rows = scenarios.moves.rows;
  const out = matrixOf(rows, plan.columns);
  const base = baseValues(plan);
  fillRows(plan, base, 0, rows, out);
  return out;
}

/**
 * {@link scenarioPnlSync} that lets other work run between blocks of scenarios, reports progress (phase `revalue`, counted in
 * scenarios) and can be aborted.
 * @throws AbortError when `options.signal` fires.
 */
export async function scenarioPnl(
  instruments: readonly Instrument[],
  market: Market,
  scenarios: ScenarioSet,
  options: RunOptions = {},
): Promise<Matrix> {
  throwIfAborted(options.signal, 'revaluing scenarios');
  const plan = planRevaluation(instruments, market, scenarios);
  const rows = scenarios.moves.rows;
  const out = matrixOf(rows, plan.columns);
  const base = baseValues(plan);
  const block = Math.max(1, Math.floor(REPRICINGS_PER_BREATH / Math.max(1, plan.columns)));
  for (let from = 0; from < rows; from += block) {
    const to = Math.min(rows, from + block);
    fillRows(plan, base, from, to, out);
    options.onProgress?.({ phase: 'revalue', done: to, total: rows });
    if (to < rows) await breathe();
    throwIfAborted(options.signal, 'revaluing scenarios');
  }
  return out;
}

/** Today's value of every option, by the arithmetic of the scenarios: differences then carry no error of two formulas. */
function baseValues(plan: RevaluationPlan): readonly Float64Array[] {
  return plan.options.map((segment) => {
    const values = new Float64Array(plan.columns);
    revalueSegment(segment, 1, 0, 0, new Float64Array(segment.column.length), values, 0);
    return Float64Array.from(segment.column, (column) => values[column]!);
  });
}

function fillRows(
  plan: RevaluationPlan,
  base: readonly Float64Array[],
  from: number,
  to: number,
  out: Matrix,
): void {
  const { columns, underlyings, returns, shifts, linear, expired } = plan;
  const { data } = out;
  // Segment outside, scenario inside: the numbers of a segment stay in cache for all scenarios of the block.
  plan.options.forEach((segment, g) => {
    for (let s = from; s < to; s++) {
      const move = returns[s * underlyings + segment.underlying]!;
      const shift = shifts[s * underlyings + segment.underlying]!;
      revalueSegment(segment, 1 + move, Math.log1p(move), shift, base[g]!, data, s * columns);
    }
  });
  for (let s = from; s < to; s++) {
    for (let i = 0; i < linear.column.length; i++) {
      const move = returns[s * underlyings + linear.underlying[i]!]!;
      data[s * columns + linear.column[i]!] = linear.spotPv[i]! * move;
    }
    for (const { underlying, column, sign, spot, strike } of expired) {
      const moved = spot * (1 + returns[s * underlyings + underlying]!);
      data[s * columns + column] = Math.max(sign * (moved - strike), 0) - Math.max(sign * (spot - strike), 0);
    }
  }
}

/**
 * out[start + column] = value of each option with the spot multiplied by `growth` = e^`logGrowth` and vols shifted, less `base`.
 * The arithmetic is that of black-scholes-block.ts, in one loop because little of it is left.
 */
function revalueSegment(
  segment: OptionSegment,
  growth: number,
  logGrowth: number,
  shift: number,
  base: Float64Array,
  out: Float64Array,
  start: number,
): void {
  const { column, sign, logForward, rootT, vol, spotPv, strikePv } = segment;
  const count = column.length;
  for (let i = 0; i < count; i++) {
    const shifted = vol[i]! + shift;
    const deviation = Math.max(shifted, VOL_FLOOR) * rootT[i]!;
    let d1 = (logForward[i]! + logGrowth) / deviation + 0.5 * deviation;
    let d2 = d1 - deviation;
    if (d1 > FAR) d1 = FAR;
    else if (d1 < -FAR) d1 = -FAR;
    if (d2 > FAR) d2 = FAR;
    else if (d2 < -FAR) d2 = -FAR;

    const x = -0.5 * d1 * d1;
    const n = (x * STEPS_PER_UNIT + (EXP_BIAS + 0.5)) | 0;
    const steps = n - EXP_BIAS;
    const r = x - steps * STEP_HIGH - steps * STEP_LOW;
    const r2 = r * r;
    const p = r + r2 * (0.5 + r * (1 / 6) + r2 * (1 / 24 + r * (1 / 120)));
    const fraction = EXP2[n & 127]!;
    const density = (fraction + fraction * p) * POW2[n >> 7]!;

    const w = sign[i]!;
    const v1 = 16 * w * d1;
    const v2 = 16 * w * d2;
    const i1 = ((v1 + 1024) | 0) & 2047;
    const i2 = ((v2 + 1024) | 0) & 2047;
    const u1 = v1 - (i1 - 1023.5);
    const u2 = v2 - (i2 - 1023.5);
    const a = i1 << 3;
    const b = i2 << 3;
    const s1 = u1 * u1;
    const s2 = u2 * u2;
    const tail1 =
      MILLS[a]! +
      u1 * MILLS[a + 1]! +
      s1 * (MILLS[a + 2]! + u1 * MILLS[a + 3]!) +
      s1 * s1 * (MILLS[a + 4]! + u1 * MILLS[a + 5]! + s1 * (MILLS[a + 6]! + u1 * MILLS[a + 7]!));
    const tail2 =
      MILLS[b]! +
      u2 * MILLS[b + 1]! +
      s2 * (MILLS[b + 2]! + u2 * MILLS[b + 3]!) +
      s2 * s2 * (MILLS[b + 4]! + u2 * MILLS[b + 5]! + s2 * (MILLS[b + 6]! + u2 * MILLS[b + 7]!));
    const spotNow = spotPv[i]! * growth;
    const value =
      w * (spotNow * (i1 >> 10) - strikePv[i]! * (i2 >> 10) + spotNow * density * (tail1 - tail2));
    out[start + column[i]!] = Math.max(value, 0) - base[i]!;
  }
}
