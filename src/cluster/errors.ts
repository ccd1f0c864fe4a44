import {
  AbortError,
  BackendError,
  BlindRiskError,
  CustodyError,
  IntegrityError,
  ParametersError,
  PlanError,
  PolicyError,
  PrecisionError,
  ProtocolError,
  RangeError,
  ShapeError,
  TransportError,
  UnitError,
  UnsupportedError,
} from '../base/errors.ts';
import type { ErrorMessage } from './messages.ts';

const CLASSES = {
  shape: ShapeError,
  range: RangeError,
  unit: UnitError,
  plan: PlanError,
  unsupported: UnsupportedError,
  parameters: ParametersError,
  precision: PrecisionError,
  backend: BackendError,
  transport: TransportError,
  protocol: ProtocolError,
  abort: AbortError,
  custody: CustodyError,
  policy: PolicyError,
  integrity: IntegrityError,
};

/** An error as a message to another thread. */
export function describeError(error: unknown): ErrorMessage {
  if (error instanceof BlindRiskError)
    return { code: error.code, message: error.message, facts: error.facts };
  return {
    code: 'backend',
    message: `the worker failed: ${error instanceof Error ? error.message : String(error)}`,
    facts: {},
  };
}

/**
 * The error that a message describes, of its own class. A parse error, which no task throws, comes back as a
 * BackendError.
 */
export function reviveError({ code, message, facts }: ErrorMessage): BlindRiskError {
  const Class = code === 'parse' ? BackendError : CLASSES[code];
  return new Class(message, facts);
}
