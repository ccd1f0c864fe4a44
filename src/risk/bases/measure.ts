import type { RunOptions } from '../../base/progress.ts';
import type { Position } from '../../domain/book.ts';
import type { Market } from '../../domain/market.ts';
import { NET_GREEK_NAMES, type NetGreekName } from '../../domain/report.ts';
import type { ScenarioSet } from '../../domain/scenarios.ts';
import { matrixOf } from '../../numeric/matrix.ts';
import type { UnitPricer } from '../unit-pricer.ts';
import type { UnitRisk } from '../unit-risk.ts';
import type { PositionSample } from './sample.ts';

/** How far a book's coordinates are from the book itself, in currency: measured by pricing a sample of it both ways. Secret. */
export type ApproximationError = {
  /** Of the P&L in any scenario. */
  readonly pnl: number;
  readonly value: number;
  /** By underlying, in the market's order. */
  readonly greeks: Readonly<Record<NetGreekName, Float64Array>>;
  /** The book less its coordinates in each scenario; an estimate where the sample is not the whole book. */
  readonly pnlDifference: Float64Array;
  /** Positions priced both ways; whether they are all of them. */
  readonly sampled: number;
  readonly whole: boolean;
  /** Sum of |value| of all sampled positions, scaled up: an estimate of their gross. */
  readonly gross: number;
};

/** Standard errors that are added where the sample is not the whole book: one in 3 million for a normal error. */
const STANDARD_ERRORS = 5;

/** Instruments whose P&L is in memory at a time. */
const CHUNK = 1024;

/** A basis as far as measuring goes. */
export type MeasuredBasis = {
  readonly unit: UnitRisk;
  readonly pricer: UnitPricer;
  readonly project: (positions: readonly Position[]) => Float64Array;
};

/**
 * Measures a basis on a book: prices the sampled positions one by one in every scenario, and through their coordinates. The error is the
 * largest difference over the scenarios plus, where the sample stands for more, {@link STANDARD_ERRORS} standard errors of the
 * difference between its groups. Needs the pricing model where the positions are; cost: sample x scenarios prices.
 */
export async function measureApproximation(
  { unit, pricer, project }: MeasuredBasis,
  sample: PositionSample,
  market: Market,
  scenarios: ScenarioSet,
  options: RunOptions = {},
): Promise<ApproximationError> {
  const groups = [sample.certain, ...sample.drawn];
  const scenarioRows = unit.pnl.rows;
  const rows = scenarioRows + 1 + NET_GREEK_NAMES.length * market.underlyings.length;
  // Element (row, group): exact less projected.
  const difference = matrixOf(rows, groups.length);
  let gross = 0;
  for (const [g, positions] of groups.entries()) {
    gross += await addExact(positions, g, difference, pricer, market, scenarios, options);
  }
  subtractProjected(groups.map(project), unit, difference);
  const errorOf = (row: number): number => {
    const [certain, ...drawn] = difference.data.subarray(row * groups.length, (row + 1) * groups.length);
    const total = drawn.reduce((sum, part) => sum + part, 0);
    if (drawn.length === 0) return Math.abs(certain!);
    const mean = total / drawn.length;
    const squares = drawn.reduce((sum, part) => sum + (part - mean) ** 2, 0);
    const standardError = Math.sqrt((squares * drawn.length) / (drawn.length - 1));
    return Math.abs(certain! + total) + STANDARD_ERRORS * standardError;
  };
  let pnl = 0;
  for (let s = 0; s < scenarioRows; s++) pnl = Math.max(pnl, errorOf(s));
  const greeks = Object.fromEntries(
    NET_GREEK_NAMES.map((greek, n) => [
      greek,
      Float64Array.from(market.underlyings, (_, u) =>
        errorOf(scenarioRows + 1 + u * NET_GREEK_NAMES.length + n),
      ),
    ]),
  ) as Record<NetGreekName, Float64Array>;
  return {
    pnl,
    pnlDifference: Float64Array.from({ length: scenarioRows }, (_, s) =>
      difference.data
        .subarray(s * groups.length, (s + 1) * groups.length)
        .reduce((sum, part) => sum + part, 0),
    ),
    value: errorOf(scenarioRows),
    greeks,
    sampled: groups.reduce((sum, { length }) => sum + length, 0),
    whole: sample.drawn.length === 0,
    gross,
  };
}

/** @returns the sum of |value|. */
async function addExact(
  positions: readonly Position[],
  group: number,
  out: { readonly cols: number; readonly data: Float64Array },
  pricer: UnitPricer,
  market: Market,
  scenarios: ScenarioSet,
  options: RunOptions,
): Promise<number> {
  const indexOf = new Map(market.underlyings.map(({ name }, index) => [name, index]));
  let gross = 0;
  for (let from = 0; from < positions.length; from += CHUNK) {
    const chunk = positions.slice(from, from + CHUNK);
    const contracts = chunk.map(({ instrument }) => instrument);
    const units = Float64Array.from(chunk, ({ quantity, multiplier }) => quantity * multiplier);
    const { rows, cols, data } = await pricer.pnl(contracts, market, scenarios, { signal: options.signal });
    for (let s = 0; s < rows; s++) {
      let sum = 0;
      for (let i = 0; i < cols; i++) sum += units[i]! * data[s * cols + i]!;
      out.data[s * out.cols + group]! += sum;
    }
    const sensitivities = pricer.sensitivities(contracts, market);
    for (let i = 0; i < cols; i++) {
      const value = units[i]! * sensitivities.value[i]!;
      gross += Math.abs(value);
      out.data[rows * out.cols + group]! += value;
      const first = rows + 1 + indexOf.get(contracts[i]!.underlying)! * NET_GREEK_NAMES.length;
      NET_GREEK_NAMES.forEach((greek, n) => {
        out.data[(first + n) * out.cols + group]! += units[i]! * sensitivities[greek][i]!;
      });
    }
  }
  return gross;
}

/** One pass over the matrix for all groups: it is larger than any cache. */
function subtractProjected(
  projected: readonly Float64Array[],
  { pnl, sensitivities, underlying }: UnitRisk,
  out: { readonly cols: number; readonly data: Float64Array },
): void {
  const subtract = (
    row: number,
    column: Float64Array,
    from: number,
    belongs?: (j: number) => boolean,
  ): void => {
    projected.forEach((x, g) => {
      let sum = 0;
      for (let j = 0; j < x.length; j++) {
        if (belongs === undefined || belongs(j)) sum += column[from + j]! * x[j]!;
      }
      out.data[row * out.cols + g]! -= sum;
    });
  };
  for (let s = 0; s < pnl.rows; s++) subtract(s, pnl.data, s * pnl.cols);
  subtract(pnl.rows, sensitivities.value, 0);
  const underlyings = 1 + underlying.reduce((most, u) => Math.max(most, u), -1);
  for (let u = 0; u < underlyings; u++) {
    NET_GREEK_NAMES.forEach((greek, n) => {
      subtract(
        pnl.rows + 1 + u * NET_GREEK_NAMES.length + n,
        sensitivities[greek],
        0,
        (j) => underlying[j] === u,
      );
    });
  }
}
