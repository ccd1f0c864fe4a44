import { openFile } from '../../base/byte-stream.ts';
import { Disposer } from '../../base/disposal.ts';
import { sealPrimes } from '../../numeric/ntt-primes.ts';
import { KernelEvaluator } from '../kernel/evaluator.ts';
import type { KernelCiphertext, KernelPlaintext } from '../kernel/kernel-ciphertext.ts';
import type { KeyStream } from '../kernel/key-stream.ts';
import { PackedEvaluator } from '../kernel/packed-evaluator.ts';
import type { RingPrime, RingRegion } from '../kernel/ring.ts';
import type { ResponseFormat } from '../response.ts';
import type { SealParameters } from '../seal.ts';
import { checkProgram } from '../slots/check.ts';
import { PreparedProgram } from '../slots/execute.ts';
import type { KeyFile } from '../slots/keys.ts';
import type { SlotProgram } from '../slots/program.ts';
import type { AnyEvaluatorCommands } from './messages.ts';
import { missing, runPrepared } from './prepared.ts';
import type { Handlers } from './serve.ts';

/** An encoded matrix and how its results travel. */
type ServedMatrix = {
  readonly packed: PackedEvaluator;
  readonly format: ResponseFormat;
  readonly floodBits: number | undefined;
};

/** The public side on kernels of our own. It needs no SEAL, but for encryptions of zero where a matrix is hidden. */
export function kernelEvaluatorHandlers(): Handlers<AnyEvaluatorCommands> {
  let region: RingRegion | undefined;
  let parameters: SealParameters | undefined;
  let matrix: ServedMatrix | undefined;
  let slots: KernelEvaluator | undefined;
  let prepared: PreparedProgram<KernelCiphertext, KernelPlaintext> | undefined;

  const opened = () => parameters ?? missing('parameters');
  const dropProgram = () => {
    prepared?.[Symbol.dispose]();
    prepared = undefined;
  };

  const open = (wanted: SealParameters, own?: RingRegion): null => {
    dropProgram();
    matrix = undefined;
    slots = undefined;
    parameters = wanted;
    region = own;
    return null;
  };
  const newSlots = (tables?: readonly RingPrime[]) =>
    new KernelEvaluator({ degree: opened().degree, primes: primesOf(opened()) }, { region, tables });
  const newPacked = (tables?: readonly RingPrime[]) => {
    const { degree, dataPrimeBits } = opened();
    const dataPrimes = primesOf(opened()).slice(0, dataPrimeBits.length);
    return new PackedEvaluator({ degree, dataPrimes }, { region, tables });
  };
  const check = (program: SlotProgram) => {
    const { degree, dataPrimeBits } = opened();
    checkProgram(program, { degree, primes: primesOf(opened()).slice(0, dataPrimeBits.length) });
  };

  return {
    open: ({ parameters: wanted }) => open(wanted),
    openRegion: ({ parameters: wanted, region: own }) => open(wanted, own),

    stats: () => ({
      liveObjects: (slots?.liveObjects() ?? 0) - (prepared?.size ?? 0) + (matrix?.packed.liveObjects() ?? 0),
      memoryBytes: [slots, matrix?.packed].reduce(
        (sum, evaluator) => sum + (evaluator?.ring.kernels.memory.buffer.byteLength ?? 0),
        0,
      ),
    }),

    importKeys({ spec, keys }) {
      dropProgram();
      slots = undefined;
      const evaluator = newSlots();
      evaluator.importKeys(spec, keys);
      slots = evaluator;
      return null;
    },

    async importKeyFiles({ spec, keys: { form, files } }) {
      dropProgram();
      slots = undefined;
      const evaluator = newSlots();
      // Each is closed whatever becomes of the other.
      await using relinearisation = await openKeys(files.relinearisation);
      await using galois = await openKeys(files.galois);
      await evaluator.importKeyStreams(spec, { form, relinearisation, galois });
      slots = evaluator;
      return null;
    },

    prepareProgram({ program }) {
      dropProgram();
      const evaluator = slots ?? missing('keys');
      check(program);
      // A region is as large as it is.
      if (region === undefined) evaluator.reserve(program);
      prepared = new PreparedProgram(program, evaluator);
      return { runsOn: describe(evaluator) };
    },

    shareProgram: () => (slots ?? missing('keys')).share((prepared ?? missing('program')).plaintexts),

    borrowProgram({ program, shared }) {
      dropProgram();
      check(program);
      slots = newSlots(shared.tables);
      prepared = new PreparedProgram(program, slots, slots.borrow(shared));
      return null;
    },

    runProgram: (request, progress, signal) => runPrepared(prepared, request, progress, signal),

    prepare({ matrix: data, packing, matrixScaleBits, format, floodBits }, progress) {
      matrix = undefined;
      const packed = newPacked();
      const products = packed.prepare(data, packing, matrixScaleBits, {
        skipsZeros: floodBits === undefined,
        onOutput: (done) => progress(done, packing.outputs),
      });
      matrix = { packed, format, floodBits };
      return { products, runsOn: describe(packed) };
    },

    shareMatrix() {
      const { packed, format, floodBits } = matrix ?? missing('matrix');
      return { tables: packed.ring.primes, matrix: packed.share(), format, floodBits };
    },

    borrowMatrix({ tables, matrix: shared, format, floodBits }) {
      const packed = newPacked(tables);
      packed.borrow(shared);
      matrix = { packed, format, floodBits };
      return null;
    },

    async evaluate({ ciphertexts, publicKey, outputs: [from, to] = [0, undefined] }) {
      const { packed, format, floodBits } = matrix ?? missing('matrix');
      using stack = new Disposer();
      const masks =
        floodBits === undefined
          ? undefined
          : stack.use(await masksOf(opened(), publicKey ?? missing('public key'), floodBits));
      const inputs = ciphertexts.map((bytes) => stack.use(packed.loadRequest(bytes)));
      const started = performance.now();
      const results = packed.multiply(inputs, from, to).map((result) => result && stack.use(result));
      const productMs = performance.now() - started;
      const answers = results.map((result, index) => {
        if (result === null) return null;
        const output = from + index;
        if (masks !== undefined) {
          using mask = packed.load(masks.mask(packed.positions(output)), 'full');
          packed.addMask(result, mask);
        }
        return packed.compress(result, output, format);
      });
      return { ciphertexts: answers, productMs };
    },
  };
}

async function openKeys(file: KeyFile | undefined): Promise<(KeyStream & AsyncDisposable) | undefined> {
  if (file === undefined) return undefined;
  const stream = await openFile(file.path);
  return { stream, sha256: file.sha256, [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose]() };
}

/** Encryptions of zero and flooding: they need SEAL, which is loaded for them alone. */
async function masksOf(parameters: SealParameters, publicKey: Uint8Array, floodBits: number) {
  const { MaskSource } = await import('./mask-source.ts');
  return MaskSource.open(parameters, publicKey, floodBits);
}

function describe({ ring }: PackedEvaluator | KernelEvaluator): string {
  return `kernels, ${ring.variant}`;
}

const primesOf = ({ degree, dataPrimeBits, specialPrimeBits }: SealParameters): number[] =>
  sealPrimes(degree, specialPrimeBits === undefined ? dataPrimeBits : [...dataPrimeBits, specialPrimeBits]);
