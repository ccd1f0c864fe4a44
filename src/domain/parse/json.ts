import { findNodeAtLocation, parseTree, printParseErrorCode } from 'jsonc-parser';
import { ParseError } from '../../base/errors.ts';
import { FINITE, type NumberRule, shown } from './rule.ts';

type Path = readonly (string | number)[];
type JsonFile = {
  readonly text: string;
  readonly file: string;
  /** Path of the first occurrence of each unknown key, and how often it occurs. */
  readonly unknown: Map<string, { readonly first: string; count: number }>;
};

/**
 * A value in a JSON file that knows its path, so that a failed expectation becomes a located {@link ParseError}.
 * Values come from `JSON.parse`; the slower tree with offsets is built only when an error needs a line.
 */
export class JsonCursor {
  readonly value: unknown;
  readonly #path: Path;
  readonly #file: JsonFile;

  constructor(file: JsonFile, path: Path, value: unknown) {
    this.#file = file;
    this.#path = path;
    this.value = value;
  }

  /** Checks that this is an object and notes keys that are not known. @throws ParseError */
  object(known: readonly string[]): this {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) {
      throw this.error('an object');
    }
    for (const key of Object.keys(this.value)) {
      if (known.includes(key)) continue;
      const seen = this.#file.unknown.get(key);
      if (seen === undefined) this.#file.unknown.set(key, { first: pathText(this.#path), count: 1 });
      else seen.count++;
    }
    return this;
  }

  /** A member of an object; its value is undefined where it is absent. */
  member(key: string): JsonCursor {
    const value = Object.hasOwn(this.value as object, key)
      ? (this.value as Record<string, unknown>)[key]
      : undefined;
    return new JsonCursor(this.#file, [...this.#path, key], value);
  }

  get present(): boolean {
    return this.value !== undefined;
  }

  /** @throws ParseError unless this is an array, of `length` elements where that is given. */
  array(expected: string, length?: number): JsonCursor[] {
    return this.#list(expected, length).map((item, index) => this.#element(index, item));
  }

  /** @throws ParseError unless this is an array of numbers that satisfy the rule. */
  numbers(rule: NumberRule, expected: string, length?: number): readonly number[] {
    const list = this.#list(expected, length);
    const wrong = list.findIndex((item) => !isNumber(item, rule));
    if (wrong >= 0) throw this.#element(wrong, list[wrong]).error(rule.text);
    return list as readonly number[];
  }

  /** @throws ParseError unless this is a number that satisfies the rule. */
  number(rule: NumberRule = FINITE): number {
    if (!isNumber(this.value, rule)) throw this.error(rule.text);
    return this.value;
  }

  /** @throws ParseError unless this is a string with at least one character. */
  text(expected = 'a non-empty text'): string {
    if (typeof this.value !== 'string' || this.value === '') throw this.error(expected);
    return this.value;
  }

  /** An error here; an absent value is reported at the object that lacks it. `found` is the value unless given. */
  error(expected: string, found?: string): ParseError {
    const tree = parseTree(this.#file.text);
    let path = this.#path;
    let node = tree === undefined ? undefined : findNodeAtLocation(tree, [...path]);
    while (node === undefined && tree !== undefined && path.length > 0) {
      path = path.slice(0, -1);
      node = findNodeAtLocation(tree, [...path]);
    }
    return new ParseError(
      { ...positionOf(this.#file, node?.offset ?? 0), ...fieldOf(pathText(this.#path)) },
      expected,
      found ?? (this.value === undefined ? 'nothing' : shownValue(this.value)),
    );
  }

  #list(expected: string, length: number | undefined): readonly unknown[] {
    if (!Array.isArray(this.value)) throw this.error(expected);
    if (length !== undefined && this.value.length !== length) {
      throw this.error(expected, `${this.value.length}`);
    }
    return this.value;
  }

  #element(index: number, value: unknown): JsonCursor {
    return new JsonCursor(this.#file, [...this.#path, index], value);
  }
}

/**
 * Parses strict JSON and hands its root to `read`; the warnings name the unknown keys that `read` met.
 * @throws ParseError where the text is not JSON, names a key twice, or `read` refuses a value.
 */
export function readJson<T>(
  text: string,
  file: string,
  read: (root: JsonCursor) => T,
): { readonly result: T; readonly warnings: string[] } {
  const source: JsonFile = { text: text.replace(/^\ufeff/, ''), file, unknown: new Map() };
  let value: unknown;
  try {
    value = JSON.parse(source.text);
  } catch (cause) {
    throw syntaxError(source, cause);
  }
  refuseRepeatedKeys(source);
  const result = read(new JsonCursor(source, [], value));
  const warnings = [...source.unknown].map(
    ([key, { first, count }]) =>
      `${file}: ignored unknown key ${shown(key)}${first === '' ? '' : ` of ${first}`}` +
      (count > 1 ? ` (${count} times in all)` : ''),
  );
  return { result, warnings };
}

function isNumber(value: unknown, rule: NumberRule): value is number {
  // JSON has no infinity, but 1e999 becomes one.
  return typeof value === 'number' && Number.isFinite(value) && rule.holds(value);
}

function syntaxError(source: JsonFile, cause: unknown): ParseError {
  const errors: { error: number; offset: number; length: number }[] = [];
  if (source.text.trim() === '') {
    return new ParseError({ file: source.file, line: 1, column: 1 }, 'a JSON object', 'an empty file', {
      cause,
    });
  }
  parseTree(source.text, errors, { disallowComments: true, allowTrailingComma: false });
  const first = errors[0];
  const offset = first?.offset ?? 0;
  const found = source.text.slice(offset, offset + Math.max(1, first?.length ?? 1));
  return new ParseError(
    positionOf(source, offset),
    `valid JSON${first === undefined ? '' : ` (${printParseErrorCode(first.error)})`}`,
    found === '' ? 'the end of the file' : shown(found),
    { cause },
  );
}

/** `JSON.parse` keeps the last of two equal keys; two readers of one market must not see different numbers. */
function refuseRepeatedKeys(source: JsonFile): void {
  const tokens = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g;
  const open: Map<string, number>[] = [];
  for (const match of source.text.matchAll(tokens)) {
    const token = match[0];
    if (token === '{') open.push(new Map());
    else if (token === '}') open.pop();
    else if (match[1] !== undefined) {
      const key = JSON.parse(token.slice(0, -match[1].length)) as string;
      const keys = open[open.length - 1]!;
      const earlier = keys.get(key);
      if (earlier !== undefined) {
        throw new ParseError(
          { ...positionOf(source, match.index), field: key },
          'each key once in an object',
          `${shown(key)} again, which is on line ${positionOf(source, earlier).line} too`,
        );
      }
      keys.set(key, match.index);
    }
  }
}

function positionOf(source: JsonFile, offset: number): { file: string; line: number; column: number } {
  const before = source.text.slice(0, offset).split('\n');
  return { file: source.file, line: before.length, column: before[before.length - 1]!.length + 1 };
}

function pathText(path: Path): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );
}

function fieldOf(field: string): { field?: string } {
  return field === '' ? {} : { field };
}

function shownValue(value: unknown): string {
  if (typeof value === 'string') return shown(value);
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
