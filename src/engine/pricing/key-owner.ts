import type { Digest, KeyId, PartyId } from '../../base/brand.ts';
import { utf8 } from '../../base/bytes.ts';
import type { RunOptions } from '../../base/progress.ts';
import { CkksKeyHolder } from '../../ckks/key-holder.ts';
import type { PricingOutput } from '../../risk/pricing/encrypted-black-scholes.ts';
import { inCurrency, ofLargestExposure, type PricedColumn } from '../../risk/pricing/in-currency.ts';
import type { AuditLog } from '../../trust/audit.ts';
import { createIdentity, type Identity, type PublicIdentity } from '../../trust/identity.ts';
import { ReleaseGuard, type ResultsOf } from '../../trust/release.ts';
import { envelopeDigest } from '../ckks.ts';
import type { AgreedOutput, PricingAgreement } from './agreement.ts';
import {
  type BySide,
  EVALUATION_KEY_FORM,
  openResults,
  sealEvaluationKeys,
  sealPublicKey,
} from './messages.ts';

/** What a role needs of the key's owner: public. */
export type KeyOwnerSeat = { readonly identity: PublicIdentity; readonly keyId: KeyId };

/** Digests of the inputs' envelopes, which their owners tell the key's owner: the envelopes themselves it must not get. No market's where that is public. */
export type SentDigests = BySide<Digest>;

/** With a fresh identity, or one given. */
export type RoleOptions = RunOptions & { readonly identity?: Identity | undefined };

/** Names what was sent in the envelope that answers it. */
export function requestOf({ contracts, market }: SentDigests): Digest {
  return envelopeDigest(utf8(`${contracts}\n${market ?? 'public market'}`));
}

/** Holds the key and reads the prices. Could read every input too, if the evaluator or the network gave it the ciphertexts. */
export class PricingKeyOwner<O extends AgreedOutput> implements Disposable {
  readonly identity: Identity;
  readonly #agreement: PricingAgreement<O>;
  readonly #holder: CkksKeyHolder;
  readonly #guard: ReleaseGuard<PricingAgreement<O>['plan']>;

  private constructor(
    agreement: PricingAgreement<O>,
    identity: Identity,
    holder: CkksKeyHolder,
    log: AuditLog,
  ) {
    this.identity = identity;
    this.#agreement = agreement;
    this.#holder = holder;
    this.#guard = new ReleaseGuard(holder, agreement.plan, identity.name, log);
  }

  /** With a fresh key. */
  static async create<O extends AgreedOutput>(
    agreement: PricingAgreement<O>,
    log: AuditLog,
    options: RoleOptions = {},
  ): Promise<PricingKeyOwner<O>> {
    const { identity = createIdentity('key owner') } = options;
    const holder = await CkksKeyHolder.create(agreement.plan.parameters, options);
    log.append(identity.name, 'keyCreated', agreement.plan.parameters.digest, `key ${holder.keyId}`);
    return new PricingKeyOwner(agreement, identity, holder, log);
  }

  get keyId(): KeyId {
    return this.#holder.keyId;
  }

  /** For the owners of inputs. */
  async publicKey(options: RunOptions = {}): Promise<Uint8Array> {
    const bytes = await this.#holder.publicKey(options);
    return sealPublicKey(this.#agreement, this.keyId, bytes, this.identity);
  }

  /** For the evaluator. */
  async evaluationKeys(options: RunOptions = {}): Promise<Uint8Array> {
    const keys = await this.#holder.evaluationKeys(this.#agreement.plan, {
      ...options,
      form: EVALUATION_KEY_FORM,
    });
    return sealEvaluationKeys(this.#agreement, this.keyId, keys, this.identity);
  }

  /**
   * Opens the evaluator's answer to these inputs, for the key owner's own eyes. A book's value is in units of its largest exposure: see `bookValueOf`.
   * @throws IntegrityError
   */
  async read(
    answer: Uint8Array,
    evaluator: PublicIdentity,
    sent: SentDigests,
    options: RunOptions = {},
  ): Promise<Readonly<Record<O, PricedColumn>>> {
    const outputs = this.#open(answer, evaluator, sent);
    return this.#presented(await this.#guard.readAsOwner(outputs, options));
  }

  /**
   * Opens it to somebody else: flooded, rounded, counted.
   * @throws IntegrityError; PolicyError where the terms have no release budget, or it is spent.
   */
  async release(
    answer: Uint8Array,
    evaluator: PublicIdentity,
    sent: SentDigests,
    to: PartyId,
    options: RunOptions = {},
  ): Promise<Readonly<Record<O, PricedColumn>>> {
    const outputs = this.#open(answer, evaluator, sent);
    const request = { to, outputs: this.#agreement.outputs, purpose: `prices of ${this.#agreement.batch}` };
    return this.#presented(await this.#guard.releaseTo(request, outputs, options));
  }

  #open(
    answer: Uint8Array,
    evaluator: PublicIdentity,
    sent: SentDigests,
  ): ResultsOf<PricingAgreement<O>['plan']> {
    const outputs = openResults(this.#agreement, this.keyId, requestOf(sent), answer, evaluator);
    return outputs as ResultsOf<PricingAgreement<O>['plan']>;
  }

  #presented(raw: Readonly<Record<O, Float64Array>>): Readonly<Record<O, PricedColumn>> {
    const { plan, reference, domain, outputs } = this.#agreement;
    const presented = (name: O): PricedColumn => {
      const error = plan.error[name].absolute;
      if (name === 'value') return ofLargestExposure(raw[name], error, reference.forward.length);
      return inCurrency(name as PricingOutput, raw[name], error, reference, domain);
    };
    return Object.fromEntries(outputs.map((name) => [name, presented(name)])) as Record<O, PricedColumn>;
  }

  [Symbol.dispose](): void {
    this.#holder[Symbol.dispose]();
  }
}
