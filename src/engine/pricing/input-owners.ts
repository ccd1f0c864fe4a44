import type { Digest } from '../../base/brand.ts';
import type { RunOptions } from '../../base/progress.ts';
import { CkksEncryptor } from '../../ckks/encryptor.ts';
import {
  contractFeatures,
  marketFeatures,
  type OptionMarket,
  type OptionTerms,
} from '../../risk/pricing/features.ts';
import type { AuditLog } from '../../trust/audit.ts';
import { createIdentity, type Identity, type PublicIdentity } from '../../trust/identity.ts';
import { envelopeDigest } from '../ckks.ts';
import type { AnyAgreement } from './agreement.ts';
import type { KeyOwnerSeat, RoleOptions } from './key-owner.ts';
import { type InputSide, openPublicKey, sealInputs } from './messages.ts';

/** What an owner of inputs hands to the evaluator, and the digest that it tells the key's owner. */
export type ProtectedInputs = {
  readonly envelope: Uint8Array;
  readonly digest: Digest;
  /** Who signed it. */
  readonly identity: PublicIdentity;
};

/**
 * The contracts' owner. Encrypts under the key owner's public key; cannot decrypt.
 * @returns also how many strikes were clamped, and what that changes of a price at most as a fraction of F': known to this owner alone.
 * @throws IntegrityError for a key or an agreement other than its own, RangeError for options outside the agreed domain: before anything is encrypted.
 */
export async function protectContracts(
  agreement: AnyAgreement,
  terms: OptionTerms,
  key: { readonly owner: KeyOwnerSeat; readonly publicKey: Uint8Array },
  log: AuditLog,
  options: RoleOptions = {},
): Promise<ProtectedInputs & { readonly clamped: number; readonly clampError: number }> {
  const { reference, domain } = agreement;
  const { features, clamped, clampError } = contractFeatures(terms, reference, domain);
  const identity = options.identity ?? createIdentity('contract owner');
  const sent = await protect(agreement, 'contracts', features, key, identity, log, options);
  return { ...sent, clamped, clampError };
}

/** The market's owner. @throws as {@link protectContracts}. */
export async function protectMarket(
  agreement: AnyAgreement,
  market: OptionMarket,
  key: { readonly owner: KeyOwnerSeat; readonly publicKey: Uint8Array },
  log: AuditLog,
  options: RoleOptions = {},
): Promise<ProtectedInputs> {
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
