/**
 * The American put of strike 1 in the clock of variance (F61): rates over vol^2, times times vol^2. Every American option is one
 * of these: a put by its strike; a call by put-call symmetry, C(S, K, r, q) = P(K, S, q, r).
 */
export type UnitPut = {
  /** r / vol^2 of the put; q / vol^2 of a call. */
  rate: number;
  /** q / vol^2 of the put; r / vol^2 of a call. */
  yield: number;
  /** vol^2 t */
  variance: number;
  /** The most that early exercise can earn: interest on the strike, and what a negative yield costs, at the largest discount factor. */
  earned: number;
  /** rate - yield + 1/2: d+ drifts by this. */
  drift: number;
  /** sqrt((drift - 1)^2 + 2 rate): the perpetual put's exponents are -(drift - 1) -+ this. */
  spread: number;
  /** ln of the boundary just before expiry: min(0, ln(rate / yield)). */
  logStart: number;
  /** rate over the boundary just before expiry, max(rate, yield). */
  startRate: number;
  /** ln(boundary just before expiry / boundary of the perpetual put); may be infinite. */
  perpetual: number;
  /** Variance to expiry from which the boundary is the perpetual put's, or the whole of it where it is shorter. */
  horizon: number;
};

/** Whether and when the holder of a put exercises before expiry, which depends on the two rates alone. */
export type ExerciseRegion = 'never' | 'one boundary' | 'two boundaries';

/** Beyond this many e-folds of its decay the difference from the perpetual boundary is below 1e-13. */
const HORIZON_DECAYS = 25;
/** From a far smaller variance on, prices no longer depend on it; rates over vol^2 stay well above where products underflow. */
const LARGEST_VARIANCE = 1e30;
/** Keeps a division finite where rate = 0 and yield = -1/2; the premium moves by less than this times the variance. */
const LEAST_SPREAD = 1e-5;

/** A record to fill; one a batch is enough. */
export function emptyUnitPut(): UnitPut {
  return {
    rate: 0,
    yield: 0,
    variance: 0,
    earned: 0,
    drift: 0,
    spread: 0,
    logStart: 0,
    startRate: 0,
    perpetual: 0,
    horizon: 0,
  };
}

/**
 * Where a put is exercised early (F60): exercising earns r K - q S a year over holding, which must be positive somewhere in the money.
 * L. Andersen and M. Lake, "Fast American option pricing: the double-boundary case", Wilmott (2021).
 */
export function exerciseRegion(putRate: number, putYield: number): ExerciseRegion {
  if (putRate > 0 || (putRate === 0 && putYield < 0)) return 'one boundary';
  return putYield < putRate ? 'two boundaries' : 'never';
}

/**
 * Fills `put`. In the region of two boundaries what concerns the perpetual put (spread, perpetual, horizon) may be NaN; the region must
 * not be 'never'.
 */
export function setUnitPut(
  put: UnitPut,
  putRate: number,
  putYield: number,
  vol: number,
  years: number,
): void {
  const vol2 = Math.min(vol * vol, LARGEST_VARIANCE / years);
  // A rate of -0 is 0: the sign of a zero would become that of an infinity.
  const rate = (putRate + 0) / vol2;
  const dividend = putYield / vol2;
  const drift = rate - dividend + 0.5;
  const b = drift - 1;
  const spread = Math.max(Math.sqrt(b * b + 2 * rate), LEAST_SPREAD);
  // Less the negative root of x^2/2 + b x - rate, in the form that does not cancel; 0 where the boundary has no bound.
  const decay = b > 0 ? b + spread : (2 * rate) / (spread - b);
  put.rate = rate;
  put.yield = dividend;
  put.variance = vol2 * years;
  put.earned = (putRate + Math.max(-putYield, 0)) * years * Math.exp(Math.max(-putRate * years, 0));
  put.drift = drift;
  put.spread = spread;
  put.logStart = dividend > rate ? Math.log(rate / dividend) : 0;
  put.startRate = Math.max(rate, dividend);
  put.perpetual = Math.log1p(dividend > rate ? (1 + decay) / (2 * dividend) : 1 / decay);
  put.horizon = Math.min(put.variance, (2 * HORIZON_DECAYS) / (spread * spread));
}

/** How fast the integrands of the boundary's equation change over the horizon, in e-folds; above 1 they need more points. */
export function stiffness(put: UnitPut): number {
  const { drift, spread, horizon } = put;
  return 0.5 * horizon * Math.max(spread * spread, drift * drift);
}
