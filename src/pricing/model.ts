import type { ModelColumn, ModelTable } from '../domain/model-table.ts';

export type { ModelColumn, ModelTable } from '../domain/model-table.ts';

/**
 * A pricing model as a table: named input columns, named result columns, and the function between them. The command line
 * and tests run every model through this one shape; code calls the model's own vectorised functions.
 */
export type PricingModel = {
  /** Name on the command line. */
  readonly name: string;
  /** Input columns in the order in which they are documented; other columns of a file are ignored. */
  readonly inputs: readonly ModelColumn[];
  /** Result columns, in order. */
  readonly results: readonly string[];
  /** Further result columns, shown when all Greeks are asked for. */
  readonly moreResults?: readonly string[];
  /** NaN marks a result that does not exist for a row (a delta at a kink). @throws RangeError naming index and field. */
  readonly price: (table: ModelTable) => Readonly<Record<string, Float64Array>>;
};
