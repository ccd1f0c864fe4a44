import type { Underlying } from '../../../domain/market.ts';
import { goldenMinimum } from '../../../numeric/golden-section.ts';
import { leastSquares } from '../../../numeric/least-squares.ts';
import type { ReferenceVol } from './settings.ts';

/** Vols of one underlying: log-moneyness ln(K/F), years, and vol over the reference vol. */
export type SmilePoints = {
  readonly k: Float64Array;
  readonly t: Float64Array;
  readonly ratio: Float64Array;
};

type Smile = Extract<ReferenceVol, { kind: 'smile' }>;

/** A smile has five numbers: fit to fewer points than this, it passes through them and goes astray elsewhere, where nodes are. */
const LEAST_POINTS = 16;

/** Levels are public: rounded to 5 %, they do not tell the vol of the one option there may be. */
const LEVEL_STEP = 0.05;

/** Offsets beyond this make the moneyness one of strike alone. */
const MOST_OFFSET = 1;

/**
 * The smile c0 + c1 y + c2 y^2, y = moneyness / sqrt(T + offset), closest to the points in the sense of least squares, over both kinds of
 * moneyness and all offsets (F251). Of few points their level alone, halfway between the extremes and rounded;
 * of none, the reference vol.
 */
export function fitSmile(points: SmilePoints, { rate, dividendYield }: Underlying): ReferenceVol {
  if (points.ratio.length === 0) return { kind: 'flat' };
  if (points.ratio.length < LEAST_POINTS) {
    const middle = 0.5 * Math.log(Math.min(...points.ratio) * Math.max(...points.ratio));
    const level = Math.exp(LEVEL_STEP * Math.round(middle / LEVEL_STEP));
    return { kind: 'smile', moneyness: 'forward', offset: 1, coefficients: [level, 0, 0] };
  }
  const candidates = (['spot', 'forward'] as const).map((moneyness) => {
    const carry = moneyness === 'spot' ? rate - dividendYield : 0;
    const solve = (offset: number): { smile: Smile; residual: number } => {
      const y = points.k.map((k, i) => (k + carry * points.t[i]!) / Math.sqrt(points.t[i]! + offset));
      const [c0 = 1, c1 = 0, c2 = 0] = leastSquares([y.map(() => 1), y, y.map((v) => v * v)], points.ratio);
      const residual = y.reduce((sum, v, i) => sum + (c0 + v * (c1 + v * c2) - points.ratio[i]!) ** 2, 0);
      return { smile: { kind: 'smile', moneyness, offset, coefficients: [c0, c1, c2] }, residual };
    };
    const offset = goldenMinimum((at) => Math.log(solve(at).residual + Number.MIN_VALUE), 0, MOST_OFFSET);
    return [solve(0), solve(offset)].reduce((best, next) => (next.residual < best.residual ? next : best));
  });
  return candidates.reduce((best, next) => (next.residual < best.residual ? next : best)).smile;
}
