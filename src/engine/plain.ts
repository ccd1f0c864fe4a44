import { executePlain } from '../algebra/execute.ts';
import type { PartyId } from '../base/brand.ts';
import type { EngineRun, RiskTask } from './task.ts';

/**
 * Error of the plaintext engine relative to L1: pricing in double precision meets the reference vectors to 1e-13 of
 * spot, and a book's largest moves are some hundredths of its spots.
 */
const PLAIN_ERROR = 1e-11;

/** The reference: the same circuit in the clear. */
export async function runPlain({ circuit, book, clock, log }: RiskTask): Promise<EngineRun> {
  const outputs = await clock.time('evaluate', () => executePlain(circuit, { book: book.z }));
  log.append('owner' as PartyId, 'evaluated', circuit.digest, 'in the clear');
  const error = { absolute: PLAIN_ERROR, known: 'measured' } as const;
  return {
    opened: 'pnl',
    outputs,
    error: { pnl: error, value: error, greeks: error },
    protection: { kind: 'none' },
    parameters: { arithmetic: 'IEEE 754 double', circuit: circuit.digest },
    cost: { bytesUp: 0, bytesDown: 0 },
  };
}
