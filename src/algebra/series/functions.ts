import type { Parity } from '../../numeric/chebyshev/expansion.ts';
import { erf, normalCdf, normalPdf } from '../../numeric/normal.ts';

/** Functions by the names under which formulas use them. */
export type LibraryName =
  | 'normalCdf'
  | 'normalPdf'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'reciprocal'
  | 'reciprocalSqrt'
  | 'tanh'
  | 'softplus'
  | 'abs'
  | 'positivePart';

/**
 * A function of the library: its value, how well that is computed, where it may be asked for, and how large it gets in the complex plane
 * around a domain, from which follows how well polynomials can do.
 */
export type LibraryFunction = {
  /** Formula, for messages and documents. */
  readonly formula: string;
  readonly at: (x: number) => number;
  /** Bound of the relative error of `at`. */
  readonly relativeError: number;
  /** The domain must lie above this. */
  readonly above?: number;
  /** Smooth but at 0: a polynomial on either side. */
  readonly kinked?: true;
  /** f(x) = constant + slope x + part(x), part odd or even: on a symmetric domain, half the coefficients. */
  readonly symmetry?: {
    readonly parity: Exclude<Parity, 'none'>;
    readonly part: (x: number) => number;
    readonly constant: number;
    readonly slope: number;
  };
  /**
   * ln of a bound of |f| on the closed ellipse of centre `mid` with semi-axes `along` the real line and `across` it; Infinity where f is
   * not analytic inside.
   */
  readonly logBound: (mid: number, along: number, across: number) => number;
};

const EPSILON = 2 ** -52;
const never = (): number => Infinity;
/** An ellipse that touches the singularity at 0 is one too large. */
const leftEnd = (mid: number, along: number): number => mid - along;

/**
 * The functions of which series are made. Relative errors are those that src/numeric states, and those of V8's exp, log, log1p and tanh
 * (fdlibm, below one unit in the last place; tanh below two).
 */
export const LIBRARY_FUNCTIONS: Readonly<Record<LibraryName, LibraryFunction>> = {
  /** Phi(x). |Phi(z) - 1/2| <= e^(y^2/2) (1/2 + |y| / sqrt(2 pi)): along 0 -> iy -> x + iy the density grows to e^(y^2/2) times the real one. */
  normalCdf: {
    formula: 'distribution function of the standard normal distribution',
    at: normalCdf,
    relativeError: 1e-15,
    symmetry: { parity: 'odd', part: (x) => 0.5 * erf(x * Math.SQRT1_2), constant: 0.5, slope: 0 },
    logBound: (_mid, _along, across) => 0.5 * across * across + Math.log(1 + 0.4 * across),
  },
  /** |phi(x + iy)| = phi(x) e^(y^2/2). */
  normalPdf: {
    formula: 'density of the standard normal distribution',
    at: normalPdf,
    relativeError: 1e-15,
    symmetry: { parity: 'even', part: normalPdf, constant: 0, slope: 0 },
    logBound: (_mid, _along, across) => 0.5 * across * across - 0.9,
  },
  /** |e^z| = e^x. */
  exp: {
    formula: 'e^x',
    at: Math.exp,
    relativeError: EPSILON,
    logBound: (mid, along) => mid + along,
  },
  /** |ln z| <= |ln |z|| + pi/2 to the right of 0; |z| is extreme at the ends of the ellipse. */
  log: {
    formula: 'natural logarithm',
    at: Math.log,
    relativeError: EPSILON,
    above: 0,
    logBound: (mid, along) =>
      leftEnd(mid, along) > 0
        ? Math.log(Math.max(Math.abs(Math.log(mid - along)), Math.abs(Math.log(mid + along))) + Math.PI / 2)
        : Infinity,
  },
  sqrt: {
    formula: 'square root',
    at: Math.sqrt,
    relativeError: EPSILON,
    above: 0,
    logBound: (mid, along) => (leftEnd(mid, along) > 0 ? 0.5 * Math.log(mid + along) : Infinity),
  },
  reciprocal: {
    formula: '1 / x',
    at: (x) => 1 / x,
    relativeError: EPSILON,
    above: 0,
    logBound: (mid, along) => (leftEnd(mid, along) > 0 ? -Math.log(mid - along) : Infinity),
  },
  reciprocalSqrt: {
    formula: '1 / sqrt(x)',
    at: (x) => 1 / Math.sqrt(x),
    relativeError: 2 * EPSILON,
    above: 0,
    logBound: (mid, along) => (leftEnd(mid, along) > 0 ? -0.5 * Math.log(mid - along) : Infinity),
  },
  /** |tanh(x + iy)|^2 = (sinh^2 x + sin^2 y) / (sinh^2 x + cos^2 y) <= max(1, tan^2 y) for |y| < pi/2, where the poles are. */
  tanh: {
    formula: 'hyperbolic tangent',
    at: Math.tanh,
    relativeError: 2 * EPSILON,
    symmetry: { parity: 'odd', part: Math.tanh, constant: 0, slope: 0 },
    logBound: (_mid, _along, across) =>
      across < Math.PI / 2 ? Math.log(Math.max(1, Math.tan(across))) : Infinity,
  },
  /** ln(1 + e^x), analytic for |y| < pi; its derivative (1 + tanh(z/2)) / 2 is at most (1 + max(1, tan(y/2))) / 2 there. */
  softplus: {
    formula: 'ln(1 + e^x)',
    at: softplus,
    relativeError: 4 * EPSILON,
    symmetry: {
      parity: 'even',
      part: (x) => 0.5 * Math.abs(x) + Math.log1p(Math.exp(-Math.abs(x))),
      constant: 0,
      slope: 0.5,
    },
    logBound: (mid, along, across) =>
      across < Math.PI
        ? Math.log(softplus(mid + along) + 0.5 * across * (1 + Math.max(1, Math.tan(0.5 * across))))
        : Infinity,
  },
  /** |x| as smooth as the degree n allows: no polynomial is nearer than 0.28 R / n (Bernstein). */
  abs: {
    formula: '|x|',
    at: Math.abs,
    relativeError: 0,
    kinked: true,
    symmetry: { parity: 'even', part: Math.abs, constant: 0, slope: 0 },
    logBound: never,
  },
  /** max(x, 0) = (x + |x|) / 2, as smooth as the degree allows; max(a, b) = b + max(a - b, 0). */
  positivePart: {
    formula: 'max(x, 0)',
    at: (x) => Math.max(x, 0),
    relativeError: 0,
    kinked: true,
    symmetry: { parity: 'even', part: (x) => 0.5 * Math.abs(x), constant: 0, slope: 0.5 },
    logBound: never,
  },
};

/** Left, 1 + e^x would lose e^x; right, e^x would overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
