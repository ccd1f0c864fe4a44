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
  /** sqrt(|(drift - 1)^2 + 2 rate|): the perpetual put's exponents are -(drift - 1) -+ this. */
  spread: number;
  /** Whether the root is of a negative number: then there is no perpetual put, and two boundaries meet. */
  oscillates: boolean;
  /**
   * Whether the boundary is the lower of two, seen from the other currency (F60): what is held there ends as a forward, exercised anywhere at
   * expiry.
   */
  forward: boolean;
  /** ln of the boundary just before expiry: min(0, ln(rate / yield)); ln(rate / yield) of a forward. */
  logStart: number;
  /** rate over the boundary just before expiry, max(rate, yield). */
  startRate: number;
  /** ln(boundary just before expiry / boundary of the perpetual put), or the most it can be before it meets another; may be infinite. */
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
    oscillates: false,
    forward: false,
    logStart: 0,
    startRate: 0,
    perpetual: 0,
    horizon: 0,
  };
}

/** Interest over the whole term below which a rate changes no price, and counts as none. */
const NO_INTEREST = 1e-17;

/**
 * Where a put is exercised early (F60): exercising earns r K - q S a year over holding, which must be positive somewhere in the money.
 * L. Andersen and M. Lake, "Fast American option pricing: the double-boundary case", Wilmott (2021).
 * A negative rate whose interest over `years` is below 1e-17 counts as zero.
 */
export function exerciseRegion(putRate: number, putYield: number, years: number): ExerciseRegion {
  if (putRate > 0) return 'one boundary';
  if (putYield >= putRate) return 'never';
  return -putRate * years < NO_INTEREST ? 'one boundary' : 'two boundaries';
}

/** Whether the boundaries of a put with yield < rate < 0 stay apart forever: vol is at most sqrt(-2 yield) - sqrt(-2 rate). */
export function staysApart(upper: UnitPut): boolean {
  return upper.drift > 1 && !upper.oscillates;
}

/**
 * Fills `put`, for the region of one boundary or for the upper of two.
 *
 * With `forward`, for the lower of two: the rates are then exchanged (putRate the yield, putYield the rate), the boundary is the
 * reciprocal of the put's own, and rate < yield < 0.
 */
export function setUnitPut(
  put: UnitPut,
  putRate: number,
  putYield: number,
  vol: number,
  years: number,
  forward = false,
): void {
  const vol2 = Math.min(vol * vol, LARGEST_VARIANCE / years);
  // A rate of -0 is 0: the sign of a zero would become that of an infinity.
  const rate = (putRate + 0) / vol2;
  const dividend = putYield / vol2;
  const drift = rate - dividend + 0.5;
  const b = drift - 1;
  const square = b * b + 2 * rate;
  const spread = Math.max(Math.sqrt(Math.abs(square)), LEAST_SPREAD);
  put.rate = rate;
  put.yield = dividend;
  put.variance = vol2 * years;
  put.earned = (putRate + Math.max(-putYield, 0)) * years * Math.exp(Math.max(-putRate * years, 0));
  put.drift = drift;
  put.spread = spread;
  put.oscillates = square < 0;
  put.forward = forward;
  put.logStart = dividend > rate ? Math.log(rate / dividend) : 0;
  put.startRate = Math.max(rate, dividend);
  put.horizon = Math.min(put.variance, (2 * HORIZON_DECAYS) / (spread * spread));
  if (rate < 0) setOneOfTwo(put);
  else {
    // Less the negative root of x^2/2 + b x - rate, in the form that does not cancel; 0 where the boundary has no bound.
    const decay = b > 0 ? b + spread : (2 * rate) / (spread - b);
    put.perpetual = Math.log1p(dividend > rate ? (1 + decay) / (2 * dividend) : 1 / decay);
  }
}

/** The perpetual boundary and the horizon of one of two boundaries: both are as far from where they start. */
function setOneOfTwo(put: UnitPut): void {
  const { rate, yield: dividend, drift, spread, oscillates } = put;
  // drift - 1 of the upper boundary.
  const b = put.forward ? -drift : drift - 1;
  if (b > 0 && !oscillates) {
    put.perpetual = Math.log1p(1 / (b + spread));
    return;
  }
  // They meet between the strike and rate / yield of it.
  put.perpetual = Math.abs(Math.log(rate / dividend));
  put.horizon = put.variance;
}

/** How fast the integrands of the boundary's equation change over the horizon, in e-folds; above 1 they need more points. */
export function stiffness(put: UnitPut): number {
  const { drift, spread, horizon } = put;
  return 0.5 * horizon * Math.max(spread * spread, drift * drift);
}
