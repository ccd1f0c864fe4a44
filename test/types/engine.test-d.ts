/** Compile-time tests, as algebra.test-d.ts. */

import type { Report } from '../../src/domain/report.ts';
import type { LedgerEntry, PrivacyLedger } from '../../src/engine/index.ts';
import { riskLedger } from '../../src/engine/ledger/risk.ts';
import { listedBasis } from '../../src/risk/bases/listed.ts';
import { smallRequest } from '../support/small-risk.ts';

export function everyReportHasALedger({ privacy }: Report): readonly LedgerEntry[] {
  // @ts-expect-error a ledger is not changed after the run
  privacy.entries[0]!.learned[0] = 'nothing';
  return privacy.entries;
}

export function protectionSaysHow(): PrivacyLedger {
  const run = { basis: listedBasis([], smallRequest().market), read: 'pnl', opened: ['pnl'] } as const;
  // @ts-expect-error a run on shares has a security model
  riskLedger({ ...run, protection: { kind: 'shares', parties: 3, threshold: 1, transport: 'tls' } });
  return riskLedger({ ...run, protection: { kind: 'none' } });
}
