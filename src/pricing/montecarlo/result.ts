import { ShapeError } from '../../base/errors.ts';
import { type Control, createControls } from './controls.ts';
import { createGreeks } from './greeks.ts';
import { type BlockSums, emptyMoments, type MergedMoments, mergeMoments } from './moments.ts';
import { createPayoff } from './payoff.ts';
import { planSimulation } from './plan.ts';
import type { SimulationSpec } from './specification.ts';

/** An estimated number and the standard deviation of the estimate. */
export type Estimate = { readonly value: number; readonly standardError: number };

/** What a simulation found. Prices in quote currency; Greeks of each underlying, vega a unit of volatility. */
export type SimulationResult = {
  readonly price: Estimate;
  readonly delta?: readonly Estimate[];
  readonly vega?: readonly Estimate[];
  readonly gamma?: readonly Estimate[];
  /** The price without control variates, from the same paths. */
  readonly uncontrolled: Estimate;
  /** Paths simulated; an antithetic pair counts as two. */
  readonly paths: number;
  /** Independent values behind each standard error: samples, or scramblings. */
  readonly independentValues: number;
  /** What was taken off for each unit by which a control missed its expectation, for the price. */
  readonly controlCoefficients: readonly number[];
};

/**
 * Merges the blocks of a simulation, in the order of their numbers whatever the order given, so that the result
 * does not depend on who ran them.
 *
 * Controls (F120): value = mean(Y) - b (mean(C) - E C), b the least-squares coefficient over all paths. It is
 * estimated from the paths it corrects: a bias of the order of 1/n, far below the standard error. P. Glasserman
 * (2003), section 4.1. A control that resembles the payoff but took one value on all paths (far out of the money)
 * has the coefficient 1, and by what it missed its expectation the standard error is larger.
 * Standard errors: pseudo-random samples, their deviation over sqrt(n); Sobol', the deviation of the means of the
 * scramblings over sqrt(scramblings) (A. B. Owen, 1997): with 16 scramblings it is itself uncertain by a fifth.
 * @throws ShapeError unless every block is there exactly once.
 */
export function mergeBlocks(spec: SimulationSpec, blocks: readonly BlockSums[]): SimulationResult {
  const plan = planSimulation(spec);
  const payoff = createPayoff(spec.payoff, plan);
  const controls = createControls(spec.controls ?? [], spec.payoff, payoff, plan);
  const names = spec.greeks === undefined ? [] : createGreeks(spec.greeks, spec.payoff, payoff, plan).names;
  const outputs = 1 + names.length * plan.assets;
  const ordered = [...blocks].sort((a, b) => a.block - b.block);
  if (ordered.length !== plan.blocks || ordered.some(({ block }, index) => block !== index)) {
    throw new ShapeError(`expected blocks 0 to ${plan.blocks - 1} once each, found ${ordered.length}`, {
      expected: plan.blocks,
      found: ordered.length,
    });
  }
  const whole = emptyMoments(outputs, controls.length);
  const scramblings: MergedMoments[] = [];
  const blocksEach = plan.blocks / plan.scramblings;
  for (let s = 0; s < plan.scramblings; s++) {
    const merged = emptyMoments(outputs, controls.length);
    for (const block of ordered.slice(s * blocksEach, (s + 1) * blocksEach))
      mergeMoments(merged, block, outputs);
    scramblings.push(merged);
    mergeMoments(whole, merged, outputs);
  }
  const estimate = (output: number, coefficients: readonly number[]): Estimate =>
    plan.scramblings > 1
      ? acrossScramblings(scramblings, output, outputs, coefficients, controls)
      : fromSamples(whole, output, outputs, coefficients, controls);
  // Where a control like the payoff took one value on all paths, nothing can be regressed on it, and by what it
  // missed its expectation the payoff may have missed too.
  const missed = controls.map(({ alike, expectation }, i) =>
    alike && squareOf(whole, outputs, i, i) === 0 ? expectation - whole.means[outputs + i]! : 0,
  );
  const controlled = (output: number): Estimate => {
    const coefficients = coefficientsOf(whole, output, outputs);
    if (output > 0) return estimate(output, coefficients);
    const { value, standardError } = estimate(
      0,
      coefficients.map((coefficient, i) => (missed[i] === 0 ? coefficient : 1)),
    );
    return { value, standardError: Math.hypot(standardError, ...missed) };
  };
  const greek = (name: (typeof names)[number]): Estimate[] =>
    Array.from({ length: plan.assets }, (_, asset) =>
      controlled(1 + names.indexOf(name) * plan.assets + asset),
    );
  return {
    price: controlled(0),
    ...(names.includes('delta') && { delta: greek('delta') }),
    ...(names.includes('vega') && { vega: greek('vega') }),
    ...(names.includes('gamma') && { gamma: greek('gamma') }),
    uncontrolled: estimate(
      0,
      controls.map(() => 0),
    ),
    paths: whole.count * (plan.antithetic ? 2 : 1),
    independentValues: plan.scramblings > 1 ? plan.scramblings : whole.count,
    controlCoefficients: coefficientsOf(whole, 0, outputs),
  };
}

