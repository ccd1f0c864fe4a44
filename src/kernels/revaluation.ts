import { type BlackScholesTables, openColumns } from './black-scholes-memory.ts';

type Functions = {
  revalue(
    base: number,
    stride: number,
    n: number,
    growth: number,
    logGrowth: number,
    shift: number,
    relativeShift: number,
    leastVol: number,
  ): void;
};

/** Sign, ln(F/K), sqrt t, vol, what a relative shift of 1 adds to it, S e^(-qt), K e^(-rt), value now. */
const INPUTS = 8;

/**
 * Options that are revalued in many scenarios, in the linear memory of an instance of its own.
 *
 * The results are, to the bit, those of `revalueSegmentTwin` in `pricing/`. Inputs must be finite, with t and vol above 0.
 */
export class RevaluationKernel {
  readonly inputs: readonly Float64Array<ArrayBuffer>[];
  /** Value in the scenario less the value now. */
  readonly changes: Float64Array<ArrayBuffer>;
  readonly #wasm: Functions;
  readonly #base: number;
  readonly #stride: number;

  /** @throws RangeError for more options than 4 GiB hold. */
  constructor(module: object, tables: BlackScholesTables, capacity: number) {
    const { wasm, base, stride, columns } = openColumns<Functions>(module, tables, capacity, INPUTS + 1);
    this.#wasm = wasm;
    this.#base = base;
    this.#stride = stride;
    this.inputs = columns.slice(0, INPUTS);
    this.changes = columns[INPUTS]!;
  }

  /**
   * Fills the changes of options `from` to `from + count - 1`, and that of one more where `count` is odd: `from` must be
   * even, and what follows is filled later or unused. The spot grows by `growth` = e^`logGrowth`; vols move to
   * vol + relativeShift volByTerm + shift, at least leastVol.
   */
  revalue(
    from: number,
    count: number,
    growth: number,
    logGrowth: number,
    shift: number,
    relativeShift: number,
    leastVol: number,
  ): void {
    const base = this.#base + 8 * from;
    this.#wasm.revalue(base, this.#stride, count, growth, logGrowth, shift, relativeShift, leastVol);
  }
}
