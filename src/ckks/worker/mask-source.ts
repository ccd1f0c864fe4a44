import { Disposer } from '../../base/disposal.ts';
import { Rerandomiser } from '../seal/rerandomiser.ts';
import { Seal, SealContext, type SealParameters } from '../seal.ts';

/** The context of the parameters last used: it takes longer to make than a request to serve. */
let kept: { readonly digest: SealParameters['digest']; readonly context: SealContext } | undefined;

/** What is added to responses that hide the matrix, for one request, in SEAL's serialization. */
export class MaskSource implements Disposable {
  readonly #stack = new Disposer();
  readonly #context: SealContext;
  readonly #hiding: Rerandomiser;

  private constructor(context: SealContext, publicKey: Uint8Array, floodBits: number) {
    this.#context = context;
    this.#hiding = this.#stack.use(new Rerandomiser(context, publicKey, floodBits));
  }

  /** @throws IntegrityError for anything but a public key of these parameters. */
  static async open(
    parameters: SealParameters,
    publicKey: Uint8Array,
    floodBits: number,
  ): Promise<MaskSource> {
    if (kept?.digest !== parameters.digest) {
      kept?.context[Symbol.dispose]();
      kept = undefined;
      kept = { digest: parameters.digest, context: new SealContext(await Seal.load(), parameters) };
    }
    return new MaskSource(kept.context, publicKey, floodBits);
  }

  /** A fresh one for every response. @param positions coefficients that are results. */
  mask(positions: readonly number[]): Uint8Array {
    using mask = this.#hiding.mask(positions);
    return this.#context.saveCiphertext(mask);
  }

  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }
}
