import { Disposer } from '../../base/disposal.ts';
import { BackendError, IntegrityError } from '../../base/errors.ts';
import { fillMatrixPolynomial } from '../packing.ts';
import { SealEvaluationKeys } from '../seal/evaluation-keys.ts';
import { type SealCiphertext, type SealPlaintext, SealSlotEvaluator } from '../seal/slot-evaluator.ts';
import type { Ciphertext, Plaintext, SealContext } from '../seal.ts';
import { checkProgram } from '../slots/check.ts';
import { PreparedProgram } from '../slots/execute.ts';
import type { EvaluatorCommands } from './messages.ts';
import { residuesOfIntegers } from './residues.ts';
import type { Handlers, ReportProgress } from './serve.ts';
import { WorkerSeal } from './worker-seal.ts';

/** A matrix in SEAL's plaintext form: for each output the chunks that are not zero. */
type EncodedMatrix = {
  readonly chunks: number;
  readonly outputs: readonly (readonly { readonly chunk: number; readonly plaintext: Plaintext }[])[];
};

/** The public side: ciphertexts and public matrices; no command of it handles a key. */
export async function evaluatorHandlers(): Promise<Handlers<EvaluatorCommands>> {
  const seal = await WorkerSeal.load();
  let matrix: EncodedMatrix | undefined;
  let keys: SealEvaluationKeys | undefined;
  let slots: SealSlotEvaluator | undefined;
  let prepared: PreparedProgram<SealCiphertext, SealPlaintext> | undefined;

  const dropMatrix = () => {
    for (const terms of matrix?.outputs ?? []) for (const { plaintext } of terms) plaintext.delete();
    matrix = undefined;
  };
  const dropProgram = () => {
    prepared?.[Symbol.dispose]();
    prepared = undefined;
  };
  const dropKeys = () => {
    dropProgram();
    slots?.[Symbol.dispose]();
    keys?.[Symbol.dispose]();
    slots = undefined;
    keys = undefined;
  };

  return {
    open({ parameters }) {
      seal.keep(() => {
        dropMatrix();
        dropKeys();
      });
      seal.open(parameters);
      return null;
    },

    stats: () => seal.stats(),

    importKeys: ({ spec, keys: bytes }) =>
      seal.keep(() => {
        dropKeys();
        keys = new SealEvaluationKeys(seal.context, spec, bytes);
        slots = new SealSlotEvaluator(seal.context, keys);
        return null;
      }),

    prepareProgram: ({ program }) =>
      seal.keep(() => {
        dropProgram();
        const { shape, primes } = seal.context;
        checkProgram(program, { degree: shape.degree, primes: primes.map(Number) });
        prepared = new PreparedProgram(program, slots ?? missing('keys'));
        return null;
      }),

    async runProgram({ inputs }, progress, signal) {
      const started = performance.now();
      const outputs = await (prepared ?? missing('program')).run(inputs, {
        signal,
        onProgress: ({ done, total }) => progress(done, total),
      });
      return { outputs, evaluationMs: performance.now() - started };
    },

    prepare({ matrix: data, packing, matrixScaleBits }, progress) {
      return seal.keep(() => {
        dropMatrix();
        const outputs = encodeMatrix(seal.context, data, packing, 2 ** matrixScaleBits, progress);
        matrix = { chunks: packing.chunks, outputs };
        return { products: outputs.reduce((count, terms) => count + terms.length, 0) };
      });
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
      const inputs = ciphertexts.map((bytes) => stack.use(seal.context.loadCiphertext(bytes, 'seeded')));
      const started = performance.now();
      const results = encoded.outputs.map((terms): Ciphertext | null =>
        terms.length === 0
          ? null
          : stack.use(
              seal.context.innerProduct(terms.map(({ chunk, plaintext }) => [inputs[chunk]!, plaintext])),
            ),
      );
      const productMs = performance.now() - started;
      return {
        ciphertexts: results.map((result) => result && seal.context.saveCiphertext(result)),
        productMs,
      };
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
