import type { LedgerEntry, PrivacyLedger } from '../../domain/privacy.ts';
import type { RiskBasis } from '../../risk/bases/basis.ts';
import { basisFacts } from './basis.ts';
import {
  envelopeNetwork,
  ONE_PROCESS,
  OWN,
  onCiphertexts,
  onShares,
  RAW_DECRYPTION,
  type Sharing,
  TLS_NETWORK,
} from './facts.ts';

/** How a run protected its book, as the engine that ran it says. */
export type Protection =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'ciphertexts';
      readonly securityBits: number;
      /** `files`: owner and engine are processes that hand files to each other. */
      readonly roles: 'oneProcess' | 'files';
    }
  | ({ readonly kind: 'shares'; readonly transport: 'oneProcess' | 'tls' } & Sharing);

export type RiskRunFacts = {
  readonly protection: Protection;
  readonly basis: RiskBasis;
  /** What the book's owner has read: `figures` where the P&L vector was opened to nobody. */
  readonly read: 'pnl' | 'figures';
  /** What the report shows. */
  readonly opened: readonly string[];
  /** Blocks of scenarios that were evaluated one after the other; 1 if absent. */
  readonly blocks?: number | undefined;
};

/** Who learned what in a run that reports the risk of one book to its owner. Facts of the run only; no number of the book is among them. */
export function riskLedger(facts: RiskRunFacts): PrivacyLedger {
  const { protection, opened } = facts;
  return {
    entries: [ownerOf(facts), ...others(facts), readerOf(facts)],
    limits: [
      ...separation(protection),
      opened.includes('pnl')
        ? 'a P&L vector over known scenarios tells linear functions of the book'
        : 'the figures tell what they imply about the book, to whoever sees them',
    ],
  };
}

function ownerOf({ protection, read }: RiskRunFacts): LedgerEntry {
  if (protection.kind === 'none') {
    return { role: 'owner', learned: ['everything: computed in the clear'], notLearned: [], ...OWN };
  }
  const results =
    read === 'pnl' ? 'its P&L vector, value and net Greeks, so all figures' : 'its figures and net Greeks';
  const learned =
    protection.kind === 'ciphertexts'
      ? [results, "the contracts' P&L in all scenarios: the response does not hide the matrix"]
      : [`${results}, with all digits of the fixed-point results`];
  const notLearned = read === 'pnl' ? [] : ['the P&L vector: it stayed shared, nobody opened it'];
  return { role: 'owner', learned, notLearned, ...OWN };
}

/** Those who compute without seeing the book, and whoever sees what passes between roles. */
function others({ protection, basis, blocks = 1 }: RiskRunFacts): LedgerEntry[] {
  if (protection.kind === 'none') return [];
  const { told, kept } = basisFacts(basis);
  const byFiles = protection.kind === 'ciphertexts' && protection.roles === 'files';
  const ratio = `the wanted precision relative to the exposure (gross / L1${byFiles ? ', to a factor of two' : ''})${blocks > 1 ? `, for each of ${blocks} blocks of scenarios` : ''}`;
  const learned = [
    ...told,
    'market and scenarios',
    `the plan: parameters and sizes, and ${ratio}`,
    'that the run took place',
  ];
  const notLearned = ['quantities and all that follows from them: P&L, figures, value, Greeks', ...kept];
  if (protection.kind === 'shares') {
    const { transport, parties } = protection;
    const computing = {
      role: `computing parties 1 to ${parties}`,
      learned,
      notLearned,
      ...onShares(protection),
    };
    return transport === 'tls' ? [computing, TLS_NETWORK] : [computing];
  }
  const { securityBits } = protection;
  const engine = { role: 'engine', learned, notLearned, ...onCiphertexts(securityBits) };
  return byFiles ? [engine, envelopeNetwork([...told, ratio], securityBits)] : [engine];
}

function readerOf({ protection, opened }: RiskRunFacts): LedgerEntry {
  const hidden = ['quantities, but for what these numbers imply'];
  return {
    role: 'whoever is given this report',
    learned: [opened.join(', '), 'parameters, sizes and times'],
    notLearned: opened.includes('pnl') ? hidden : ['the P&L vector', ...hidden],
    adversary: 'anybody',
    assumption:
      protection.kind === 'ciphertexts'
        ? RAW_DECRYPTION
        : 'none: no noise of an encryption is in these numbers',
  };
}

function separation(protection: Protection): string[] {
  if (protection.kind === 'none') return ['nothing was protected from the process and the machine'];
  if (protection.kind === 'ciphertexts') return protection.roles === 'oneProcess' ? [ONE_PROCESS] : [];
  return protection.transport === 'oneProcess'
    ? [ONE_PROCESS]
    : ['all processes ran on one machine, under one user: nothing was protected from that user'];
}
