import type { LedgerEntry, PrivacyLedger } from '../../domain/privacy.ts';
import { ONE_PROCESS, OWN, onCiphertexts } from '../ledger/facts.ts';
import type { AnyAgreement } from './agreement.ts';

type Agreed = Pick<AnyAgreement, 'plan'> & { readonly outputs: readonly string[] };

/** Who learned what of a batch whose contracts, market and key have an owner each. */
export function pricingLedger({ plan, outputs }: Agreed): PrivacyLedger {
  const known = `the agreement: number of options, public reference (forward, vol, bands, discount of each), domain, ${outputs.join(', ')} as outputs`;
  const ciphertexts = onCiphertexts(plan.parameters.securityBits);
  const apart =
    "the key's owner does not see what this owner sends: neither evaluator nor network gives it to it";
  const inputOwner = (
    role: string,
    notLearned: readonly string[],
    learned: readonly string[],
  ): LedgerEntry => ({
    role,
    learned: [known, ...learned],
    notLearned: [...notLearned, 'any result'],
    ...OWN,
  });
  return {
    entries: [
      inputOwner('contract owner', ['forwards and vols'], ['how many of its strikes were clamped']),
      inputOwner('market owner', ['strikes, expiries, types'], []),
      {
        role: 'evaluator',
        learned: [known, 'evaluation keys, sizes and times'],
        notLearned: ['strikes, expiries, types', 'forwards and vols beyond the public bands', 'any result'],
        adversary: ciphertexts.adversary,
        assumption: `${ciphertexts.assumption}, who does not collude with the evaluator`,
      },
      {
        role: 'key owner',
        learned: [known, `${outputs.join(', ')} of every option, within the error of the circuit`],
        notLearned: [
          'strikes, expiries, types, forwards and vols, but for what the results imply of them',
          'how many strikes were clamped',
        ],
        adversary:
          'honest but curious: it reads results as they are presented; their raw noise depends on the inputs, and answers are not re-randomised',
        assumption: apart,
      },
    ],
    limits: [
      ONE_PROCESS,
      'a price, a delta and a vega of one option, with its public reference, can imply its terms',
    ],
  };
}
