import { describe, expect, it } from 'vitest';
import * as errors from '../../../src/base/errors.ts';

const { BlindRiskError, ParseError } = errors;

const CLASSES = [
  { type: errors.ShapeError, name: 'ShapeError', code: 'shape' },
  { type: errors.RangeError, name: 'RangeError', code: 'range' },
  { type: errors.UnitError, name: 'UnitError', code: 'unit' },
  { type: errors.PlanError, name: 'PlanError', code: 'plan' },
  { type: errors.UnsupportedError, name: 'UnsupportedError', code: 'unsupported' },
  { type: errors.ParametersError, name: 'ParametersError', code: 'parameters' },
  { type: errors.PrecisionError, name: 'PrecisionError', code: 'precision' },
  { type: errors.BackendError, name: 'BackendError', code: 'backend' },
  { type: errors.TransportError, name: 'TransportError', code: 'transport' },
  { type: errors.ProtocolError, name: 'ProtocolError', code: 'protocol' },
  { type: errors.AbortError, name: 'AbortError', code: 'abort' },
  { type: errors.CustodyError, name: 'CustodyError', code: 'custody' },
  { type: errors.PolicyError, name: 'PolicyError', code: 'policy' },
  { type: errors.IntegrityError, name: 'IntegrityError', code: 'integrity' },
] as const;

describe('errors', () => {
  it.each(CLASSES)('$name has code, name, facts and cause', ({ type, name, code }) => {
    const cause = new Error('below');
    const error = new type('what to do', { count: 3, name: 'x' }, { cause });
    expect(error).toBeInstanceOf(BlindRiskError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(type);
    expect([error.name, error.code, error.message]).toEqual([name, code, 'what to do']);
    expect(error.facts).toEqual({ count: 3, name: 'x' });
    expect(error.cause).toBe(cause);
    expect(error.stack).toContain(`${name}: what to do`);
  });

  it('have no facts and no cause unless given', () => {
    const error = new errors.ShapeError('x');
    expect(error.facts).toEqual({});
    expect('cause' in error).toBe(false);
  });

  it('are told apart by class and by code', () => {
    const all = CLASSES.map(({ type }) => new type('x'));
    for (const { type, name } of CLASSES) {
      expect(all.filter((error) => error instanceof type).map((error) => error.name)).toEqual([name]);
    }
    expect(new Set([...CLASSES.map(({ code }) => code), 'parse']).size).toBe(CLASSES.length + 1);
  });

  it('cover every class that is exported', () => {
    const exported = Object.keys(errors).filter((name) => name !== 'BlindRiskError' && name !== 'ParseError');
    expect(exported.sort()).toEqual(CLASSES.map(({ name }) => name as string).sort());
  });

  it('ours is not the built-in RangeError', () => {
    expect(new errors.RangeError('x')).not.toBeInstanceOf(globalThis.RangeError);
  });
});

describe('ParseError', () => {
  const cause = new Error('below');
  const location = { file: 'book.csv', line: 3, column: 5, field: 'strike' };
  const error = new ParseError(location, 'a number', '"abc"', { cause });

  it('says where, what was expected and what was found', () => {
    expect(error.message).toBe('book.csv:3:5 (strike): expected a number, found "abc"');
    expect(error.location).toEqual(location);
    expect(error.facts).toEqual({ ...location, expected: 'a number', found: '"abc"' });
    expect([error.name, error.code, error.cause]).toEqual(['ParseError', 'parse', cause]);
    expect(error).toBeInstanceOf(BlindRiskError);
  });

  it('does without a field', () => {
    const bare = new ParseError({ file: 'm.json', line: 1, column: 1 }, 'an object', 'the end');
    expect(bare.message).toBe('m.json:1:1: expected an object, found the end');
  });
});
