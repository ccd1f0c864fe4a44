import { sealPrimes } from '../../numeric/ntt-primes.ts';
import { FAILURE_BITS } from '../noise.ts';
import { type CkksParameters, primeBitsOf } from '../parameters.ts';
import { absOf } from './interval.ts';
import { NoiseSources, PEAK_SUM, type SourceVariance } from './noise-sources.ts';
import type { SlotInstruction, SlotProgram } from './program.ts';
import {
  addSensitivities,
  addSource,
  FIELDS,
  leastSensitivities,
  NO_SENSITIVITIES,
  rotateSensitivities,
  type Sensitivities,
  type WeightedSensitivities,
  withSource,
} from './sensitivity.ts';
import { type Tail, tailOf } from './tail.ts';
import type { BuiltProgram } from './tidy.ts';

/** How inputs are encrypted: by the holder of the secret key, or by anybody. */
export type SlotEncryption = 'symmetric' | 'public';

/** Error of a register's value, absolute, in the worst slot, except with probability 2^-FAILURE_BITS over the whole program. */
export type RegisterNoise = {
  readonly bound: number;
  /**
   * The part of it that depends on the key or on the randomness of encryption, and that a release has to drown: the distance from what
   * the program computes of the encoded vectors and operands exactly. What their encoding rounded away tells nothing of a key.
   */
  readonly secret: number;
  /** Deviation of the real part, to first order. */
  readonly deviation: number;
  /** Roundings of public numbers, of doubles and of scales: worst case. */
  readonly fixed: number;
};

/** Of registers, and of results by output: where parts are added up after decryption, of their sum. */
export type ProgramNoise = {
  /** Of a register; added up when it is asked for. */
  readonly ofRegister: (register: number) => RegisterNoise;
  readonly outputs: Readonly<Record<string, RegisterNoise>>;
};

/** A double that is encoded or decoded passes through a transform whose rounding is below this part of its largest slot. */
const TRANSFORM_ROUNDING = 2 ** -48;
/** Scales are products of up to a few hundred doubles. */
const SCALE_ROUNDING = 2 ** -50;

type State = {
  readonly sensitivities: Sensitivities;
  readonly fixed: number;
  /** Products of errors, of which at least one is random. */
  readonly higher: number;
  /** Sources added up, when first read: most registers are only added, rescaled and rotated. */
  readonly measured: () => Measured;
};
type Step = Omit<State, 'measured'>;
type Measured = RegisterNoise & { readonly random: number };
/** A summand, before the sensitivities of a sum are added in one pass. */
type Term = Omit<Step, 'sensitivities'> & { readonly parts: readonly WeightedSensitivities[] };

/**
 * Noise of every register of a program. The error of a register is, to first order, a weighted sum of the noise that single
 * operations added; the weights are followed with their sources, so that noise that reaches a sum along two ways adds up and
 * noise of different sources adds in squares. What is of second order, products of two errors, is bounded by the bounds of both.
 * Cost: instructions times sources; some milliseconds for a few hundred.
 */
