import { ShapeError } from '../base/errors.ts';

/** Price and first-order Greeks of a batch, a column each. Units: see `blackScholesGreeks`. */
export type BlackScholesGreeks = {
  readonly price: Float64Array;
  readonly delta: Float64Array;
  readonly gamma: Float64Array;
  readonly vega: Float64Array;
  readonly theta: Float64Array;
  readonly rho: Float64Array;
};

/** The columns of {@link BlackScholesGreeks}, in order. */
export const GREEKS = ['price', 'delta', 'gamma', 'vega', 'theta', 'rho'] as const;

/** Room for the Greeks of `count` options. */
export function allocateGreeks(count: number): BlackScholesGreeks {
  const column = (): Float64Array => new Float64Array(count);
  return {
    price: column(),
    delta: column(),
    gamma: column(),
    vega: column(),
    theta: column(),
    rho: column(),
  };
}

/** @throws ShapeError unless `column` holds `count` numbers. */
export function checkOutput(column: Float64Array, count: number, field: string): void {
  if (column.length !== count) {
    throw new ShapeError(`expected room for ${count} results in ${field}, found ${column.length}`, {
      field,
      expected: count,
      found: column.length,
    });
  }
}
