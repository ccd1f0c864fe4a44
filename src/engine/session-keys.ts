import type { Digest } from '../base/brand.ts';
import type { CkksKeyHolder } from '../ckks/key-holder.ts';

/** The owner's keys of a session, one for each set of parameters that its blocks of scenarios were planned with. */
export class SessionKeys implements Disposable {
  readonly #holders = new Map<Digest, CkksKeyHolder>();

  /** A key for these parameters, if there is one: it is the caller's until it is given back. */
  take(parameters: Digest): CkksKeyHolder | undefined {
    const holder = this.#holders.get(parameters);
    this.#holders.delete(parameters);
    return holder;
  }

  giveBack(holder: CkksKeyHolder): void {
    this.#holders.set(holder.parameters.digest, holder);
  }

  [Symbol.dispose](): void {
    for (const holder of this.#holders.values()) holder[Symbol.dispose]();
    this.#holders.clear();
  }
}
