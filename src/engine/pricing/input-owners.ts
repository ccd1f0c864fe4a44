import type { Digest } from '../../base/brand.ts';
import { ShapeError } from '../../base/errors.ts';
import type { RunOptions } from '../../base/progress.ts';
import { CkksEncryptor } from '../../ckks/encryptor.ts';
import type { Figure } from '../../domain/report.ts';
import {
  type BookFeature,
  bookFeatures,
  type ClampedFeatures,
  type ContractFeature,
  contractFeatures,
  marketFeatures,
  type OptionBook,
  type OptionMarket,
  type OptionTerms,
} from '../../risk/pricing/features.ts';
import type { PricedColumn } from '../../risk/pricing/in-currency.ts';
import type { AuditLog } from '../../trust/audit.ts';
import { createIdentity, type Identity, type PublicIdentity } from '../../trust/identity.ts';
import { envelopeDigest } from '../ckks.ts';
import { type AnyAgreement, isBookValue } from './agreement.ts';
import type { KeyOwnerSeat, RoleOptions } from './key-owner.ts';
import { type InputSide, openPublicKey, sealInputs } from './messages.ts';

/** What an owner of inputs hands to the evaluator, and the digest that it tells the key's owner. */
export type ProtectedInputs = {
  readonly envelope: Uint8Array;
  readonly digest: Digest;
  /** Who signed it. */
  readonly identity: PublicIdentity;
};

/** What the contracts' owner has sent, and what it alone knows of it. */
export type ProtectedContracts = ProtectedInputs & {
  /** Strikes that it moved. */
  readonly clamped: number;
  /** What that changes of a price at most, as a fraction of F'. */
  readonly clampError: number;
  /** The largest exposure |quantity| F' of a book, in which its value is opened. Secret. */
  readonly largest?: number | undefined;
};

/**
 * The contracts' owner. Encrypts under the key owner's public key; cannot decrypt.
 * @param terms with quantities where the value of a book was agreed on, without where prices were.
 * @throws IntegrityError for a key or an agreement other than its own, RangeError for options outside the agreed domain, ShapeError for quantities that are
 * missing or not asked for: before anything is encrypted.
 */
export async function protectContracts(
  agreement: AnyAgreement,
  terms: OptionTerms | OptionBook,
  key: { readonly owner: KeyOwnerSeat; readonly publicKey: Uint8Array },
  log: AuditLog,
  options: RoleOptions = {},
): Promise<ProtectedContracts> {
  const { features, clamped, clampError, largest } = featuresOf(agreement, terms);
  const identity = options.identity ?? createIdentity('contract owner');
  const sent = await protect(agreement, 'contracts', features, key, identity, log, options);
  return { ...sent, clamped, clampError, largest };
}

type ContractSide = ClampedFeatures<ContractFeature | BookFeature> & { readonly largest?: number };

function featuresOf(
  { outputs, reference, domain }: AnyAgreement,
  terms: OptionTerms | OptionBook,
): ContractSide {
  const held = 'quantity' in terms;
  if (held !== isBookValue(outputs)) {
    throw new ShapeError(
      held
        ? 'prices do not take quantities: leave them out, or agree on the value of the book'
        : 'the value of a book needs the quantity of every option',
    );
  }
  const features = held ? bookFeatures(terms, reference, domain) : contractFeatures(terms, reference, domain);
  return features as ContractSide;
}

/**
 * The value of the contract owner's book in currency, from what the key's owner has read: one number in units of the largest exposure.
 * @throws ShapeError for contracts that were sent without quantities.
 */
export function bookValueOf({ values, errors }: PricedColumn, { largest }: ProtectedContracts): Figure {
  if (largest === undefined)
    throw new ShapeError('these contracts were sent for prices, not for a book value');
  return { value: values[0]! * largest, error: { absolute: errors[0]! * largest, known: 'modelled' } };
}

/**
 * The market's owner.
 * @throws as {@link protectContracts}; ShapeError where the market is public.
 */
export async function protectMarket(
  agreement: AnyAgreement,
  market: OptionMarket,
  key: { readonly owner: KeyOwnerSeat; readonly publicKey: Uint8Array },
  log: AuditLog,
  options: RoleOptions = {},
): Promise<ProtectedInputs> {
  if (agreement.market === 'public') {
    throw new ShapeError('the market of this agreement is its public reference: nobody encrypts it');
  }
  const features = marketFeatures(market, agreement.reference, agreement.domain);
  const identity = options.identity ?? createIdentity('market owner');
  return protect(agreement, 'market', features, key, identity, log, options);
}

async function protect(
  agreement: AnyAgreement,
  side: InputSide,
  features: Readonly<Record<string, Float64Array>>,
  key: { readonly owner: KeyOwnerSeat; readonly publicKey: Uint8Array },
  identity: Identity,
  log: AuditLog,
  options: RunOptions,
): Promise<ProtectedInputs> {
  const { keyId, identity: keyOwner } = key.owner;
  const publicKey = openPublicKey(agreement, keyId, key.publicKey, keyOwner);
  using encryptor = await CkksEncryptor.create(agreement.plan.parameters, publicKey, options);
  const vectors = Object.fromEntries(agreement.inputs[side].map((name) => [name, features[name]!]));
  const inputs = await encryptor.encrypt(agreement.plan, vectors, options);
  const envelope = sealInputs(agreement, keyId, side, inputs, identity);
  log.append(identity.name, 'protected', agreement.digest, `${side}, under key ${keyId}`);
  return {
    envelope,
    digest: envelopeDigest(envelope),
    identity: { name: identity.name, publicKey: identity.publicKey },
  };
}