export function noiseOf(
  { program, bounds, plaintextBounds, linearisations, omissions }: BuiltProgram,
  parameters: CkksParameters,
  encryption: SlotEncryption,
): ProgramNoise {
  const { degree } = parameters;
  const primes = sealPrimes(degree, primeBitsOf(parameters));
  const special = parameters.specialPrimeBits === undefined ? 1 : primes.at(-1)!;
  const data = primes.slice(0, parameters.dataPrimeBits.length);
  const sources = new NoiseSources(degree, data, special);
  const slots = degree / 2;
  const tail = tailOf(FAILURE_BITS, slots * (program.instructions.length + 1));
  const variances: SourceVariance[] = [];
  const encodings = new Map<number, number>();
  /** 1 for a source that is the encoding of a public operand. */
  const operands: number[] = [];
  const states: State[] = [];

  const newSource = (variance: SourceVariance, scale: number): number => {
    const s = scale ** -2;
    const { single, secret, secretSquare, key, peak } = variance;
    variances.push({
      single: single * s,
      secret: secret * s,
      secretSquare: secretSquare * s,
      key: key * s,
      peak: peak * s,
    });
    return variances.length - 1;
  };
  /** One vector is encoded once, with one rounding, wherever it is used. */
  const encodingOf = (plain: number): number => {
    const known = encodings.get(plain);
    if (known !== undefined) return known;
    const source = encodingSource(sources.encoding(), program.plaintexts[plain]!.scale);
    encodings.set(plain, source);
    return source;
  };
  const encodingSource = (single: number, scale: number): number => {
    const source = newSource({ ...ZERO, single }, scale);
    operands[source] = 1;
    return source;
  };
  const uses = usesOf(program);
  /** Worst-case error of a public operand: rounding of one number, or of the transform. */
  const fixedOf = (plain: number): number => {
    const { bound, uniform } = plaintextBounds[plain]!;
    const most = absOf(bound);
    if (!uniform) return most * TRANSFORM_ROUNDING;
    const { values, scale } = program.plaintexts[plain]!;
    const exact = (values as number) * scale;
    return Math.abs(Math.round(exact) - exact) / scale + most * SCALE_ROUNDING;
  };

  program.instructions.forEach((instruction, index) => {
    const args = instruction.args.map((argument) => states[argument]!);
    const sizes = instruction.args.map((argument) => absOf(bounds[argument]!));
    let { sensitivities, fixed, higher } = step(instruction, args, sizes);
    fixed += omissions.get(index) ?? 0;
    // Public operands occur on other paths as well.
    const seen = new Set<number>();
    for (const parts of linearisations.get(index) ?? []) {
      const limit = addSensitivities(
        parts.map(({ of, sensitivity }) => ({ of: states[of]!.sensitivities, factor: sensitivity })),
      );
      sensitivities = leastSensitivities(
        sensitivities,
        limit,
        (source) => !seen.has(source) && operands[source] !== 1,
      );
      for (let source = 0; FIELDS * source < limit.length; source++)
        if (limit[FIELDS * source] !== 0) seen.add(source);
    }
    let found: Measured | undefined;
    states.push({
      sensitivities,
      fixed,
      higher,
      measured: () => (found ??= measured(sensitivities, fixed, higher)),
    });
  });
  const ofRegister = (register: number): RegisterNoise => states[register]!.measured();
  const outputs = program.outputs.map(({ name, registers: blocks, every }): [string, RegisterNoise] => {
    const each = blocks.map(ofRegister);
    if (every === undefined) return [name, each.reduce((a, b) => (b.bound > a.bound ? b : a))];
    const { sensitivities, fixed, higher } = states[blocks[0]!]!;
    const parts = Array.from({ length: slots / every }, (_, part) =>
      once(rotateSensitivities(sensitivities, part * every, slots)),
    );
    return [name, measured(addSensitivities(parts), parts.length * fixed, parts.length * higher)];
  });
  return { ofRegister, outputs: Object.fromEntries(outputs) };

  function measured(sensitivities: Sensitivities, fixed: number, higher: number): Measured {
    const all = new SumOfSquares();
    const operandsOnly = new SumOfSquares();
    for (let source = 0; FIELDS * source < sensitivities.length; source++) {
      const root = sensitivities[FIELDS * source]!;
      if (root === 0) continue;
      const into = operands[source] === 1 ? operandsOnly : all;
      into.add(root, sensitivities[FIELDS * source + 1]!, variances[source]!);
    }
    const secret = all.reach(tail) + higher;
    all.join(operandsOnly);
    const random = all.reach(tail);
    return { bound: fixed + random + higher, secret, random, deviation: all.deviation(), fixed };
  }

  function step(instruction: SlotInstruction, args: readonly State[], sizes: readonly number[]): Step {
    const { level, scale } = instruction;
    const [a, b] = args as [State, State];
    switch (instruction.op) {
      case 'input': {
        const variance = encryption === 'symmetric' ? sources.symmetric() : sources.asymmetric(level);
        const sensitivities = withSource(NO_SENSITIVITIES, newSource(variance, scale), 1);
        return { sensitivities, fixed: absOf(bounds[states.length]!) * TRANSFORM_ROUNDING, higher: 0 };
      }
      case 'add':
      case 'sub': {
        const [left, right] = instruction.args.map((argument) => program.instructions[argument]!.scale);
        return {
          sensitivities: addSensitivities([once(a.sensitivities), once(b.sensitivities)]),
          fixed: a.fixed + b.fixed + sizes[1]! * Math.abs(left! / right! - 1),
          higher: a.higher + b.higher,
        };
      }
      case 'addPlain':
      case 'subPlain': {
        const { plain } = instruction;
        const { sensitivities, higher } = a;
        const fixed = a.fixed + fixedOf(plain);
        if (plaintextBounds[plain]!.uniform) return { sensitivities, fixed, higher };
        return { sensitivities: withSource(sensitivities, encodingOf(plain), 1), fixed, higher };
      }
      case 'mulPlain':
        return total([plainTerm(a, sizes[0]!, instruction.plain)]);
      case 'innerProductPlain': {
        // Operands of this sum alone are one source: a matrix has hundreds.
        let own = 0;
        const terms = args.map((each, i) => {
          const plain = instruction.plains[i]!;
          if (uses[plain]! > 1 || plaintextBounds[plain]!.uniform) return plainTerm(each, sizes[i]!, plain);
          own += (sizes[i]! / program.plaintexts[plain]!.scale) ** 2;
          return plainTerm(each, sizes[i]!, plain, false);
        });
        const sum = total(terms);
        if (own === 0) return sum;
        const source = encodingSource(own * sources.encoding(), 1);
        return { ...sum, sensitivities: withSource(sum.sensitivities, source, 1) };
      }
      case 'multiply':
        return total([product(a, b, sizes[0]!, sizes[1]!)]);
      case 'square':
        return total([product(a, a, sizes[0]!, sizes[0]!)]);
      case 'innerProduct': {
        const terms = Array.from({ length: args.length / 2 }, (_, i) =>
          product(args[2 * i]!, args[2 * i + 1]!, sizes[2 * i]!, sizes[2 * i + 1]!),
        );
        return total(terms);
      }
      case 'relinearise':
        return {
          ...a,
          sensitivities: withSource(a.sensitivities, newSource(sources.keySwitch(level), scale), 1),
        };
      case 'rotate': {
        const source = newSource(sources.keySwitch(level), scale);
        const sensitivities = rotateSensitivities(a.sensitivities, instruction.steps, slots, source);
        addSource(sensitivities, source, 1);
        return { ...a, sensitivities };
      }
      case 'rescale': {
        const { components } = instruction;
        return {
          ...a,
          sensitivities: withSource(a.sensitivities, newSource(sources.rescale(components), scale), 1),
        };
      }
      case 'negate':
      case 'dropLevels':
        return a;
    }
  }

  function plainTerm(a: State, size: number, plain: number, withEncoding = true): Term {
    const { bound, uniform } = plaintextBounds[plain]!;
    const most = absOf(bound);
    const rounding = fixedOf(plain);
    const parts: WeightedSensitivities[] = [{ of: a.sensitivities, factor: most }];
    const fixed = most * a.fixed + (size + a.fixed) * rounding;
    const higher = most * a.higher + rounding * noisyOf(a);
    if (uniform) return { parts, fixed, higher };
    if (withEncoding) parts.push(once(withSource(NO_SENSITIVITIES, encodingOf(plain), size)));
    // The rounding of the operand times the value, and times the value's error.
    const coarse =
      (Math.SQRT2 * tail.single * Math.sqrt(sources.encoding())) / program.plaintexts[plain]!.scale;
    return {
      parts,
      fixed: fixed + coarse * a.fixed,
      higher: higher + coarse * noisyOf(a),
    };
  }

  function product(a: State, b: State, sizeA: number, sizeB: number): Term {
    const [noisyA, noisyB] = [noisyOf(a), noisyOf(b)];
    return {
      parts: [
        { of: a.sensitivities, factor: sizeB },
        { of: b.sensitivities, factor: sizeA },
      ],
      fixed: sizeB * a.fixed + sizeA * b.fixed + a.fixed * b.fixed,
      higher: sizeB * a.higher + sizeA * b.higher + noisyA * noisyB + noisyA * b.fixed + a.fixed * noisyB,
    };
  }

  function total(terms: readonly Term[]): Step {
    return {
      sensitivities: addSensitivities(terms.flatMap(({ parts }) => parts)),
      fixed: terms.reduce((sum, term) => sum + term.fixed, 0),
      higher: terms.reduce((sum, term) => sum + term.higher, 0),
    };
  }
}

