/** Stable, machine-readable class of an error; one per concrete class below. */
export type ErrorCode =
  | 'shape'
  | 'range'
  | 'unit'
  | 'parse'
  | 'plan'
  | 'unsupported'
  | 'parameters'
  | 'precision'
  | 'backend'
  | 'transport'
  | 'protocol'
  | 'abort'
  | 'custody'
  | 'policy'
  | 'integrity';

/** Public facts about a failure: never a secret, a share, a key or a raw decode. */
export type ErrorFacts = Readonly<Record<string, string | number>>;

/**
 * Root of every error this library throws. The message says what was expected, what was found and what to do;
 * `facts` carries the same for programs. Nothing secret is ever put in either.
 */
export abstract class BlindRiskError extends Error {
  abstract readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(message: string, facts: ErrorFacts = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.facts = facts;
  }
}

// ── the caller's input ──────────────────────────────────────────────────────

/** Lengths, dimensions or digests of things that must belong together do not. */
export class ShapeError extends BlindRiskError {
  override readonly code = 'shape';
}

/** A number lies outside the domain on which the result is defined. */
export class RangeError extends BlindRiskError {
  override readonly code = 'range';
}

/** Two values carry different units or currencies. */
export class UnitError extends BlindRiskError {
  override readonly code = 'unit';
}

/** Where in an input file a {@link ParseError} was found. Lines and columns count from 1. */
export type ParseLocation = {
  readonly file: string;
  readonly line: number;
  /** Column number of the field (CSV: field index; JSON: character), counted from 1. */
  readonly column: number;
  /** Name of the column or JSON path, where there is one. */
  readonly field?: string;
};

/** A file does not follow its format. */
export class ParseError extends BlindRiskError {
  override readonly code = 'parse';
  readonly location: ParseLocation;

  constructor(location: ParseLocation, expected: string, found: string, options?: ErrorOptions) {
    const field = location.field === undefined ? '' : ` (${location.field})`;
    super(
      `${location.file}:${location.line}:${location.column}${field}: expected ${expected}, found ${found}`,
      { ...location, expected, found },
      options,
    );
    this.location = location;
  }
}

// ── before anything runs ────────────────────────────────────────────────────

/** No parameters satisfy the request; the message says what would. */
export class PlanError extends BlindRiskError {
  override readonly code = 'plan';
}

/** The request is meaningful but this back end or version does not do it; the message names the nearest thing that does. */
export class UnsupportedError extends BlindRiskError {
  override readonly code = 'unsupported';
}

/** Cryptographic parameters are malformed, too weak or not the agreed ones. */
export class ParametersError extends BlindRiskError {
  override readonly code = 'parameters';
}

/** The wanted precision cannot be met. */
export class PrecisionError extends BlindRiskError {
  override readonly code = 'precision';
}

// ── while running ───────────────────────────────────────────────────────────

/** A cryptographic back end failed or ran out of its memory budget. */
export class BackendError extends BlindRiskError {
  override readonly code = 'backend';
}

/** Bytes could not be moved to or from a peer. */
export class TransportError extends BlindRiskError {
  override readonly code = 'transport';
}

/** A peer did not follow the protocol; the session is over and nothing was opened. */
export class ProtocolError extends BlindRiskError {
  override readonly code = 'protocol';
}

/** The caller asked the run to stop. */
export class AbortError extends BlindRiskError {
  override readonly code = 'abort';
}

// ── guarding secrets (uninformative on purpose) ─────────────────────────────

/** A key is unavailable, disabled or destroyed. */
export class CustodyError extends BlindRiskError {
  override readonly code = 'custody';
}

/** A release or an operation is refused by policy. */
export class PolicyError extends BlindRiskError {
  override readonly code = 'policy';
}

/** Bytes are not what their sender made, or not from the expected sender. */
export class IntegrityError extends BlindRiskError {
  override readonly code = 'integrity';
}
