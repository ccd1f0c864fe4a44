import type { LedgerEntry } from '../../domain/privacy.ts';
import { KAPPA } from '../../mpc/protocols/masking.ts';

/** What SECURITY.md says of each engine, once: ledgers are put together from these. */
type Terms = Pick<LedgerEntry, 'adversary' | 'assumption'>;

/** A role that keeps what is its own: nothing is claimed against it. */
export const OWN: Terms = {
  adversary: 'none: it is its own',
  assumption: 'its process and machine are its own: whoever debugs the process sees what it holds',
};

/** An evaluator of ciphertexts. @param bits of security of the parameters, by the 2024 guideline. */
export function onCiphertexts(bits: number): Terms {
  return {
    adversary:
      'honest but curious; a malicious one can return wrong results, signed by it and not proved right, but learns no more',
    assumption: `RLWE at ${bits} bits, and the secret key stays with its owner`,
  };
}

/** How values are shared. */
export type Sharing = {
  readonly parties: number;
  readonly threshold: number;
  /** `linear`: the parties exchange no word, whatever security is asked for. */
  readonly security: 'linear' | 'semiHonest' | 'malicious';
};

/** Computing parties of a run on shares. */
export function onShares({ parties, threshold, security }: Sharing): Terms {
  const together = `up to ${threshold} of ${parties} parties together, with any owners and recipients`;
  if (security === 'linear') {
    return {
      adversary: `${together}, who follow the protocol (semi-honest)`,
      assumption: 'none: Shamir shares tell nothing, whatever one computes (perfect)',
    };
  }
  return {
    adversary:
      security === 'malicious'
        ? `${together}, however they deviate (static corruption): the others abort or are right, without fairness`
        : `${together}, who follow the protocol (semi-honest)`,
    assumption: `up to 2^-${KAPPA} for each masked opening; ChaCha20 is a pseudorandom generator`,
  };
}

/** Whoever sees the messages of processes that speak TLS. */
export const TLS_NETWORK: LedgerEntry = {
  role: 'network',
  learned: ['addresses, sizes and times'],
  notLearned: ['keys, shares and results, which travel encrypted'],
  adversary: 'active: what it changes aborts the run',
  assumption: 'TLS 1.3, both ends authenticated by pinned keys',
};

/** Whoever sees the envelopes of roles that exchange ciphertexts. @param carried what they carry in the clear. */
export function envelopeNetwork(carried: readonly string[], bits: number): LedgerEntry {
  return {
    role: 'network',
    learned: ['sizes and times', ...carried],
    notLearned: ['what the ciphertexts hold'],
    adversary: 'active: every change is detected before anything is parsed (Ed25519)',
    assumption: `RLWE at ${bits} bits; envelopes are signed, not encrypted`,
  };
}

/** Where roles are processes that speak TLS, and nobody knows of the others where they run. */
export const UNKNOWN_MACHINES =
  'parties whose machines or keys one hand holds count as one party: no message tells whether they are';

/** Where all roles are in one process. */
export const ONE_PROCESS =
  'all roles ran in one process: the run was rehearsed, its roles were not separated';

/** What owners see of decryptions that carry the noise of their encryption. */
export const RAW_DECRYPTION =
  'made from raw decryptions: publishing it, or an exact function of it, is a release without flooding (not IND-CPA-D secure)';
