import {
  type ErrorBound,
  type Figure,
  type FigureName,
  NET_GREEK_NAMES,
  type NetGreekName,
  type NetGreeks,
} from '../domain/report.ts';
import { expectedShortfall, sortedLosses, valueAtRisk } from '../numeric/quantile.ts';
import type { RiskOutput } from './program.ts';
import type { Valuation } from './valuation.ts';

/** Results of the risk circuit for one book, in currency. */
export type RiskResults = {
  readonly pnl: Float64Array;
  readonly pnlError: ErrorBound;
  readonly value: Figure;
  readonly netGreeks: NetGreeks;
  readonly netGreeksError: NetGreeks;
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
  const { valueScale, greekRows, greekScale } = valuation;
  const scaled = ({ absolute, known }: ErrorBound, by: number): ErrorBound => ({
    absolute: absolute * by,
    known,
  });
  const greeks = emptyGreeks();
  const greeksError = emptyGreeks();
  greekRows.forEach(({ greek, underlying }, r) => {
    greeks[greek][underlying] = outputs.greeks[r]! * greekScale[r]! * l1;
    greeksError[greek][underlying] = error.greeks.absolute * greekScale[r]! * l1;
  });
  return {
    pnl: outputs.pnl.map((value) => value * l1),
    pnlError: scaled(error.pnl, l1),
    value: { value: outputs.value[0]! * valueScale * l1, error: scaled(error.value, valueScale * l1) },
    netGreeks: greeks,
    netGreeksError: greeksError,
  };
}

/** Adds what lies between a book and its coordinates to every error. */
export function widenErrors(
  results: RiskResults,
  by: {
    readonly pnl: number;
    readonly value: number;
    readonly netGreeks: NetGreeks;
    readonly known: ErrorBound['known'];
  },
): RiskResults {
  const widen = ({ absolute, known }: ErrorBound, more: number): ErrorBound => ({
    absolute: absolute + more,
    known: weaker(known, by.known),
  });
  const netGreeksError = emptyGreeks();
  for (const greek of NET_GREEK_NAMES) {
    for (const [underlying, error] of Object.entries(results.netGreeksError[greek])) {
      netGreeksError[greek][underlying] = error + by.netGreeks[greek][underlying]!;
    }
  }
  return {
    ...results,
    pnlError: widen(results.pnlError, by.pnl),
    value: { value: results.value.value, error: widen(results.value.error, by.value) },
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
