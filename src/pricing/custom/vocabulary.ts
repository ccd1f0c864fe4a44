import { RangeError } from '../../base/errors.ts';
import { type Language, WORD_OPERATORS } from '../../base/expression/tokens.ts';

/** What a value of a path is taken from: the spot at expiry, or a statistic over all observed times. */
export type Statistic = 'terminal' | 'average' | 'maximum' | 'minimum';

/** Operations of a compiled payoff. Comparisons and logic give 1 or 0; any number but 0 counts as true. */
export type Operation =
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'power'
  | 'negate'
  | 'max'
  | 'min'
  | 'abs'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'smaller'
  | 'smallerEqual'
  | 'larger'
  | 'largerEqual'
  | 'equal'
  | 'unequal'
  | 'and'
  | 'or'
  | 'not'
  | 'select';

/** Functions of numbers: how many arguments they take. */
export const FUNCTIONS: Readonly<Record<string, { readonly least: number; readonly most: number }>> = {
  max: { least: 2, most: 100 },
  min: { least: 2, most: 100 },
  abs: { least: 1, most: 1 },
  exp: { least: 1, most: 1 },
  log: { least: 1, most: 1 },
  sqrt: { least: 1, most: 1 },
  pow: { least: 2, most: 2 },
};

/** Functions of an underlying: its average, maximum and minimum over the observed times. */
export const PATH_FUNCTIONS: readonly string[] = ['average', 'maximum', 'minimum'];

/** Words of the parser's grammar that can be nothing else. */
const RESERVED = [
  ...Object.keys(FUNCTIONS),
  ...PATH_FUNCTIONS,
  ...WORD_OPERATORS,
  ...['xor', 'mod', 'to', 'in', 'end', 'true', 'false', 'null', 'undefined', 'NaN', 'Infinity'],
];

/** The names an expression may use. */
export type Vocabulary = {
  readonly assets: number;
  /** `S` for one underlying, and `S1`, `S2` ... */
  readonly underlyings: readonly string[];
  readonly parameters: readonly string[];
};

/**
 * @throws RangeError unless there is at least one underlying and every parameter is a word that means nothing else.
 */
export function vocabularyOf(assets: number, parameters: readonly string[]): Vocabulary {
  if (!(Number.isInteger(assets) && assets >= 1 && assets <= 100)) {
    throw new RangeError(`expected 1 to 100 underlyings, found ${assets}`, { found: assets });
  }
  const numbered = Array.from({ length: assets }, (_, i) => `S${i + 1}`);
  for (const name of parameters) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || /^S\d*$/.test(name) || RESERVED.includes(name)) {
      throw new RangeError(
        `expected a word other than S, S1, S2 ... and the functions and operators as the name of a parameter, found ${JSON.stringify(name)}`,
        { found: name },
      );
    }
  }
  return { assets, underlyings: assets === 1 ? ['S', ...numbered] : numbered, parameters };
}

/** The words of a payoff. */
export function languageOf({ underlyings, parameters }: Vocabulary): Language {
  return {
    subject: 'a payoff',
    functions: [...Object.keys(FUNCTIONS), ...PATH_FUNCTIONS],
    names: [...underlyings, ...parameters],
  };
}

/** The number of an underlying from its name. */
export function assetNumber(name: string): number {
  return name === 'S' ? 0 : Number(name.slice(1)) - 1;
}