/** The sum of products of two controls' deviations. */
function squareOf({ products, means }: MergedMoments, outputs: number, i: number, j: number): number {
  const c = means.length - outputs;
  return products[outputs + outputs * c + i * c + j]!;
}

/**
 * Least squares of an output on the controls, by a Cholesky factor of their correlations; zero for controls that do
 * not vary or that are a combination of those before them.
 */
function coefficientsOf(moments: MergedMoments, output: number, outputs: number): number[] {
  const { products, means } = moments;
  const c = means.length - outputs;
  const square = (i: number, j: number): number => squareOf(moments, outputs, i, j);
  const scale = Array.from({ length: c }, (_, i) => Math.sqrt(square(i, i)));
  const coefficients = new Array<number>(c).fill(0);
  const used: number[] = [];
  const rows: number[][] = [];
  const x: number[] = [];
  for (let i = 0; i < c; i++) {
    if (!(scale[i]! > 0)) continue;
    const row: number[] = [];
    used.forEach((j, k) => {
      const inner = rows[k]!.slice(0, k).reduce((sum, value, m) => sum + value * row[m]!, 0);
      row.push((square(i, j) / (scale[i]! * scale[j]!) - inner) / rows[k]![k]!);
    });
    const pivot = 1 - row.reduce((sum, value) => sum + value * value, 0);
    if (!(pivot > 1e-12)) continue;
    const diagonal = Math.sqrt(pivot);
    const inner = row.reduce((sum, value, k) => sum + value * x[k]!, 0);
    x.push((products[outputs + output * c + i]! / scale[i]! - inner) / diagonal);
    rows.push([...row, diagonal]);
    used.push(i);
  }
  for (let r = used.length - 1; r >= 0; r--) {
    for (let k = r + 1; k < used.length; k++) x[r]! -= rows[k]![r]! * x[k]!;
    x[r]! /= rows[r]![r]!;
  }
  used.forEach((i, k) => {
    coefficients[i] = x[k]! / scale[i]!;
  });
  return coefficients;
}

function corrected(
  means: Float64Array,
  output: number,
  outputs: number,
  coefficients: readonly number[],
  controls: readonly Control[],
): number {
  return coefficients.reduce(
    (value, coefficient, i) => value - coefficient * (means[outputs + i]! - controls[i]!.expectation),
    means[output]!,
  );
}

function fromSamples(
  moments: MergedMoments,
  output: number,
  outputs: number,
  coefficients: readonly number[],
  controls: readonly Control[],
): Estimate {
  const { count, means, products } = moments;
  const c = controls.length;
  // Sum of squared residuals: y'y - 2 b'c + b' S b.
  let residual = products[output]!;
  for (let i = 0; i < c; i++) {
    residual -= 2 * coefficients[i]! * products[outputs + output * c + i]!;
    for (let j = 0; j < c; j++) {
      residual += coefficients[i]! * coefficients[j]! * products[outputs + outputs * c + i * c + j]!;
    }
  }
  const freedom = count - 1 - coefficients.filter((coefficient) => coefficient !== 0).length;
  return {
    value: corrected(means, output, outputs, coefficients, controls),
    standardError: Math.sqrt(Math.max(residual, 0) / Math.max(freedom, 1) / count),
  };
}

function acrossScramblings(
  scramblings: readonly MergedMoments[],
  output: number,
  outputs: number,
  coefficients: readonly number[],
  controls: readonly Control[],
): Estimate {
  const values = scramblings.map(({ means }) => corrected(means, output, outputs, coefficients, controls));
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { value: mean, standardError: Math.sqrt(squares / (n - 1) / n) };
}
