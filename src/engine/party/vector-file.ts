import { readJson } from '../../domain/parse/json.ts';
import { FINITE } from '../../domain/parse/rule.ts';

/** A client's vector: a JSON array of numbers. @throws ParseError, which shows what is no number and no other element. */
export function readVector(text: string, file: string): Float64Array {
  const { result } = readJson(text, file, (root) =>
    Float64Array.from(root.numbers(FINITE, 'an array of numbers')),
  );
  return result;
}
