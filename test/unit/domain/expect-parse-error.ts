import { expect } from 'vitest';
import { ParseError } from '../../../src/base/errors.ts';

/** Where and with what words a reader must refuse; `location` is `line:column` or `line:column field`. */
export function expectParseError(action: () => unknown, location: string, ...words: string[]): ParseError {
  let caught: unknown;
  try {
    action();
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(ParseError);
  const error = caught as ParseError;
  const { line, column, field } = error.location;
  expect(`${line}:${column}${field === undefined ? '' : ` ${field}`}`, error.message).toBe(location);
  for (const word of words) expect(error.message).toContain(word);
  return error;
}
