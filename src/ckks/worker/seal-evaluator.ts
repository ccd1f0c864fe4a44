import { Disposer } from '../../base/disposal.ts';
import { IntegrityError } from '../../base/errors.ts';
import { type CoefficientPacking, fillMatrixPolynomial, resultCoefficients } from '../packing.ts';
import { packResponse, type ResponseFormat, unpackRequest } from '../response.ts';
import { SealEvaluationKeys } from '../seal/evaluation-keys.ts';
import { Rerandomiser } from '../seal/rerandomiser.ts';
import { type SealCiphertext, type SealPlaintext, SealSlotEvaluator } from '../seal/slot-evaluator.ts';
import type { Ciphertext, Plaintext, SealContext } from '../seal.ts';
import { checkProgram } from '../slots/check.ts';
import { PreparedProgram } from '../slots/execute.ts';
import { seededBytes } from '../wire.ts';
import type { EvaluatorCommands } from './messages.ts';
import { missing, runPrepared } from './prepared.ts';
import { residuesOfIntegers } from './residues.ts';
import type { Handlers, ReportProgress } from './serve.ts';
import { WorkerSeal } from './worker-seal.ts';

/** A matrix in SEAL's plaintext form: for each output the chunks that are not zero. */
type EncodedMatrix = {
  readonly packing: CoefficientPacking;
  readonly format: ResponseFormat;
  readonly floodBits: number | undefined;
  readonly outputs: readonly (readonly { readonly chunk: number; readonly plaintext: Plaintext }[])[];
};

/** The public side on node-seal, slower than kernels by a factor and their oracle: it handles no secret. */
export async function sealEvaluatorHandlers(): Promise<Handlers<EvaluatorCommands>> {
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
        return { runsOn: 'node-seal' };
      }),

    runProgram: (request, progress, signal) => runPrepared(prepared, request, progress, signal),

    prepare({ matrix: data, packing, matrixScaleBits, format, floodBits }, progress) {
      return seal.keep(() => {
        dropMatrix();
        const skips = floodBits === undefined;
        const outputs = encodeMatrix(seal.context, data, packing, 2 ** matrixScaleBits, skips, progress);
        matrix = { packing, format, floodBits, outputs };
        return { products: outputs.reduce((count, terms) => count + terms.length, 0), runsOn: 'node-seal' };
      });
    },

    evaluate({ ciphertexts, publicKey }) {
      const { packing, format, floodBits, outputs } = matrix ?? missing('matrix');
      if (ciphertexts.length !== packing.chunks) {
        throw new IntegrityError(`expected ${packing.chunks} ciphertexts, found ${ciphertexts.length}`, {
          expected: packing.chunks,
          found: ciphertexts.length,
        });
      }
      const { context } = seal;
      const { degree } = context.shape;
      using stack = new Disposer();
      const hiding =
        floodBits === undefined
          ? undefined
          : stack.use(new Rerandomiser(context, publicKey ?? missing('public key'), floodBits));
      const inputs = ciphertexts.map((bytes) => stack.use(loadRequest(context, bytes)));
      let productMs = 0;
      const results = outputs.map((terms, output): Uint8Array | null => {
        if (terms.length === 0) return null;
        const started = performance.now();
        using result = context.innerProduct(terms.map(({ chunk, plaintext }) => [inputs[chunk]!, plaintext]));
        productMs += performance.now() - started;
        const positions = resultCoefficients(packing, output);
        hiding?.hide(result, positions);
        return packResponse(context.coefficientsOf(result, format.primes), degree, format, positions);
      });
      return { ciphertexts: results, productMs };
    },
  };
}

function loadRequest(context: SealContext, bytes: Uint8Array): Ciphertext {
  const { shape, primes } = context;
  const { polynomial, seed } = unpackRequest(bytes, primes.map(Number), shape.degree);
  return context.loadCiphertext(seededBytes(shape, polynomial, seed), 'seeded');
}

/** @param skips whether products with blocks that are zero may be left out. */
function encodeMatrix(
  context: SealContext,
  data: Float64Array,
  packing: CoefficientPacking,
  scale: number,
  skips: boolean,
  progress: ReportProgress,
): EncodedMatrix['outputs'] {
  const coefficients = new Float64Array(context.shape.degree);
  return Array.from({ length: packing.outputs }, (_, output) => {
    const chunks: number[] = [];
    const polynomials: BigUint64Array[] = [];
    for (let chunk = 0; chunk < packing.chunks; chunk++) {
      const nonzero = fillMatrixPolynomial(packing, data, output, chunk, scale, coefficients);
      if (!nonzero && skips) continue;
      chunks.push(chunk);
      polynomials.push(residuesOfIntegers(coefficients, context.primes));
    }
    const plaintexts = context.plaintexts(polynomials);
    progress(output + 1, packing.outputs);
    return plaintexts.map((plaintext, index) => ({ chunk: chunks[index]!, plaintext }));
  });
}
