/** Which way the spot goes to a barrier: `up` to one above it, `down` to one below. */
export type Direction = 'up' | 'down';

/** What a barrier does when the spot touches it: start the option, or end it. */
export type Knock = 'in' | 'out';

/** Price and delta (dV/dS) of a batch, a column each. */
export type BarrierValues = { readonly price: Float64Array; readonly delta: Float64Array };

/** Room for the values of `count` options. */
export function allocateBarrierValues(count: number): BarrierValues {
  return { price: new Float64Array(count), delta: new Float64Array(count) };
}
