import { BackendError } from '../../base/errors.ts';
import { Seal, SealContext, type SealParameters } from '../seal.ts';

/** The SEAL of one worker: its module, its context, and the objects that it keeps between requests. */
export class WorkerSeal {
  readonly #seal: Seal;
  #context: SealContext | undefined;
  /** SEAL objects that are meant to be alive between requests. */
  #kept = 0;

  private constructor(seal: Seal) {
    this.#seal = seal;
  }

  static async load(): Promise<WorkerSeal> {
    return new WorkerSeal(await Seal.load());
  }

  /** @throws BackendError before parameters were opened. */
  get context(): SealContext {
    if (this.#context === undefined) throw new BackendError('this worker has no parameters yet');
    return this.#context;
  }

  /** A context of the same parameters is kept: at N = 32768 it takes 16 s to make. */
  open(parameters: SealParameters): void {
    if (this.#context?.parameters.digest === parameters.digest) return;
    this.keep(() => {
      this.#context?.[Symbol.dispose]();
      this.#context = undefined;
      this.#context = new SealContext(this.#seal, parameters);
    });
  }

  /** Runs what makes or drops objects that outlive the request. */
  keep<T>(change: () => T): T {
    const before = this.#seal.liveObjects();
    try {
      return change();
    } finally {
      this.#kept += this.#seal.liveObjects() - before;
    }
  }

  /** SEAL objects that a request has left behind, and bytes of SEAL's memory. */
  stats(): { readonly liveObjects: number; readonly memoryBytes: number } {
    return {
      liveObjects: this.#seal.liveObjects() - this.#kept,
      memoryBytes: this.#seal.memoryBytes(),
    };
  }
}
