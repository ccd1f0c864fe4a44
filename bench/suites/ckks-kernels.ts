import { KernelEvaluator } from '../../src/ckks/kernel/evaluator.ts';
import { SealOracle } from '../../test/support/seal-oracle.ts';
import { interleave, median, type Timings } from '../harness/interleave.ts';
import { onThisMachine } from '../harness/machine.ts';
import type { BenchRow, BenchSuite } from '../harness/row.ts';
import { sampled } from '../harness/sampled.ts';
import { type MachineLimits, machineLimits } from './ckks-kernels/limits.ts';
import { runPacked } from './ckks-kernels/packed.ts';
import { runPrices } from './ckks-kernels/prices.ts';
import { runThreads } from './ckks-kernels/threads.ts';
import { type KernelWork, workOf } from './ckks-kernels/work.ts';

/**
 * Evaluation kernels against node-seal's evaluator, interleaved, one thread: every result is compared with SEAL's before it is timed.
 * `parameters.ofLimit` is how much of what arithmetic and memory of this machine allow is reached.
 */
export const suite: BenchSuite = { name: 'ckks-kernels', run };

const CHAINS: readonly (readonly [degree: number, bits: readonly number[]])[] = [
  [8192, [49, 40, 40, 49]],
  [16384, [49, 40, 40, 40, 40, 40, 40, 49]],
  [32768, [49, ...new Array<number>(16).fill(40), 49]],
];
/** Rotations of one ciphertext that are hoisted; at 32768 keys are 153 MiB each. */
const HOISTED: Readonly<Record<number, number>> = { 8192: 32, 16384: 32, 32768: 2 };
const TERMS = 32;
const SCALE = 2 ** 40;

type Case = {
  readonly seal: () => void;
  readonly ours: () => void;
  /** How many of SEAL's operations one call of ours does. */
  readonly times?: number;
  readonly work?: KernelWork;
};

async function run(report: (row: BenchRow) => void): Promise<void> {
  const limits = machineLimits();
  report(
    onThisMachine({
      suite: 'ckks-kernels',
      case: 'this machine, one core',
      metric: 'vector instructions',
      unit: '1/ns',
      value: limits.instructionsPerNs,
      n: 1,
      min: limits.instructionsPerNs,
      max: limits.instructionsPerNs,
      parameters: { bytesPerNs: limits.bytesPerNs },
    }),
  );
  for (const [degree, bits] of CHAINS) await runChain(degree, bits, limits, report);
  await runPacked(report);
  await runPrices(report);
  await runThreads(report);
}

