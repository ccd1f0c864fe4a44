import { beforeAll, describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../../src/domain/privacy.ts';
import type { Report } from '../../../src/domain/report.ts';
import { riskLedger } from '../../../src/engine/ledger/risk.ts';
import { rehearse } from '../../../src/engine/rehearse.ts';
import { htmlReport } from '../../../src/engine/report/html.ts';
import { printReport } from '../../../src/engine/report/print.ts';
import { listedBasis } from '../../../src/risk/bases/listed.ts';
import { smallRequest } from '../../support/small-risk.ts';

const request = smallRequest(12, 40);
const entry = ({ privacy }: Pick<Report, 'privacy'>, role: RegExp): LedgerEntry =>
  privacy.entries.find((candidate) => role.test(candidate.role))!;
const roles = ({ privacy }: Report): readonly string[] => privacy.entries.map(({ role }) => role);

describe('the privacy ledger of a run', () => {
  let plain: Report;
  let ckks: Report;
  let pnl: Report;
  let figures: Report;
  beforeAll(async () => {
    plain = await rehearse('plain', request);
    ckks = await rehearse('ckks', request);
    pnl = await rehearse('mpc', { ...request, parties: 5, threshold: 2 });
    figures = await rehearse('mpc', { ...request, open: 'figures' });
  }, 60_000);

  it('claims nothing for a run in the clear', () => {
    expect(entry(plain, /owner/).notLearned).toEqual([]);
    expect(roles(plain)).toEqual(['owner', 'whoever is given this report']);
    expect(plain.privacy.limits.join()).toContain('nothing was protected');
  });

  it('says what an engine on ciphertexts learns, with the bits of its parameters', () => {
    const engine = entry(ckks, /engine/);
    expect(engine.learned[0]).toContain('12 contracts');
    expect(engine.notLearned[0]).toContain('quantities');
    expect(engine.adversary).toContain('honest but curious');
    expect(engine.assumption).toContain(`${ckks.parameters['securityBits']} bits`);
    expect(entry(ckks, /report/).assumption).toContain('without flooding');
    expect(roles(ckks)).not.toContain('network');
    expect(ckks.privacy.limits.join()).toContain('one process');
  });

  it('names the parties that may collude, and how: a linear plan is perfect, comparisons are computational and malicious', () => {
    const linear = entry(pnl, /parties 1 to 5/);
    expect(linear.adversary).toContain('up to 2 of 5');
    expect(linear.adversary).toContain('semi-honest');
    expect(linear.assumption).toContain('perfect');
    const circuit = entry(figures, /parties 1 to 3/);
    expect(circuit.adversary).toContain('however they deviate');
    expect(circuit.assumption).toContain('2^-40');
  });

  it('knows who has read the P&L vector: on ciphertexts its owner, even where the report keeps it', async () => {
    expect(entry(pnl, /owner/).notLearned).toEqual([]);
    expect(entry(figures, /owner/).notLearned.join()).toContain('P&L vector');
    expect(entry(figures, /report/).notLearned).toContain('the P&L vector');
    const kept = await rehearse('ckks', { ...request, open: 'figures' });
    expect(kept.pnl).toBeNull();
    expect(entry(kept, /owner/).learned.join()).toContain('P&L vector');
    expect(entry(kept, /report/).notLearned).toContain('the P&L vector');
  }, 30_000);

  it('tells what a basis tells', async () => {
    const factors = await rehearse('mpc', { ...request, basis: 'factors' });
    expect(entry(factors, /parties/).notLearned.join()).toContain('strikes');
    expect(entry(factors, /parties/).learned.join()).not.toContain('contracts');
    const chebyshev = await rehearse('mpc', { ...request, basis: 'chebyshev', precision: 1e-4 });
    expect(entry(chebyshev, /parties/).learned.join()).toContain('smile of the marks');
    expect(entry(chebyshev, /parties/).notLearned.join()).toContain('inside its domain');
    const { listed } = chebyshev.parameters['basis'] as { listed: { contracts: number } };
    const outside = listed.contracts === 0 ? 'no contract' : `${listed.contracts} contracts`;
    expect(entry(chebyshev, /parties/).learned.join()).toContain(outside);
  }, 60_000);

  it('tells of the network only where there is one', () => {
    const basis = listedBasis([], request.market);
    const shares = { kind: 'shares', parties: 3, threshold: 1, security: 'semiHonest' } as const;
    const facts = { basis, read: 'figures', opened: ['value'] } as const;
    const ledgerOf = (protection: Parameters<typeof riskLedger>[0]['protection']) => ({
      privacy: riskLedger({ ...facts, protection }),
    });
    const tls = ledgerOf({ ...shares, transport: 'tls' });
    expect(entry(tls, /network/).assumption).toContain('TLS 1.3');
    expect(tls.privacy.limits.join()).toContain('under one user');
    expect(entry(tls, /parties/).adversary).toContain('follow the protocol');
    expect(entry(ledgerOf({ ...shares, transport: 'oneProcess' }), /network/)).toBeUndefined();
    const files = ledgerOf({ kind: 'ciphertexts', securityBits: 128, roles: 'files' });
    expect(entry(files, /network/).learned.join()).toContain('factor of two');
    expect(files.privacy.limits.join()).not.toContain('one process');
  });

  it('is in what people read, and holds no number of the book', () => {
    for (const report of [ckks, figures]) {
      const page = htmlReport(report);
      for (const { role } of report.privacy.entries) expect(page).toContain(role);
      expect(printReport(report)).toContain('hidden: from');
      expect(JSON.stringify(report.privacy)).not.toMatch(/\d\.\d{2}/);
    }
    expect(printReport(plain)).toContain('nothing was protected');
  });
});
