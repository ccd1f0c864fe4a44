import {
  type CkksParameters,
  ckksParameters,
  MODULUS_CAP_BITS,
  modulusBits,
  type PolynomialDegree,
} from '../../src/ckks/parameters.ts';
import { SealEvaluationKeys } from '../../src/ckks/seal/evaluation-keys.ts';
import { SealSlotEvaluator } from '../../src/ckks/seal/slot-evaluator.ts';
import { SlotEncryptor, SlotKeyHolder } from '../../src/ckks/seal/slot-secrets.ts';
import { Seal, SealContext, type SecretKey } from '../../src/ckks/seal.ts';
import { checkProgram } from '../../src/ckks/slots/check.ts';
import { runProgram } from '../../src/ckks/slots/execute.ts';
import { evaluationKeysOf } from '../../src/ckks/slots/keys.ts';
import type { SlotEncryption } from '../../src/ckks/slots/noise.ts';
import type { SlotProgram } from '../../src/ckks/slots/program.ts';

/** Runs slot programs on node-seal in this thread, encrypting and decrypting with a key of its own. */
export class SlotRunner implements Disposable {
  readonly context: SealContext;
  readonly #key: SecretKey;
  readonly #holder: SlotKeyHolder;

  private constructor(context: SealContext) {
    this.context = context;
    this.#key = context.newSecretKey();
    this.#holder = new SlotKeyHolder(context, this.#key);
  }

  static async create(parameters: CkksParameters): Promise<SlotRunner> {
    const weak = modulusBits(parameters) > (MODULUS_CAP_BITS[parameters.degree] ?? 0);
    return new SlotRunner(new SealContext(await Seal.load(), parameters, weak ? 'none' : 'tc128'));
  }

  get primes(): readonly number[] {
    return this.context.primes.map(Number);
  }

  /** All slots of every block of every output, results or not. */
  async run(
    program: SlotProgram,
    inputs: Readonly<Record<string, Float64Array>>,
    encryption: SlotEncryption = 'symmetric',
  ): Promise<Record<string, Float64Array[]>> {
    checkProgram(program, { degree: this.context.shape.degree, primes: this.primes });
    const spec = evaluationKeysOf(program);
    using keys = new SealEvaluationKeys(this.context, spec, this.#holder.evaluationKeys(spec, 'full'));
    using evaluator = new SealSlotEvaluator(this.context, keys);
    using byPublicKey = SlotEncryptor.byPublicKey(this.context, this.#holder.publicKey());
    const encryptor = encryption === 'symmetric' ? this.#holder.encryptor : byPublicKey;
    const form = encryption === 'symmetric' ? 'seeded' : 'full';
    const given = Object.fromEntries(
      program.inputs.map((input) => [
        input.name,
        { form, blocks: encryptor.encrypt(input, inputs[input.name]!) } as const,
      ]),
    );
    const results = await runProgram(program, evaluator, given);
    return Object.fromEntries(
      program.outputs.map(({ name, registers }) => [
        name,
        results[name]!.map((bytes, b) =>
          this.#holder.decrypt({ bytes, ...program.instructions[registers[b]!]! }),
        ),
      ]),
    );
  }

  [Symbol.dispose](): void {
    for (const resource of [this.#holder, this.#key, this.context]) resource[Symbol.dispose]();
  }
}

/** Parameters of a small and insecure ring in the shape of a plan's, for noise that is measured and not kept secret. */
export function weakParameters(
  degree: number,
  dataPrimeBits: readonly number[],
  specialPrimeBits: number,
): CkksParameters {
  const shape = ckksParameters(32768, dataPrimeBits, specialPrimeBits);
  return { ...shape, degree: degree as PolynomialDegree };
}
