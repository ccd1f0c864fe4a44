import { RangeError, UnsupportedError } from '../errors.ts';
import { nearestOf } from '../nearest.ts';

/** What an expression may say. Operators are those of {@link tokenize}. */
export type Language = {
  /** What an expression is, as in `xor is not part of a payoff`. */
  readonly subject: string;
  readonly functions: readonly string[];
  readonly names: readonly string[];
};

/** Operators that are words. */
export const WORD_OPERATORS: readonly string[] = ['and', 'or', 'not'];

/** A word or sign of an expression, and the character at which it starts, counted from 1. */
export type Token = {
  readonly kind: 'number' | 'name' | 'function' | 'operator' | 'bracket';
  readonly text: string;
  readonly position: number;
};

const LONGEST = 2000;
/** The parser calls itself some twenty times a bracket. */
const DEEPEST = 100;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const OPERATOR = /<=|>=|==|!=|[-+*/^<>?:]/y;
const BRACKET = /[(),]/y;
/** Operators of the parser's grammar that are words and mean nothing to us. */
const FOREIGN_OPERATORS = ['xor', 'mod', 'to', 'in'];
const SPACE = /[ \t]+/y;

/**
 * Splits an expression and refuses whatever is not an allowed number, name, function or operator, naming it, its
 * position and the nearest allowed one. Nothing has been parsed, and nothing can be evaluated, when this throws.
 * @throws RangeError for an expression that is empty, too long or nested too deeply. @throws UnsupportedError
 * naming the token and its position.
 */
export function tokenize(source: string, language: Language): Token[] {
  if (source.trim() === '') throw new RangeError('expected an expression, found nothing', { position: 1 });
  if (source.length > LONGEST) {
    throw new RangeError(`expected an expression of at most ${LONGEST} characters, found ${source.length}`, {
      found: source.length,
    });
  }
  const tokens: Token[] = [];
  let at = 0;
  let depth = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  while (at < source.length) {
    const space = match(SPACE);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const position = at + 1;
    const text = match(NUMBER) ?? match(WORD) ?? match(OPERATOR) ?? match(BRACKET);
    if (text === undefined) {
      const sign = String.fromCodePoint(source.codePointAt(at)!);
      throw refused(
        language,
        JSON.stringify(sign),
        position,
        'numbers, names, functions, + - * / ^ < <= > >= == != ? : and brackets ( ) are allowed',
      );
    }
    at += text.length;
    depth += text === '(' ? 1 : text === ')' ? -1 : 0;
    if (depth > DEEPEST) {
      throw new RangeError(`character ${position}: expected brackets at most ${DEEPEST} deep`, { position });
    }
    tokens.push({ kind: kindOf(text, position, source, at, language), text, position });
  }
  return tokens;
}

function kindOf(
  text: string,
  position: number,
  source: string,
  end: number,
  language: Language,
): Token['kind'] {
  if (/^[\d.]/.test(text)) {
    if (!Number.isFinite(Number(text))) {
      throw new RangeError(`character ${position}: expected a finite number, found ${text}`, { position });
    }
    return 'number';
  }
  if (!/^[A-Za-z_]/.test(text)) return /^[(),]$/.test(text) ? 'bracket' : 'operator';
  if (WORD_OPERATORS.includes(text)) return 'operator';
  if (FOREIGN_OPERATORS.includes(text)) {
    throw refused(
      language,
      `operator ${text}`,
      position,
      'operators are + - * / ^ < <= > >= == != ? : and or not',
    );
  }
  const { functions, names } = language;
  // As the parser does: a name before a bracket is a function.
  const called = /^[ \t]*\(/.test(source.slice(end));
  if (called) {
    if (functions.includes(text)) return 'function';
    const hint = names.includes(text)
      ? `to multiply, write ${text} * (...)`
      : `nearest: ${nearestOf(text, functions)}`;
    throw refused(language, `function ${text}`, position, `${hint}; allowed are ${functions.join(', ')}`);
  }
  if (names.includes(text)) return 'name';
  if (functions.includes(text)) {
    throw refused(language, `${text} without arguments`, position, `write ${text}(...)`);
  }
  throw refused(
    language,
    `name ${text}`,
    position,
    `nearest: ${nearestOf(text, names)}; allowed are ${names.join(', ')}`,
  );
}

/** The error for something outside the language. */
export function refused(
  { subject }: Pick<Language, 'subject'>,
  what: string,
  position: number,
  hint: string,
): UnsupportedError {
  return new UnsupportedError(`character ${position}: ${what} is not part of ${subject}; ${hint}`, {
    position,
    refused: what,
  });
}
