import type { Arithmetic, Program } from '../algebra/arithmetic.ts';
import type { Circuit, InputSpec } from '../algebra/circuit.ts';
import { record, recordOrdered } from '../algebra/record.ts';
import type { TailFigureName } from '../domain/report.ts';
import { levelWeights, shortfallWeights } from '../numeric/rank-weights.ts';
import {
  reachOf,
  secretShortfall,
  secretValueAtRisk,
  secretWorst,
  withTail,
} from './programs/order-statistics.ts';
import type { Valuation } from './valuation.ts';

export type RiskInput = 'book';
export type RiskOutput = 'pnl' | 'value' | 'greeks';

/** What is opened where the P&L vector is not: every number has length 1, but the Greeks. */
export type FigureOutput = TailFigureName | 'value' | 'greeks';

/** P&L of every scenario, present value and net Greeks of a normalised book: three public matrices, depth 1. */
export const riskProgram =
  ({ pnl, value, greeks }: Valuation): Program<RiskInput, RiskOutput> =>
  (alg, { book }) => ({
    pnl: alg.matVecPlain(pnl, book),
    value: alg.matVecPlain(value, book),
    greeks: alg.matVecPlain(greeks, book),
  });

/** The recorded program; a normalised book has |z_i| <= 1 and sum |z_i| <= 1. */
export function riskCircuit(valuation: Valuation): Circuit<RiskInput, RiskOutput>;
/** The same for the sum of several books of that size. */
export function riskCircuit(valuation: Valuation, books: readonly string[]): Circuit<string, RiskOutput>;
export function riskCircuit(
  valuation: Valuation,
  books: readonly string[] = ['book'],
): Circuit<string, RiskOutput> {
  return record<string, RiskOutput>(
    (alg, inputs) => riskProgram(valuation)(alg, { book: sumOf(alg, books, inputs) }),
    specsOf(valuation, books),
  );
}

/** Levels of value at risk and expected shortfall, by the names of their figures. */
const LEVELS = { 95: 0.95, 975: 0.975, 99: 0.99 } as const;

/**
 * The figures themselves, losses positive, of the sum of several normalised books: the P&L vector stays secret. Value at risk is an order
 * statistic (R type 1), expected shortfall that of Acerbi and Tasche; for other conventions and figures see `secretFiguresCircuit`.
 */
export function figuresCircuit(
  valuation: Valuation,
  books: readonly string[] = ['book'],
): Circuit<string, FigureOutput, 'ordered'> {
  return recordOrdered<string, FigureOutput>(
    (alg, inputs) => {
      const { pnl, value, greeks } = riskProgram(valuation)(alg, { book: sumOf(alg, books, inputs) });
      const scenarios = valuation.pnl.rows;
      const of = withTail({ alg, pnl, scenarios }, tailOf(scenarios));
      const figures = Object.entries(LEVELS).flatMap(([name, level]) => [
        [`var_${name}`, secretValueAtRisk(of, level)] as const,
        [`es_${name}`, secretShortfall(of, level)] as const,
      ]);
      return {
        ...byName(figures),
        worst: secretWorst(of),
        value,
        greeks,
      };
    },
    specsOf(valuation, books),
  );
}

/** How many of the worst scenarios the figures look at. */
function tailOf(scenarios: number): number {
  const measures = Object.values(LEVELS).flatMap((level) => [
    levelWeights(scenarios, level, 'type1'),
    shortfallWeights(scenarios, level),
  ]);
  return measures.reduce((most, measure) => Math.max(most, reachOf(measure, scenarios)), 1);
}

function byName<V>(figures: readonly (readonly [string, V])[]): Record<Exclude<TailFigureName, 'worst'>, V> {
  return Object.fromEntries(figures) as Record<Exclude<TailFigureName, 'worst'>, V>;
}

function sumOf<V>(alg: Arithmetic<V>, books: readonly string[], inputs: Readonly<Record<string, V>>): V {
  const [first, ...others] = books.map((name) => inputs[name] as V);
  return others.reduce((sum, book) => alg.add(sum, book), first as V);
}

function specsOf(valuation: Valuation, books: readonly string[]): Record<string, InputSpec> {
  const book: InputSpec = { length: valuation.pnl.cols, bound: 1, l1: 1 };
  return Object.fromEntries(books.map((name) => [name, book]));
}