/** All but what is fixed. A slot is complex; an error has both parts. */
const noisyOf = ({ measured, higher }: State): number => Math.SQRT2 * measured().random + higher;

const once = (of: Sensitivities): WeightedSensitivities => ({ of, factor: 1 });

const ZERO: SourceVariance = { single: 0, secret: 0, secretSquare: 0, key: 0, peak: 0 };

/** What weighted sources add up to in the worst slot. */
class SumOfSquares {
  #single = 0;
  #product = 0;
  #cubic = 0;

  add(root: number, most: number, { single, secret, secretSquare, key, peak }: SourceVariance): void {
    this.#single += root * root * single + most * most * PEAK_SUM * peak;
    this.#product += root * root * (secret + key);
    this.#cubic += root * root * secretSquare;
  }

  join(other: SumOfSquares): void {
    this.#single += other.#single;
    this.#product += other.#product;
    this.#cubic += other.#cubic;
  }

  reach(tail: Tail): number {
    return (
      tail.single * Math.sqrt(this.#single) +
      tail.product * Math.sqrt(this.#product) +
      tail.cubic * Math.sqrt(this.#cubic)
    );
  }

  deviation(): number {
    // |s|^4 has twice the mean of |s|^2, squared.
    return Math.sqrt(this.#single + this.#product + 2 * this.#cubic);
  }
}

/** How often each public operand is read. */
function usesOf({ instructions, plaintexts }: SlotProgram): Uint32Array {
  const uses = new Uint32Array(plaintexts.length);
  for (const instruction of instructions) {
    if ('plain' in instruction) uses[instruction.plain]!++;
    if ('plains' in instruction) for (const plain of instruction.plains) uses[plain]!++;
  }
  return uses;
}
