import { Disposer } from '../../base/disposal.ts';
import { BackendError, IntegrityError } from '../../base/errors.ts';
import { fillMatrixPolynomial } from '../packing.ts';
import { type Ciphertext, type Plaintext, Seal, SealContext } from '../seal.ts';
import type { EvaluatorCommands } from './messages.ts';
import { residuesOfIntegers } from './residues.ts';
import type { Handlers, ReportProgress } from './serve.ts';

/** A matrix in SEAL's plaintext form: for each output the chunks that are not zero. */
type EncodedMatrix = {
  readonly chunks: number;
  readonly outputs: readonly (readonly { readonly chunk: number; readonly plaintext: Plaintext }[])[];
};

/** The public side: ciphertexts and public matrices; no command of it handles a key. */
export async function evaluatorHandlers(): Promise<Handlers<EvaluatorCommands>> {
  const seal = await Seal.load();
  let context: SealContext | undefined;
  let matrix: EncodedMatrix | undefined;
  let baseline = 0;

  const opened = (): SealContext => context ?? missing('parameters');
  const dropMatrix = () => {
    for (const terms of matrix?.outputs ?? []) for (const { plaintext } of terms) plaintext.delete();
    matrix = undefined;
  };

  return {
    open({ parameters }) {
      dropMatrix();
      context?.[Symbol.dispose]();
      context = new SealContext(seal, parameters);
      baseline = seal.liveObjects();
      return null;
    },

    stats: () => {
      const encoded = matrix?.outputs.reduce((count, terms) => count + terms.length, 0) ?? 0;
      return { liveObjects: seal.liveObjects() - baseline - encoded };
    },

    prepare({ matrix: data, packing, matrixScaleBits }, progress) {
      dropMatrix();
      const outputs = encodeMatrix(opened(), data, packing, 2 ** matrixScaleBits, progress);
      matrix = { chunks: packing.chunks, outputs };
      return { products: outputs.reduce((count, terms) => count + terms.length, 0) };
    },

    evaluate({ ciphertexts }) {
      const encoded = matrix ?? missing('matrix');
      if (ciphertexts.length !== encoded.chunks) {
        throw new IntegrityError(`expected ${encoded.chunks} ciphertexts, found ${ciphertexts.length}`, {
          expected: encoded.chunks,
          found: ciphertexts.length,
        });
      }
      using stack = new Disposer();
      const inputs = ciphertexts.map((bytes) => stack.use(opened().loadCiphertext(bytes, 'seeded')));
      const started = performance.now();
      const results = encoded.outputs.map((terms): Ciphertext | null =>
        terms.length === 0
          ? null
          : stack.use(
              opened().innerProduct(terms.map(({ chunk, plaintext }) => [inputs[chunk]!, plaintext])),
            ),
      );
      const productMs = performance.now() - started;
      return { ciphertexts: results.map((result) => result && opened().saveCiphertext(result)), productMs };
    },
  };
}

function encodeMatrix(
  context: SealContext,
  data: Float64Array,
  packing: Parameters<typeof fillMatrixPolynomial>[0],
  scale: number,
  progress: ReportProgress,
): EncodedMatrix['outputs'] {
  const coefficients = new Float64Array(context.shape.degree);
  return Array.from({ length: packing.outputs }, (_, output) => {
    const chunks: number[] = [];
    const polynomials: BigUint64Array[] = [];
    for (let chunk = 0; chunk < packing.chunks; chunk++) {
      if (!fillMatrixPolynomial(packing, data, output, chunk, scale, coefficients)) continue;
      chunks.push(chunk);
      polynomials.push(residuesOfIntegers(coefficients, context.primes));
    }
    const plaintexts = context.plaintexts(polynomials);
    progress(output + 1, packing.outputs);
    return plaintexts.map((plaintext, index) => ({ chunk: chunks[index]!, plaintext }));
  });
}

function missing(what: string): never {
  throw new BackendError(`the evaluator has no ${what} yet`);
}
