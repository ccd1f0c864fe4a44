import { ShapeError } from '../base/errors.ts';
import {
  type ErrorBound,
  FIGURE_NAMES,
  type Figure,
  type FigureName,
  NET_GREEK_NAMES,
  type NetGreekName,
  type NetGreeks,
} from '../domain/report.ts';
import { expectedShortfall, sortedLosses, valueAtRisk } from '../numeric/quantile.ts';
import type { FigureOutput, RiskOutput } from './program.ts';
import type { Valuation } from './valuation.ts';

/** Results that do not need the P&L vector. */
type Sensitivities = {
  readonly value: Figure;
  readonly netGreeks: NetGreeks;
  readonly netGreeksError: NetGreeks;
};

/** Results of the risk circuit for one book, in currency. */
export type RiskResults = Sensitivities & { readonly pnl: Float64Array; readonly pnlError: ErrorBound };

/** Results of the figures' circuit, in currency. */
export type FigureResults = Omit<Sensitivities, 'value'> & {
  readonly figures: Readonly<Record<FigureName, Figure>>;
};

/**
 * Undoes the normalisation: multiplies the circuit's outputs by L1 and the row scales.
 * @param error of every output element, before scaling.
 */
export function denormalise(
  valuation: Valuation,
  outputs: Readonly<Record<RiskOutput, Float64Array>>,
  error: Readonly<Record<RiskOutput, ErrorBound>>,
  l1: number,
): RiskResults {
  return {
    pnl: outputs.pnl.map((value) => value * l1),
    pnlError: scaled(error.pnl, l1),
    ...sensitivities(valuation, outputs, error, l1),
  };
}

/** The same where figures were opened and the P&L vector was not. */
export function denormaliseFigures(
  valuation: Valuation,
  outputs: Readonly<Record<FigureOutput, Float64Array>>,
  error: Readonly<Record<FigureOutput, ErrorBound>>,
  l1: number,
): FigureResults {
  const { value, ...greeks } = sensitivities(valuation, outputs, error, l1);
  const figure = (name: FigureName): Figure =>
    name === 'value' ? value : { value: outputs[name][0]! * l1, error: scaled(error[name], l1) };
  const figures = Object.fromEntries(FIGURE_NAMES.map((name) => [name, figure(name)]));
  return { ...greeks, figures: figures as Record<FigureName, Figure> };
}

function sensitivities(
  { valueScale, greekRows, greekScale }: Valuation,
  outputs: Readonly<Record<'value' | 'greeks', Float64Array>>,
  error: Readonly<Record<'value' | 'greeks', ErrorBound>>,
  l1: number,
): Sensitivities {
  const greeks = emptyGreeks();
  const greeksError = emptyGreeks();
  greekRows.forEach(({ greek, underlying }, r) => {
    greeks[greek][underlying] = outputs.greeks[r]! * greekScale[r]! * l1;
    greeksError[greek][underlying] = error.greeks.absolute * greekScale[r]! * l1;
  });
  return {
    value: { value: outputs.value[0]! * valueScale * l1, error: scaled(error.value, valueScale * l1) },
    netGreeks: greeks,
    netGreeksError: greeksError,
  };
}

function scaled({ absolute, known }: ErrorBound, by: number): ErrorBound {
  return { absolute: absolute * by, known };
}

/** Results of one book in several blocks of scenarios, in their order. */
export function joinResults(blocks: readonly RiskResults[]): RiskResults {
  const [first] = blocks;
  if (first === undefined) throw new ShapeError('no scenario was evaluated: there is nothing to report');
  const pnl = new Float64Array(blocks.reduce((sum, block) => sum + block.pnl.length, 0));
  let at = 0;
  for (const block of blocks) {
    pnl.set(block.pnl, at);
    at += block.pnl.length;
  }
  const pnlError = blocks
    .map((block) => block.pnlError)
    .reduce((worst, error) => ({
      absolute: Math.max(worst.absolute, error.absolute),
      known: weaker(worst.known, error.known),
    }));
  return { ...first, pnl, pnlError };
}

/** Adds what lies between a book and its coordinates to every error. */
export function widenErrors(
  results: FigureResults,
  by: {
    readonly pnl: number;
    readonly value: number;
    readonly netGreeks: NetGreeks;
    readonly known: ErrorBound['known'];
  },
): FigureResults {
  const figure = (name: FigureName): Figure => {
    const { value, error } = results.figures[name];
    const absolute = error.absolute + (name === 'value' ? by.value : by.pnl);
    return { value, error: { absolute, known: weaker(error.known, by.known) } };
  };
  const figures = Object.fromEntries(FIGURE_NAMES.map((name) => [name, figure(name)]));
  const netGreeksError = emptyGreeks();
  for (const greek of NET_GREEK_NAMES) {
    for (const [underlying, error] of Object.entries(results.netGreeksError[greek])) {
      netGreeksError[greek][underlying] = error + by.netGreeks[greek][underlying]!;
    }
  }
  return {
    netGreeks: results.netGreeks,
    figures: figures as Record<FigureName, Figure>,
    netGreeksError,
  };
}

/** A sum of errors is known as its least known part is. */
function weaker(a: ErrorBound['known'], b: ErrorBound['known']): ErrorBound['known'] {
  const order = ['proved', 'modelled', 'measured'] as const;
  return order[Math.max(order.indexOf(a), order.indexOf(b))]!;
}

function emptyGreeks(): Record<NetGreekName, Record<string, number>> {
  return Object.fromEntries(NET_GREEK_NAMES.map((name) => [name, {}])) as Record<
    NetGreekName,
    Record<string, number>
  >;
}

/**
 * Value at risk (R type 1), expected shortfall (Acerbi-Tasche) and the worst case of a P&L vector, losses positive.
 * All are 1-Lipschitz in the largest P&L error, so they inherit its bound.
 */
export function figuresOf({ pnl, pnlError, value }: RiskResults): Record<FigureName, Figure> {
  const losses = sortedLosses(pnl);
  const figure = (of: number): Figure => ({ value: of, error: pnlError });
  return {
    value,
    var_95: figure(valueAtRisk(losses, 0.95)),
    var_975: figure(valueAtRisk(losses, 0.975)),
    var_99: figure(valueAtRisk(losses, 0.99)),
    es_95: figure(expectedShortfall(losses, 0.95)),
    es_975: figure(expectedShortfall(losses, 0.975)),
    es_99: figure(expectedShortfall(losses, 0.99)),
    worst: figure(losses[losses.length - 1]!),
  };
}
