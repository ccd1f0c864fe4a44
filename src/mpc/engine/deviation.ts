import { ProtocolError } from '../../base/errors.ts';

/** What has to hold, by check. */
const EXPECTED: Readonly<Record<string, string>> = {
  degree: 'expected opened shares to lie on polynomials of the right degree',
  product: 'expected the products of all parties to be right',
  bits: 'expected both peers to reveal the same bits',
  permutation: 'expected permuted values to be the same in another order',
  input: 'expected every input to be proved within its declared bounds',
};

/** The error of a check that failed: it names the round and the check, and an owner where it is certain that it is its doing. Never a value. */
export function deviation(round: number, check: string, culprit?: string): ProtocolError {
  const expected = EXPECTED[check] ?? `expected ${check} to hold`;
  return culprit === undefined
    ? new ProtocolError(
        `round ${round}: ${expected}; a party deviated, and which one cannot be told; nothing was opened: start a new session`,
        { round, check },
      )
    : new ProtocolError(
        `round ${round}: ${expected}; ${culprit} did not keep to it; nothing was opened: start a new session without it`,
        { round, check, culprit },
      );
}
