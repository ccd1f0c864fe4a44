import type { SeriesLibrary } from '../../src/algebra/formula/functions.ts';
import { normalCdf, normalPdf } from '../../src/numeric/normal.ts';

const FUNCTIONS: Readonly<Record<string, (x: number) => number>> = {
  normalCdf,
  normalPdf,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  reciprocal: (x) => 1 / x,
  tanh: Math.tanh,
};

const DEGREE = 60;

/** Series by interpolation in Chebyshev points, good to about 1e-12 for what tests ask: not certified, and not for use. */
export const interpolatedSeries: SeriesLibrary = {
  names: Object.keys(FUNCTIONS),
  seriesFor(name, [low, high], error) {
    const f = FUNCTIONS[name]!;
    const n = DEGREE + 1;
    const values = Array.from({ length: n }, (_, j) =>
      f((low + high) / 2 + ((high - low) / 2) * Math.cos((Math.PI * (j + 0.5)) / n)),
    );
    const coefficients = Float64Array.from({ length: n }, (_, k) => {
      const sum = values.reduce((total, v, j) => total + v * Math.cos((Math.PI * k * (j + 0.5)) / n), 0);
      return ((k === 0 ? 1 : 2) * sum) / n;
    });
    return { coefficients, domain: [low, high], error };
  },
};
