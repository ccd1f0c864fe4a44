import { expect, it } from 'vitest';
import * as errors from '../../../src/base/errors.ts';
import { exitStatusOf, UsageError } from '../../../src/cli/errors.ts';

const { ParseError, RangeError, ShapeError, UnitError, PlanError, UnsupportedError, ParametersError } =
  errors;
const { PrecisionError, BackendError, TransportError, ProtocolError, AbortError } = errors;
const { CustodyError, PolicyError, IntegrityError } = errors;

it.each([
  [
    2,
    [
      ShapeError,
      RangeError,
      UnitError,
      PlanError,
      UnsupportedError,
      ParametersError,
      PrecisionError,
      UsageError,
    ],
  ],
  [3, [CustodyError, PolicyError, IntegrityError]],
  [4, [TransportError, ProtocolError, AbortError]],
  [1, [BackendError]],
] as const)('status %d belongs to its errors', (status, classes) => {
  for (const Class of classes) expect(exitStatusOf(new Class('x')), Class.name).toBe(status);
});

it('is 2 for what a file says, and 1 for what nobody foresaw', () => {
  expect(exitStatusOf(new ParseError({ file: 'f', line: 1, column: 1 }, 'a', 'b'))).toBe(2);
  expect(exitStatusOf(new TypeError('x'))).toBe(1);
  expect(exitStatusOf(undefined)).toBe(1);
});
