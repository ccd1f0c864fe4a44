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
  /** NaN marks a result that does not exist for a row (a delta at a kink). @throws RangeError naming index and field. */
  readonly price: (table: ModelTable) => Readonly<Record<string, Float64Array>>;
};

/** What a column may hold. An optional column may be absent, or empty in a row: NaN or ''. */
export type ModelColumn =
  | {
      readonly name: string;
      readonly kind: 'number';
      readonly rule: 'positive' | 'nonNegative' | 'finite';
      readonly optional?: boolean;
    }
  | { readonly name: string; readonly kind: 'choice'; readonly choices: readonly string[]; readonly optional?: boolean }
  | { readonly name: string; readonly kind: 'text'; readonly optional?: boolean };

/** The rows of a file, a column at a time, already checked against the model's columns. */
export type ModelTable = {
  readonly length: number;
  /** A number column. */
  number(name: string): Float64Array;
  /** A choice or text column. */
  text(name: string): readonly string[];
};
