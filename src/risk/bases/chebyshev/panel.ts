import type { OptionType, VanillaOption } from '../../../domain/instrument.ts';
import { cosineOf } from '../../../numeric/chebyshev/expansion.ts';
import type { ReferencedUnderlying } from './reference-vol.ts';
import type { ChebyshevSettings, PanelNodes } from './settings.ts';

/**
 * A box of standard options of one underlying: all expiries, marks and strikes on one side of the forward. Coordinates are
 *
 *     core:  |u| = |ln(K/F)| / (referenceVol mark sqrt(T)) from 0 to U,
 *     wing:  v = (|ln(K/F)| - U sd) / (logMoneyness - U sd) from 0 to 1, sd = referenceVol mark sqrt(T),
 *
 * with ln T and ln mark. On an out-of-the-money panel the value of an option, and its change in a scenario, have no kink in them.
 */
export type Panel = {
  /** Index in the market. */
  readonly underlying: number;
  readonly chart: 'core' | 'wing';
  readonly type: OptionType;
  readonly american: boolean;
  /** Strikes below (-1) or above (+1) the forward. */
  readonly side: -1 | 1;
  readonly nodes: PanelNodes;
  /** ln T */
  readonly expiry: readonly [number, number];
  /** ln mark */
  readonly marks: readonly [number, number];
  /** Its first coordinate in the basis; they run over moneyness, expiry and mark, the last fastest. */
  readonly offset: number;
};

export const coordinatesOf = ({ nodes }: Pick<Panel, 'nodes'>): number =>
  nodes.moneyness * nodes.expiry * nodes.mark;

/** Wings narrower than this part of their reach are left out. */
const LEAST_WING = 0.07;

/** The panels of one underlying, from `offset` on. */
export function panelsOf(
  index: number,
  { underlying }: ReferencedUnderlying,
  settings: ChebyshevSettings,
  offset: number,
): Panel[] {
  const { nodes, expiryYears, marks, wing, deviations, american } = settings;
  const [shortest, longest] = expiryYears;
  const logMarks = [Math.log(marks[0]), Math.log(marks[1])] as const;
  const panels: Panel[] = [];
  const add = (chart: Panel['chart'], most: number, size: PanelNodes, styles: readonly boolean[]): void => {
    for (const side of [-1, 1] as const) {
      for (const style of styles) {
        for (const type of style ? (['put', 'call'] as const) : ([side < 0 ? 'put' : 'call'] as const)) {
          const panel: Panel = {
            underlying: index,
            chart,
            type,
            american: style,
            side,
            nodes: size,
            expiry: [Math.log(shortest), Math.log(most)],
            marks: logMarks,
            offset,
          };
          panels.push(panel);
          offset += coordinatesOf(panel);
        }
      }
    }
  };
  add('core', longest, nodes, american.includes(underlying.name) ? [false, true] : [false]);
  if (wing !== undefined) {
    // Where U deviations reach the wing's end there is no wing.
    const widest = ((1 - LEAST_WING) * wing.logMoneyness) / (deviations * underlying.referenceVol * marks[1]);
    const most = Math.min(wing.expiryYears, longest, widest * widest);
    if (most > 1.5 * shortest) add('wing', most, wing.nodes, [false]);
  }
  return panels;
}

/** The standard options of a panel, in the order of its coordinates. */
export function nodeContracts(
  panel: Panel,
  reference: ReferencedUnderlying,
  settings: ChebyshevSettings,
): VanillaOption[] {
  const { underlying } = reference;
  const { nodes, side } = panel;
  const contracts: VanillaOption[] = [];
  for (let p = 0; p < nodes.moneyness; p++) {
    const reach = 0.5 + 0.5 * nodeOf(p, nodes.moneyness);
    for (let q = 0; q < nodes.expiry; q++) {
      const expiryYears = Math.exp(between(panel.expiry, nodeOf(q, nodes.expiry)));
      for (let r = 0; r < nodes.mark; r++) {
        const mark = Math.exp(between(panel.marks, nodeOf(r, nodes.mark)));
        const edge = settings.deviations * underlying.referenceVol * mark * Math.sqrt(expiryYears);
        const k =
          side *
          (panel.chart === 'core' ? reach * edge : edge + reach * (settings.wing!.logMoneyness - edge));
        const strike =
          underlying.spot * Math.exp((underlying.rate - underlying.dividendYield) * expiryYears + k);
        contracts.push({
          kind: 'option',
          underlying: underlying.name,
          type: panel.type,
          strike,
          expiryYears,
          vol: mark * reference.volAt(k, expiryYears),
          ...(panel.american ? { exercise: 'american' as const } : {}),
        });
      }
    }
  }
  return contracts;
}

/** Chebyshev point p of n, of the first kind: cos(pi (p + 1/2) / n). */
export const nodeOf = (p: number, n: number): number => cosineOf(2 * p + 1, 2 * n);

const between = ([low, high]: readonly [number, number], unit: number): number =>
  0.5 * (low + high) + 0.5 * (high - low) * unit;

/**
 * Row p of the matrix that turns Chebyshev moments into cardinal weights: l_p(z) = sum_i c_i T_i(z_p) T_i(z), c_0 = 1/n, else 2/n.
 */
export function cardinalMatrix(n: number): Float64Array[] {
  return Array.from({ length: n }, (_, p) =>
    Float64Array.from({ length: n }, (_, i) => ((i === 0 ? 1 : 2) / n) * cosineOfMultiple(i, p, n)),
  );
}

/** T_i(z_p) = cos(pi i (2p + 1) / (2n)). */
function cosineOfMultiple(i: number, p: number, n: number): number {
  const period = 4 * n;
  const angle = (i * (2 * p + 1)) % period;
  return cosineOf(angle <= 2 * n ? angle : period - angle, 2 * n);
}
