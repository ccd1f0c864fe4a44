import type { KeyId } from '../../base/brand.ts';
import { ShapeError } from '../../base/errors.ts';
import type { RunOptions } from '../../base/progress.ts';
import { type SlotCircuitEvaluator, slotEvaluator } from '../../ckks/slot-evaluator.ts';
import type { SlotInputs } from '../../ckks/slots/execute.ts';
import type { AuditLog } from '../../trust/audit.ts';
import { createIdentity, type Identity, type PublicIdentity } from '../../trust/identity.ts';
import { envelopeDigest } from '../ckks.ts';
import type { AnyAgreement } from './agreement.ts';
import { type KeyOwnerSeat, type RoleOptions, requestOf } from './key-owner.ts';
import { type BySide, type InputSide, openEvaluationKeys, openInputs, sealResults } from './messages.ts';

/** Evaluates on ciphertexts of the owners of inputs. Holds no secret. */
export class PricingEvaluator implements Disposable {
  readonly identity: Identity;
  readonly #agreement: AnyAgreement;
  readonly #keyId: KeyId;
  readonly #evaluator: SlotCircuitEvaluator;
  readonly #log: AuditLog;

  private constructor(
    agreement: AnyAgreement,
    identity: Identity,
    keyId: KeyId,
    evaluator: SlotCircuitEvaluator,
    log: AuditLog,
  ) {
    this.identity = identity;
    this.#agreement = agreement;
    this.#keyId = keyId;
    this.#evaluator = evaluator;
    this.#log = log;
  }

  /** @param keys the key owner's evaluation keys. @throws IntegrityError for others, or another agreement. */
  static async create(
    agreement: AnyAgreement,
    owner: KeyOwnerSeat,
    keys: Uint8Array,
    log: AuditLog,
    options: RoleOptions = {},
  ): Promise<PricingEvaluator> {
    const { identity = createIdentity('evaluator') } = options;
    const opened = openEvaluationKeys(agreement, owner.keyId, keys, owner.identity);
    const evaluator = await slotEvaluator(agreement.plan, { ...options, keys: opened });
    return new PricingEvaluator(agreement, identity, owner.keyId, evaluator, log);
  }

  get runsOn(): string {
    return this.#evaluator.runsOn;
  }

  /**
   * Evaluates the batch and signs the answer. Of a public market there is no envelope.
   * @throws ShapeError where an envelope is missing, or there is one too many; IntegrityError before anything is parsed.
   */
  async price(
    envelopes: BySide<Uint8Array>,
    senders: BySide<PublicIdentity>,
    options: RunOptions = {},
  ): Promise<{ readonly answer: Uint8Array; readonly evaluationMs: number }> {
    const isPublic = this.#agreement.market === 'public';
    const sides: readonly InputSide[] = isPublic ? ['contracts'] : ['contracts', 'market'];
    const found = [envelopes.market, senders.market].filter((given) => given !== undefined).length;
    if (found !== (isPublic ? 0 : 2)) {
      throw new ShapeError(
        isPublic
          ? 'the market is public: nobody sends it'
          : "expected the contract owner's envelope and the market owner's, each with its sender",
      );
    }
    const opened = sides.map((side) =>
      openInputs(this.#agreement, this.#keyId, side, envelopes[side]!, senders[side]!),
    );
    const inputs: SlotInputs = Object.assign({}, ...opened);
    this.#log.append(this.identity.name, 'received', this.#agreement.digest, sides.join(' and '));
    const { outputs, evaluationMs } = await this.#evaluator.evaluate(inputs, options);
    this.#log.append(this.identity.name, 'evaluated', this.#agreement.digest, this.#agreement.batch);
    const request = requestOf({
      contracts: envelopeDigest(envelopes.contracts),
      market: envelopes.market && envelopeDigest(envelopes.market),
    });
    return {
      answer: sealResults(this.#agreement, this.#keyId, request, outputs, this.identity),
      evaluationMs,
    };
  }

  [Symbol.dispose](): void {
    this.#evaluator[Symbol.dispose]();
  }
}
