/**
 * An American put by finite differences: knows no boundary, so that it serves as a second opinion on any number of them.
 *
 * Black-Scholes in x = ln(S/K), central differences, TR-BDF2 in time with steps that grow from expiry, the obstacle at each stage by policy
 * iteration; payoff averaged over cells; two grids, extrapolated. On the default grid the error is some 1e-8 of the strike.
 */
export type PutTerms = {
  readonly spot: number;
  readonly strike: number;
  readonly expiryYears: number;
  readonly rate: number;
  readonly dividendYield: number;
  readonly vol: number;
};

/** The price, and how far the two grids are apart: the error is smaller. */
export type GridPrice = { readonly price: number; readonly spread: number };

export function finiteDifferencePut(terms: PutTerms, cells = 1200, isAmerican = true): GridPrice {
  const coarse = solve(terms, cells, cells >> 1, isAmerican);
  const fine = solve(terms, 2 * cells, cells, isAmerican);
  return {
    price: terms.strike * (fine + (fine - coarse) / 3),
    spread: terms.strike * Math.abs(fine - coarse),
  };
}

const DEVIATIONS = 7;
/** TR-BDF2's intermediate time. */
const GAMMA = 2 - Math.SQRT2;

function solve(terms: PutTerms, cells: number, steps: number, isAmerican: boolean): number {
  const { spot, strike, expiryYears: term, rate, dividendYield, vol } = terms;
  const middle = Math.log(spot / strike);
  const drift = rate - dividendYield - 0.5 * vol * vol;
  const reach = DEVIATIONS * vol * Math.sqrt(term) + Math.abs(drift) * term;
  const h = (2 * reach) / cells;
  const count = cells + 1;
  const x = Float64Array.from({ length: count }, (_, i) => middle + (i - cells / 2) * h);
  const obstacle = x.map((at) => 1 - Math.exp(at));
  const v = x.map(averagePayoff(h));
  // Coefficients of the generator.
  const down = 0.5 * (vol / h) ** 2 - (0.5 * drift) / h;
  const up = 0.5 * (vol / h) ** 2 + (0.5 * drift) / h;
  const own = -((vol / h) ** 2) - rate;
  const rhs = new Float64Array(count);
  const stage = new Float64Array(count);
  const stop = new Uint8Array(count);
  const lowest = (time: number): number => {
    const held = Math.exp(-rate * time) - Math.exp(x[0]! - dividendYield * time);
    return isAmerican ? Math.max(held, obstacle[0]!) : held;
  };
  const implicit = (out: Float64Array, weight: number, time: number): void => {
    policyIteration(out, rhs, obstacle, stop, weight, { down, own, up }, lowest(time), isAmerican);
  };
  for (let n = 0; n < steps; n++) {
    // Time runs as the square of the step.
    const from = term * (n / steps) ** 2;
    const step = term * ((n + 1) / steps) ** 2 - from;
    const half = 0.5 * GAMMA * step;
    for (let i = 1; i < cells; i++) {
      rhs[i] = v[i]! + half * (down * v[i - 1]! + own * v[i]! + up * v[i + 1]!);
    }
    stage.set(v);
    implicit(stage, half, from + GAMMA * step);
    const a = 1 / (GAMMA * (2 - GAMMA));
    for (let i = 1; i < cells; i++) rhs[i] = a * stage[i]! - a * (1 - GAMMA) ** 2 * v[i]!;
    implicit(v, ((1 - GAMMA) / (2 - GAMMA)) * step, from + step);
  }
  return v[cells / 2]!;
}

/** The mean of max(1 - e^x, 0) over the cell around x. */
function averagePayoff(h: number): (x: number) => number {
  return (x) => {
    const low = x - h / 2;
    const high = Math.min(x + h / 2, 0);
    return high <= low ? 0 : (high - low - (Math.exp(high) - Math.exp(low))) / h;
  };
}

type Stencil = { readonly down: number; readonly own: number; readonly up: number };

/**
 * Solves min(v - weight L v - rhs, v - obstacle) = 0 for v (in: first guess, out: solution), v given at either end: which rows stop is guessed, the
 * tridiagonal system solved, and the guess improved until it stands.
 */
function policyIteration(
  v: Float64Array,
  rhs: Float64Array,
  obstacle: Float64Array,
  stop: Uint8Array,
  weight: number,
  { down, own, up }: Stencil,
  lowest: number,
  isAmerican: boolean,
): void {
  const last = v.length - 1;
  const c = new Float64Array(v.length);
  const d = new Float64Array(v.length);
  const [lower, diagonal, upper] = [-weight * down, 1 - weight * own, -weight * up];
  for (let round = 0; round < 50; round++) {
    c[0] = 0;
    d[0] = lowest;
    for (let i = 1; i < last; i++) {
      if (stop[i] === 1) {
        c[i] = 0;
        d[i] = obstacle[i]!;
        continue;
      }
      const pivot = diagonal - lower * c[i - 1]!;
      c[i] = upper / pivot;
      d[i] = (rhs[i]! - lower * d[i - 1]!) / pivot;
    }
    v[last] = 0;
    for (let i = last - 1; i >= 0; i--) v[i] = d[i]! - c[i]! * v[i + 1]!;
    if (!isAmerican) return;
    let changed = false;
    for (let i = 1; i < last; i++) {
      const residual = diagonal * v[i]! + lower * v[i - 1]! + upper * v[i + 1]! - rhs[i]!;
      const stops = stop[i] === 1 ? Number(residual >= 0) : Number(v[i]! < obstacle[i]!);
      if (stops !== stop[i]) {
        stop[i] = stops;
        changed = true;
      }
    }
    if (!changed) return;
  }
  throw new Error('policy iteration did not settle');
}
