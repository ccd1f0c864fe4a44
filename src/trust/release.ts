import type { PartyId } from '../base/brand.ts';
import { PolicyError } from '../base/errors.ts';
import type { RunOptions } from '../base/progress.ts';
import { randomNormals } from '../base/random.ts';
import { type CoefficientContract, splitOutputs } from '../ckks/coefficient-plan.ts';
import type { CkksKeyHolder, ResultCiphertexts } from '../ckks/key-holder.ts';
import type { AuditLog } from './audit.ts';

/** Who wants which outputs, and what for. */
export type ReleaseRequest<O extends string> = {
  readonly to: PartyId;
  readonly outputs: readonly O[];
  readonly purpose: string;
};

/** Results released so far under each key, whoever released them and under whichever plan: noise adds up over a key. */
const releasedUnder = new WeakMap<CkksKeyHolder, number>();

/**
 * The only place that opens a ciphertext. The key owner reads its own results as they decrypt; anybody else gets
 * them flooded with noise that drowns the encryption noise and rounded to a grid, only the outputs asked for, and
 * counted against the budget for which the plan sized that noise (IND-CPA-D: Li and Micciancio, ePrint 2020/1533).
 */
export class ReleaseGuard<I extends string, O extends string> {
  readonly #keyHolder: CkksKeyHolder;
  readonly #plan: CoefficientContract<I, O>;
  readonly #owner: PartyId;
  readonly #log: AuditLog;

  constructor(keyHolder: CkksKeyHolder, plan: CoefficientContract<I, O>, owner: PartyId, log: AuditLog) {
    this.#keyHolder = keyHolder;
    this.#plan = plan;
    this.#owner = owner;
    this.#log = log;
  }

  /**
   * For the key owner's own eyes. What is computed from this may be published (a VaR, say) only through
   * {@link ReleaseGuard.releaseTo} as well: exact functions of a raw decryption carry its noise.
   */
  async readAsOwner(
    ciphertexts: ResultCiphertexts,
    options: RunOptions = {},
  ): Promise<Record<O, Float64Array>> {
    const stacked = await this.#decrypt(ciphertexts, options);
    this.#log.append(this.#owner, 'opened', this.#plan.circuit.digest, 'all outputs, to the key owner');
    return splitOutputs<O>(this.#plan.map.outputs, stacked);
  }

  /**
   * Opens the requested outputs to somebody else.
   * @throws PolicyError if the plan was not made for release, or its budget is spent.
   */
  async releaseTo<Wanted extends O>(
    request: ReleaseRequest<Wanted>,
    ciphertexts: ResultCiphertexts,
    options: RunOptions = {},
  ): Promise<Record<Wanted, Float64Array>> {
    const { flooding, circuit, map } = this.#plan;
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
    const unknown = request.outputs.find((name) => !map.outputs.some((output) => output.name === name));
    if (unknown !== undefined) refuse(`the circuit has no output ${unknown}`);
    releasedUnder.set(this.#keyHolder, released + 1);
    const stacked = await this.#decrypt(ciphertexts, options);
    const { sigma, grid } = flooding!;
    const noise = randomNormals(stacked.length, sigma);
    const flooded = stacked.map((value, i) => grid * Math.round((value + noise[i]!) / grid));
    // The released value less its noise is the raw one.
    stacked.fill(0);
    noise.fill(0);
    this.#log.append(
      this.#owner,
      'released',
      circuit.digest,
      `${request.outputs.join(', ')} to ${request.to}, purpose: ${request.purpose}`,
    );
    const wanted = map.outputs.filter(({ name }) => request.outputs.includes(name as Wanted));
    return splitOutputs<Wanted>(wanted, flooded);
  }

  /** Failures are logged too: a decryption that is refused answers a question about the key. */
  async #decrypt(ciphertexts: ResultCiphertexts, options: RunOptions): Promise<Float64Array> {
    try {
      return await this.#keyHolder.decryptRaw(this.#plan, ciphertexts, options);
    } catch (error) {
      this.#log.append(
        this.#owner,
        'refused',
        this.#plan.circuit.digest,
        'a ciphertext that could not be decrypted',
      );
      throw error;
    }
  }
}
