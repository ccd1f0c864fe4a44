import type { LedgerEntry, PrivacyLedger } from '../../domain/privacy.ts';
import { ONE_PROCESS, OWN, onCiphertexts } from '../ledger/facts.ts';
import { type AnyAgreement, isBookValue } from './agreement.ts';

type Agreed = Pick<AnyAgreement, 'plan' | 'market' | 'outputs'>;

/** Who learned what of a batch whose contracts, market and key have an owner each; a public market has none. */
export function pricingLedger({ plan, market, outputs }: Agreed): PrivacyLedger {
  const ofBook = isBookValue(outputs);
  const isPublic = market === 'public';
  const reference = isPublic
    ? 'the market: forward, vol and discount of each'
    : 'public reference (forward, vol, bands, discount of each)';
  const known = `the agreement: number of options, ${reference}, domain, ${outputs.join(', ')} as outputs`;
  const terms = ofBook ? 'strikes, expiries, types, quantities' : 'strikes, expiries, types';
  const ciphertexts = onCiphertexts(plan.parameters.securityBits);
  const apart =
    "the key's owner does not see what an owner of inputs sends: neither evaluator nor network gives it to it";
  const inputOwner = (
    role: string,
    notLearned: readonly string[],
    learned: readonly string[],
  ): LedgerEntry => ({ role, learned: [known, ...learned], notLearned, ...OWN });
  const clamped = 'how many of its strikes were clamped';
  const contractOwner = ofBook
    ? inputOwner('contract owner', isPublic ? [] : ['forwards and vols'], [
        clamped,
        "the value of its book, as the key's owner tells it",
      ])
    : inputOwner('contract owner', [...(isPublic ? [] : ['forwards and vols']), 'any result'], [clamped]);
  const secrets = isPublic ? [terms] : [terms, 'forwards and vols beyond the public bands'];
  return {
    entries: [
      contractOwner,
      ...(isPublic ? [] : [inputOwner('market owner', [terms, 'any result'], [])]),
      {
        role: 'evaluator',
        learned: [known, 'evaluation keys, sizes and times'],
        notLearned: [...secrets, 'any result'],
        adversary: ciphertexts.adversary,
        assumption: `${ciphertexts.assumption}, who does not collude with the evaluator`,
      },
      {
        role: 'key owner',
        learned: [
          known,
          ofBook
            ? 'the value of the book in units of its largest exposure, within the error of the circuit'
            : `${outputs.join(', ')} of every option, within the error of the circuit`,
        ],
        notLearned: [
          `${terms}${isPublic ? '' : ', forwards and vols'}, but for what the results imply of them`,
          ...(ofBook ? ['the largest exposure, and with it the value in currency'] : []),
          'how many strikes were clamped',
        ],
        adversary:
          'honest but curious: it reads results as they are presented; their raw noise depends on the inputs, and answers are not re-randomised',
        assumption: apart,
      },
    ],
    limits: [
      ONE_PROCESS,
      ofBook
        ? 'the values of two books that differ in one option imply the value of that option'
        : 'a price, a delta and a vega of one option, with its public reference, can imply its terms',
      ...(isPublic && !ofBook
        ? [
            'with a public market the contract owner could price its options itself: what is gained is that it need not',
          ]
        : []),
    ],
  };
}
