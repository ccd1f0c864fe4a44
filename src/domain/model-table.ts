/** What a column of a pricing model's input may hold. An optional one may be absent, or empty in a row: NaN or ''. */
export type ModelColumn =
  | {
      readonly name: string;
      readonly kind: 'number';
      readonly rule: 'positive' | 'nonNegative' | 'finite';
      readonly optional?: boolean;
    }
  | {
      readonly name: string;
      readonly kind: 'choice';
      readonly choices: readonly string[];
      readonly optional?: boolean;
    }
  | { readonly name: string; readonly kind: 'text'; readonly optional?: boolean };

/** Rows of a file, a column at a time, already checked against a model's columns. */
export type ModelTable = {
  readonly length: number;
  /** A number column. */
  number(name: string): Float64Array;
  /** A choice or text column. */
  text(name: string): readonly string[];
};
