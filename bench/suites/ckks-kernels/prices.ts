import { KernelEvaluator } from '../../../src/ckks/kernel/evaluator.ts';
import { primeBitsOf } from '../../../src/ckks/parameters.ts';
import { SealEvaluationKeys } from '../../../src/ckks/seal/evaluation-keys.ts';
import { SealSlotEvaluator } from '../../../src/ckks/seal/slot-evaluator.ts';
import { SlotKeyHolder } from '../../../src/ckks/seal/slot-secrets.ts';
import { Seal, SealContext } from '../../../src/ckks/seal.ts';
import { PreparedProgram } from '../../../src/ckks/slots/execute.ts';
import { evaluationKeysOf } from '../../../src/ckks/slots/keys.ts';
import { planSlots } from '../../../src/ckks/slots/plan.ts';
import { sealPrimes } from '../../../src/numeric/ntt-primes.ts';
import { SeededRandom } from '../../../src/numeric/seeded.ts';
import { encryptedBlackScholes } from '../../../src/risk/pricing/encrypted-black-scholes.ts';
import { featuresOf, randomOptions } from '../../../test/support/pricing-batches.ts';
import { median } from '../../harness/interleave.ts';
import type { BenchRow } from '../../harness/row.ts';
import { sampled } from '../../harness/sampled.ts';

const OPTIONS = 8192;
const ROUNDS = 5;

/** Black-Scholes prices with everything encrypted: a planned program of two Phi series, on both evaluators. */
export async function runPrices(report: (row: BenchRow) => void): Promise<void> {
  const circuit = encryptedBlackScholes({ length: OPTIONS });
  const { parameters, program } = planSlots(circuit, { precision: 1e-5 });
  const context = new SealContext(await Seal.load(), parameters);
  const key = context.newSecretKey();
  const holder = new SlotKeyHolder(context, key);
  const spec = evaluationKeysOf(program);
  const keys = holder.evaluationKeys(spec, 'full');
  const seal = new SealSlotEvaluator(context, new SealEvaluationKeys(context, spec, keys));
  const primes = sealPrimes(parameters.degree, primeBitsOf(parameters));
  const kernels = new KernelEvaluator({ degree: parameters.degree, primes });
  kernels.importKeys(spec, keys);
  kernels.reserve(program);
  const random = new SeededRandom(1);
  const values: Readonly<Record<string, Float64Array>> = featuresOf(randomOptions(random, OPTIONS));
  const inputs = Object.fromEntries(
    program.inputs.map((input) => [
      input.name,
      { form: 'seeded' as const, blocks: holder.encryptor.encrypt(input, values[input.name]!) },
    ]),
  );
  using onSeal = new PreparedProgram(program, seal);
  using onKernels = new PreparedProgram(program, kernels);
  const times = { seal: [] as number[], kernels: [] as number[] };
  const pricesOf = (outputs: Awaited<ReturnType<typeof onSeal.run>>) => {
    const { registers } = program.outputs[0]!;
    return holder.decrypt({ bytes: outputs['price']![0]!, ...program.instructions[registers[0]!]! });
  };
  let error = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const start = performance.now();
    const theirs = await onSeal.run(inputs);
    const middle = performance.now();
    const ours = await onKernels.run(inputs);
    const end = performance.now();
    const [expected, found] = [pricesOf(theirs), pricesOf(ours)];
    error = found.reduce((most, price, i) => Math.max(most, Math.abs(price - expected[i]!)), error);
    if (!(error < 1e-5)) throw new Error(`evaluators differ by ${error}: not timed`);
    // The first round warms up.
    if (round === 0) continue;
    times.seal.push(middle - start);
    times.kernels.push(end - middle);
  }
  report(
    sampled(times.kernels, {
      suite: 'ckks-kernels',
      case: `${OPTIONS} encrypted Black-Scholes prices, N = ${parameters.degree}`,
      metric: 'time',
      unit: 'ms',
      baseline: 'node-seal, the same program',
      ratio: median(times.seal) / median(times.kernels),
      error,
      parameters: {
        primes: primeBitsOf(parameters).join('+'),
        instructions: program.instructions.length,
        pricesPerSecond: Math.round((1e3 * OPTIONS) / median(times.kernels)),
      },
    }),
  );
  const [ours, theirs] = [kernels.ring.kernels.memory.buffer.byteLength, context.native.seal.memoryBytes()];
  report(
    sampled([ours / 2 ** 20], {
      suite: 'ckks-kernels',
      case: `${OPTIONS} encrypted Black-Scholes prices, N = ${parameters.degree}`,
      metric: 'peak memory',
      unit: 'MiB',
      baseline: 'node-seal, the same program and keys (and the owner)',
      ratio: theirs / ours,
    }),
  );
}