async function runChain(
  degree: number,
  bits: readonly number[],
  limits: MachineLimits,
  report: (row: BenchRow) => void,
): Promise<void> {
  const contextStart = performance.now();
  const oracle = await SealOracle.open(degree, bits);
  const contextMs = performance.now() - contextStart;
  const top = bits.length - 2;
  const primes = top + 1;
  const steps = Array.from({ length: HOISTED[degree]! }, (_, i) => i + 1);
  const relinearisation = oracle.bytes(oracle.relinearisation);
  const galois = oracle.rotationKeys(steps);
  const rotations = oracle.bytes(galois);
  const parameters = { degree, primes: bits.join('+') };

  const start = performance.now();
  const kernels = new KernelEvaluator({ degree, primes: oracle.primes });
  const spec = { relinearise: true, rotations: [], conjugate: false };
  kernels.importKeys(spec, { form: 'full', relinearisation });
  const startMs = performance.now() - start;
  emit(report, `N = ${degree}: start with relinearisation key`, [startMs / 1e3], {
    baseline: 'node-seal context, keys made',
    ratio: contextMs / startMs,
    parameters,
  });
  kernels.importKeys({ ...spec, rotations: steps }, { form: 'full', relinearisation, galois: rotations });

  const slots = Float64Array.from({ length: degree / 2 }, (_, i) => Math.sin(i));
  const theirs = oracle.encrypt(slots, SCALE);
  const bytes = oracle.bytes(theirs);
  const ours = kernels.load(bytes, 'full', top, SCALE);
  const plaintext = oracle.encode(slots, SCALE);
  const encoded = kernels.encode({ values: slots, level: top, scale: SCALE });
  const square = oracle.apply((out) => oracle.evaluator.square(theirs, out));
  const product = kernels.square(ours);
  checkSame(kernels.save(product, square.scale()), oracle.bytes(square));

  const out = oracle.apply((target) => oracle.evaluator.multiplyPlain(theirs, plaintext, target));
  const sum = oracle.apply((target) => oracle.evaluator.multiplyPlain(theirs, plaintext, target));
  const { evaluator } = oracle;
  const work = workOf(degree, primes);
  const done = (result: Disposable) => result[Symbol.dispose]();
  const many = { ciphertexts: Array(TERMS).fill(ours), plaintexts: Array(TERMS).fill(encoded) };
  const cases: Record<string, Case> = {
    transform: {
      seal: () => {
        evaluator.cipherTransformFromNtt(theirs, out);
        evaluator.cipherTransformToNttInplace(out);
      },
      ours: () => {
        const { ring } = kernels;
        for (const component of ours.components) {
          component.forEach((page, j) => {
            const prime = ring.primes[j]!;
            ring.withPages(1, ([to]) => {
              ring.inverse(to!, page, prime, 'centred');
              ring.forward(to!, to!, prime);
            });
          });
        }
      },
      work: work.transforms(4 * primes),
    },
    'multiply to 3 components': {
      seal: () => evaluator.multiply(theirs, theirs, out),
      ours: () => done(kernels.multiply(ours, ours)),
      work: work.tensor(),
    },
    'plaintext multiply-accumulate': {
      seal: () => {
        evaluator.multiplyPlain(theirs, plaintext, out);
        evaluator.addInplace(sum, out);
      },
      ours: () => done(kernels.innerProductPlain(many.ciphertexts, many.plaintexts)),
      times: TERMS,
      work: work.plainSum(TERMS),
    },
    relinearise: {
      seal: () => evaluator.relinearize(square, oracle.relinearisation, out),
      ours: () => done(kernels.relinearise(product)),
      work: work.keySwitch(1, 1),
    },
    rescale: {
      seal: () => evaluator.rescaleToNext(square, out),
      ours: () => done(kernels.rescale(product)),
      work: work.transforms(3 * primes),
    },
    rotate: {
      seal: () => evaluator.rotateVector(theirs, 1, galois, out),
      ours: () => kernels.rotate(ours, [1]).forEach(done),
      work: work.keySwitch(1, 1),
    },
    [`${steps.length} hoisted rotations`]: {
      seal: () => evaluator.rotateVector(theirs, 1, galois, out),
      ours: () => kernels.rotate(ours, steps).forEach(done),
      times: steps.length,
      work: work.keySwitch(1, steps.length),
    },
    encode: {
      seal: () => done(oracle.encode(slots, SCALE)),
      ours: () => done(kernels.encode({ values: slots, level: top, scale: SCALE })),
      work: work.encode(),
    },
    'load and save': {
      seal: () => {
        using loaded = oracle.load(bytes);
        oracle.bytes(loaded);
      },
      ours: () => {
        using loaded = kernels.load(bytes, 'full', top, SCALE);
        kernels.save(loaded, SCALE);
      },
    },
  };
  for (const [name, { seal, ours: kernel, times = 1, work: cost }] of Object.entries(cases)) {
    const one = (action: () => void) => () => {
      action();
      return 1;
    };
    const { timings } = interleave(
      { seal: one(seal), kernels: one(kernel) },
      { rounds: 5, secondsPerRound: degree === 32768 ? 0.6 : 0.25 },
    );
    const each = timings.kernels.map((seconds) => seconds / times);
    const limitNs =
      cost === undefined
        ? undefined
        : Math.max(cost.instructions / limits.instructionsPerNs, cost.bytes / limits.bytesPerNs) / times;
    emit(report, `N = ${degree}: ${name}`, each, {
      baseline: 'node-seal',
      ratio: median(timings.seal) / median(each),
      parameters: {
        ...parameters,
        ...(cost === undefined ? {} : { ofLimit: round(limitNs! / (median(each) * 1e9)) }),
      },
    });
  }
}

const round = (x: number) => Math.round(x * 100) / 100;

function emit(
  report: (row: BenchRow) => void,
  name: string,
  seconds: Timings,
  more: Pick<BenchRow, 'baseline' | 'ratio' | 'parameters'>,
): void {
  const ms = seconds.map((value) => value * 1e3);
  report(
    sampled(ms, {
      suite: 'ckks-kernels',
      case: name,
      metric: 'time',
      unit: 'ms',
      ...more,
    }),
  );
}

function checkSame(found: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(found, expected) !== 0) throw new Error('kernels and node-seal differ: not timed');
}
