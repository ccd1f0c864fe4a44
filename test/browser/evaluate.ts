import { record } from '../../src/algebra/record.ts';
import { sha256Of } from '../../src/base/digest.ts';
import type { CoefficientPlan } from '../../src/ckks/coefficient-plan.ts';
import { ckksEvaluator } from '../../src/ckks/evaluator.ts';
import { KernelEvaluator } from '../../src/ckks/kernel/evaluator.ts';
import { planCkks } from '../../src/ckks/plan.ts';
import { loadRing, type RingVariant } from '../../src/kernels/ring.ts';
import { matrixOf } from '../../src/numeric/matrix.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { BlackScholesBatch } from '../../src/pricing/black-scholes-batch.ts';

/** What an owner on SEAL has made in Node, in base64: every engine evaluates the same bytes. */
export type Fixture = {
  readonly degree: number;
  readonly primes: readonly number[];
  readonly scale: number;
  readonly relinearisation: string;
  readonly galois: string;
  readonly seeded: string;
  /** Uploads of {@link packedPlan}. */
  readonly request: readonly string[];
};

export const STEPS: readonly number[] = [1, 5, -3];
const COLS = 300;

/** The plan of a matrix product: any engine makes the same one. */
export function packedPlan(): CoefficientPlan {
  const random = new SeededRandom(7);
  const entries = Float64Array.from({ length: 40 * COLS }, () => random.between(-1, 1));
  const circuit = record((alg, { x }) => ({ y: alg.matVecPlain(matrixOf(40, COLS, entries), x) }), {
    x: { length: COLS, bound: 1 },
  });
  return planCkks(circuit, { packing: 'coefficients', precision: 1e-3 });
}

/** Runs everything of the evaluation side here; SHA-256 of every result, in hex, by name. */
export async function evaluateAll(fixture: Fixture): Promise<Record<string, string>> {
  const results: Record<string, string> = { engine: loadRing().variant };
  const digest = (name: string, bytes: Uint8Array) => {
    results[name] = Array.from(sha256Of(bytes), (b) => b.toString(16).padStart(2, '0')).join('');
  };
  const variants: readonly RingVariant[] =
    loadRing().variant === 'fused' ? ['fused', 'unfused'] : ['unfused'];
  for (const variant of variants) {
    for (const [name, bytes] of evaluateSlots(fixture, variant)) digest(`slots, ${variant}: ${name}`, bytes);
  }
  const request = fixture.request.map(bytesOf);
  for (const workers of [1, 2]) {
    using evaluator = await ckksEvaluator(packedPlan(), { workers });
    const { ciphertexts } = await evaluator.evaluate(request);
    ciphertexts.forEach((bytes, output) => {
      digest(`packed, ${workers} workers: output ${output}`, bytes!);
    });
    if (evaluator.runsOn !== `kernels, ${loadRing().variant}`) throw new Error(evaluator.runsOn);
  }
  digest('Black-Scholes', prices());
  return results;
}

function* evaluateSlots(
  { degree, primes, scale, relinearisation, galois, seeded }: Fixture,
  variant: RingVariant,
): Generator<readonly [string, Uint8Array]> {
  const kernels = new KernelEvaluator({ degree, primes }, { kernels: variant });
  const spec = { relinearise: true, rotations: STEPS, conjugate: false };
  kernels.importKeys(spec, {
    form: 'full',
    relinearisation: bytesOf(relinearisation),
    galois: bytesOf(galois),
  });
  const level = primes.length - 2;
  const x = kernels.load(bytesOf(seeded), 'seeded', level, scale);
  const values = Float64Array.from({ length: degree / 2 }, (_, i) => Math.sqrt(i + 1) - 10);
  const plain = kernels.encode({ values, level, scale });
  yield ['expanded', kernels.save(x, scale)];
  const product = kernels.square(x);
  yield ['square', kernels.save(product, scale * scale)];
  const short = kernels.relinearise(product);
  yield ['relinearised', kernels.save(short, scale * scale)];
  yield ['rescaled', kernels.save(kernels.rescale(short), scale)];
  yield ['times a plaintext', kernels.save(kernels.mulPlain(x, plain), scale * scale)];
  yield ['plus a plaintext', kernels.save(kernels.addPlain(x, plain), scale)];
  const rotated = kernels.rotate(x, STEPS);
  for (const [i, step] of STEPS.entries()) yield [`rotated by ${step}`, kernels.save(rotated[i]!, scale)];
  const sum = kernels.innerProductPlain([x, ...rotated], [plain, plain, plain, plain]);
  yield ['sum of products', kernels.save(sum, scale * scale)];
}

/** Prices and Greeks of a grid of options, as bytes. */
function prices(): Uint8Array {
  const count = 1000;
  const batch = new BlackScholesBatch(count);
  const { sign, spot, strike, expiryYears, rate, vol } = batch.inputs;
  for (let i = 0; i < count; i++) {
    sign[i] = i % 2 === 0 ? 1 : -1;
    spot[i] = 100;
    strike[i] = 60 + i / 10;
    expiryYears[i] = 0.05 + (i % 37) / 20;
    rate[i] = 0.03;
    vol[i] = 0.1 + (i % 11) / 20;
  }
  const greeks = Object.values(batch.computeGreeks()) as Float64Array[];
  return new Uint8Array(Float64Array.from(greeks.flatMap((column) => [...column])).buffer);
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
