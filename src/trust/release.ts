import type { PartyId } from '../base/brand.ts';
import { PolicyError } from '../base/errors.ts';
import type { RunOptions } from '../base/progress.ts';
import { randomNormals } from '../base/random.ts';
import { type CoefficientContract, splitOutputs } from '../ckks/coefficient-plan.ts';
import type { Flooding } from '../ckks/flooding.ts';
import type { CkksKeyHolder, ResultCiphertexts } from '../ckks/key-holder.ts';
import type { SlotOutputs } from '../ckks/slots/execute.ts';
import type { SlotPlan } from '../ckks/slots/plan.ts';
import type { AuditLog } from './audit.ts';

/** Who wants which outputs, and what for. */
export type ReleaseRequest<O extends string> = {
  readonly to: PartyId;
  readonly outputs: readonly O[];
  readonly purpose: string;
};

/** Plans whose results are opened here: products by coefficients, and circuits on slots. */
export type ReleasablePlan = CoefficientContract | SlotPlan;
/** Names of a plan's outputs. */
export type OutputOf<P extends ReleasablePlan> = keyof P['error'] & string;
/** What a plan's evaluation gives. */
export type ResultsOf<P extends ReleasablePlan> = P extends SlotPlan ? SlotOutputs : ResultCiphertexts;

type Opened<P extends ReleasablePlan> = Record<OutputOf<P>, Float64Array>;

/** Results released so far under each key, whoever released them and under whichever plan: noise adds up over a key. */
const releasedUnder = new WeakMap<CkksKeyHolder, number>();

/**
 * The only place that opens a ciphertext. The key owner reads its own results as they decrypt; anybody else gets
 * them flooded with noise that drowns the encryption noise and rounded to a grid, only the outputs asked for and of them only
 * what are results, and counted against the budget for which the plan sized that noise (IND-CPA-D: Li and Micciancio, ePrint 2020/1533).
 */
export class ReleaseGuard<P extends ReleasablePlan> {
  readonly #keyHolder: CkksKeyHolder;
  readonly #plan: P;
  readonly #owner: PartyId;
  readonly #log: AuditLog;

  constructor(keyHolder: CkksKeyHolder, plan: P, owner: PartyId, log: AuditLog) {
    this.#keyHolder = keyHolder;
    this.#plan = plan;
    this.#owner = owner;
    this.#log = log;
  }

  /**
   * For the key owner's own eyes. What is computed from this may be published (a VaR, say) only through
   * {@link ReleaseGuard.releaseTo} as well: exact functions of a raw decryption carry its noise.
   */
  async readAsOwner(ciphertexts: ResultsOf<P>, options: RunOptions = {}): Promise<Opened<P>> {
    const raw = await this.#decrypt(ciphertexts, options);
    this.#log.append(this.#owner, 'opened', this.#plan.circuit.digest, 'all outputs, to the key owner');
    return raw;
  }

  /**
   * Opens the requested outputs to somebody else.
   * @throws PolicyError if the plan was not made for release, or its budget is spent.
   */
  async releaseTo<Wanted extends OutputOf<P>>(
    request: ReleaseRequest<Wanted>,
    ciphertexts: ResultsOf<P>,
    options: RunOptions = {},
  ): Promise<Record<Wanted, Float64Array>> {
    const { flooding, circuit, error } = this.#plan;
    const refuse = (why: string): never => {
      this.#log.append(
        this.#owner,
        'refused',
        circuit.digest,
        `${request.outputs.join(', ')} to ${request.to}: ${why}`,
      );
      throw new PolicyError(`release to ${request.to} refused: ${why}`, { to: request.to });
    };
    if (flooding === undefined)
      refuse('the parameters leave no room for flooding; plan with a release budget');
    const released = releasedUnder.get(this.#keyHolder) ?? 0;
    if (released >= flooding!.queries)
      refuse(`the budget of ${flooding!.queries} releases of this key is spent`);
    const unknown = request.outputs.find((name) => !Object.hasOwn(error, name));
    if (unknown !== undefined) refuse(`the circuit has no output ${unknown}`);
    releasedUnder.set(this.#keyHolder, released + 1);
    const raw = await this.#decrypt(ciphertexts, options);
    const results = request.outputs.map((name) => [name, flooded(raw[name], flooding!)] as const);
    // The released value less its noise is the raw one.
    for (const values of Object.values<Float64Array>(raw)) values.fill(0);
    this.#log.append(
      this.#owner,
      'released',
      circuit.digest,
      `${request.outputs.join(', ')} to ${request.to}, purpose: ${request.purpose}`,
    );
    return Object.fromEntries(results) as Record<Wanted, Float64Array>;
  }

  /** Every output, its results only. Failures are logged too: a decryption that is refused answers a question about the key. */
  async #decrypt(ciphertexts: ResultsOf<P>, options: RunOptions): Promise<Opened<P>> {
    const plan: ReleasablePlan = this.#plan;
    try {
      if (plan.kind === 'slots')
        return (await this.#keyHolder.decryptRaw(plan, ciphertexts as SlotOutputs, options)) as Opened<P>;
      const stacked = await this.#keyHolder.decryptRaw(plan, ciphertexts as ResultCiphertexts, options);
      const raw = splitOutputs<OutputOf<P>>(plan.map.outputs, stacked);
      stacked.fill(0);
      return raw;
    } catch (error) {
      this.#log.append(
        this.#owner,
        'refused',
        plan.circuit.digest,
        'a ciphertext that could not be decrypted',
      );
      throw error;
    }
  }
}

/** With fresh noise for every value, rounded. */
function flooded(raw: Float64Array, { sigma, grid }: Flooding): Float64Array {
  const noise = randomNormals(raw.length, sigma);
  const values = raw.map((value, i) => grid * Math.round((value + noise[i]!) / grid));
  noise.fill(0);
  return values;
}
