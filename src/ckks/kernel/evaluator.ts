import { ShapeError } from '../../base/errors.ts';
import type { SlotEvaluator } from '../slots/evaluator.ts';
import { conjugationElement, galoisElement } from '../slots/galois.ts';
import type { EvaluationKeyBytes, EvaluationKeySpec } from '../slots/keys.ts';
import type { SlotPlaintext, SlotProgram } from '../slots/program.ts';
import { componentsOf } from '../wire.ts';
import { CiphertextSpace } from './ciphertext-space.ts';
import { type EvaluationKeyStreams, EvaluationKeys, type SharedKeys } from './evaluation-keys.ts';
import type { KernelCiphertext, KernelPlaintext, PlaintextContent } from './kernel-ciphertext.ts';
import { type DigitRange, KeySwitcher } from './key-switching.ts';
import { ciphertextLayout } from './layout.ts';
import { programPages } from './memory.ts';
import { alive, sameLength, sameLevel, sameShape, twoComponents } from './operands.ts';
import { fillPlainSum } from './plain-sum.ts';
import { PrimeDivision } from './prime-division.ts';
import { Ring, type RingOptions, type RingPrime } from './ring.ts';
import { applyAutomorphisms } from './rotations.ts';
import { encodeScalar, SlotEncoder, type SlotValues } from './slot-encoder.ts';
import { type Component, readComponents, writeComponents } from './transfer.ts';

export type KernelParameters = {
  readonly degree: number;
  /** Data primes, then the special one, as SEAL orders them; or one prime alone, without keys. Each of at most 49 bits. */
  readonly primes: readonly number[];
};

/** Addresses in a memory that several evaluators use. */
export type SharedConstants = {
  readonly tables: readonly RingPrime[];
  readonly keys: SharedKeys;
  readonly plaintexts: readonly PlaintextContent[];
};

export type KernelEvaluatorOptions = RingOptions & {
  /** Default `centred`; `seal` gives SEAL's relinearisations and rotations to the bit, noisier, and rotates one at a time. */
  readonly digits?: DigitRange | undefined;
};

/**
 * Leveled CKKS on WASM kernels: SEAL's ciphertexts, plaintexts and keys, without SEAL. Additions, products and rescaling give
 * SEAL's results to the bit; so do relinearisation and rotations with SEAL's digits, while the default ones have less noise.
 * A rotation gives the same whether alone or hoisted. Holds public data only. Not for primes above 49 bits.
 *
 * Cost of a relinearisation or rotation with k data primes: k^2 + 3 k + 2 transforms; of a further hoisted rotation 2 k + 2.
 */
export class KernelEvaluator implements SlotEvaluator<KernelCiphertext, KernelPlaintext> {
  readonly ring: Ring;
  /** Made when something is encoded: borrowers of a program never do. */
  #encoder: SlotEncoder | undefined;
  readonly #division: PrimeDivision;
  readonly #switcher: KeySwitcher;
  readonly #hoists: boolean;
  readonly #space: CiphertextSpace;
  readonly #keys: EvaluationKeys;

  /** @throws ParametersError for primes that the kernels cannot do. */
  constructor({ degree, primes }: KernelParameters, options: KernelEvaluatorOptions = {}) {
    this.ring = new Ring(degree, primes, options);
    this.#hoists = options.digits !== 'seal';
    this.#division = new PrimeDivision(this.ring);
    this.#switcher = new KeySwitcher(this.ring, this.#division, options.digits ?? 'centred');
    this.#space = new CiphertextSpace(this.ring);
    this.#keys = new EvaluationKeys(this.ring, this.#space.parmsId(primes.length));
  }

  // ── keys ────────────────────────────────────────────────────────────────────

  /**
   * Reads the keys of a program, whose envelope has been verified; they replace those that were there. Cost: two passes over the bytes.
   * @throws IntegrityError unless the bytes are exactly the keys of the specification.
   */
  importKeys(spec: EvaluationKeySpec, bytes: EvaluationKeyBytes): void {
    this.#keys.load(spec, bytes);
  }

  /** The same from streams, a digit at a time: see {@link EvaluationKeys.loadStreams}. */
  importKeyStreams(spec: EvaluationKeySpec, streams: EvaluationKeyStreams): Promise<void> {
    return this.#keys.loadStreams(spec, streams);
  }

  /**
   * What of this evaluator others can use on the same memory: tables, keys, and encoded operands that their owner keeps. Plain
   * numbers: it can be posted to workers.
   */
  share(plaintexts: readonly KernelPlaintext[]): SharedConstants {
    return {
      tables: this.ring.primes,
      keys: this.#keys.share(),
      plaintexts: plaintexts.map(({ content }) => content),
    };
  }

  /** Uses the keys of another evaluator; returns its operands. @param options.tables of the same, too. */
  borrow({ keys, plaintexts }: SharedConstants): KernelPlaintext[] {
    this.#keys.borrow(keys);
    return plaintexts.map((content) => this.#space.borrowed(content));
  }

  /** Takes the memory of a program at once. @throws BackendError where it is not there. */
  reserve(program: SlotProgram): void {
    const { plaintexts, registers, scratch } = programPages(program);
    const encoder = Number(this.#encoder === undefined);
    this.ring.pool.reserve(plaintexts + registers + scratch + encoder);
  }

  // ── in and out ──────────────────────────────────────────────────────────────

  encode({ values, level, scale }: SlotPlaintext): KernelPlaintext {
    const primes = this.#space.primesAt(level);
    const content =
      typeof values === 'number'
        ? { scalars: encodeScalar(values, scale, this.ring, primes) }
        : { pages: this.#encode({ re: values }, scale, primes) };
    return this.#space.plaintext(content);
  }

  /** Encodes complex slots. @throws RangeError as {@link SlotEncoder.encode} */
  encodeComplex(values: SlotValues, level: number, scale: number): KernelPlaintext {
    const pages = this.#encode(values, scale, this.#space.primesAt(level));
    return this.#space.plaintext({ pages });
  }

  load(bytes: Uint8Array, form: 'seeded' | 'full', level: number, scale: number): KernelCiphertext {
    const primes = this.#space.primesAt(level);
    const components = form === 'seeded' ? 2 : componentsOf(bytes);
    const layout = ciphertextLayout(bytes, this.#space.shape(level, components, scale), form);
    return this.#space.wrap(readComponents(this.ring, bytes, layout, components, primes));
  }

  save(ciphertext: KernelCiphertext, scale: number): Uint8Array {
    const { components, level } = alive(ciphertext);
    const shape = this.#space.shape(level, components.length as 2 | 3, scale);
    return writeComponents(this.ring, shape, components, this.#space.primesAt(level));
  }

  // ── sums ────────────────────────────────────────────────────────────────────

  add(a: KernelCiphertext, b: KernelCiphertext): KernelCiphertext {
    return this.#componentwise('add', a, b);
  }

  sub(a: KernelCiphertext, b: KernelCiphertext): KernelCiphertext {
    return this.#componentwise('sub', a, b);
  }

  negate(a: KernelCiphertext): KernelCiphertext {
    return this.#space.map(a, (out, component, page) => {
      this.ring.kernels.negate(out, component[page]!, this.ring.degree);
    });
  }

  addPlain(a: KernelCiphertext, p: KernelPlaintext): KernelCiphertext {
    return this.#shift(a, p, 'add');
  }

  subPlain(a: KernelCiphertext, p: KernelPlaintext): KernelCiphertext {
    return this.#shift(a, p, 'sub');
  }

  // ── products ────────────────────────────────────────────────────────────────

  mulPlain(a: KernelCiphertext, plain: KernelPlaintext): KernelCiphertext {
    sameLevel(alive(a), alive(plain));
    const { kernels, degree } = this.ring;
    return this.#space.map(a, (out, component, j, { p, reciprocal }) => {
      if (plain.pages === undefined) {
        kernels.affine(out, component[j]!, plain.scalars![j]!, 0, degree, p, reciprocal);
      } else {
        kernels.multiply(out, component[j]!, plain.pages[j]!, degree, p, reciprocal);
      }
    });
  }

  innerProductPlain(
    ciphertexts: readonly KernelCiphertext[],
    plaintexts: readonly KernelPlaintext[],
  ): KernelCiphertext {
    const first = sameLength(ciphertexts, plaintexts);
    ciphertexts.forEach((ciphertext, i) => {
      sameShape(first, alive(ciphertext));
      sameLevel(ciphertext, alive(plaintexts[i]!));
    });
    return this.#space.fill(first.level, first.components.length, (out) => {
      fillPlainSum(this.ring, out, ciphertexts, plaintexts);
    });
  }

  multiply(a: KernelCiphertext, b: KernelCiphertext): KernelCiphertext {
    twoComponents(a);
    twoComponents(b);
    sameLevel(a, b);
    const { kernels, degree } = this.ring;
    const [a0, a1] = a.components as [Component, Component];
    const [b0, b1] = b.components as [Component, Component];
    return this.#space.fill(a.level, 3, ([d0, d1, d2]) => {
      this.#space.eachPrime(a.level, ({ p, reciprocal }, j) => {
        const from = [a0[j]!, a1[j]!, b0[j]!, b1[j]!] as const;
        kernels.tensor(d0![j]!, d1![j]!, d2![j]!, ...from, degree, p, reciprocal);
      });
    });
  }

  square(a: KernelCiphertext): KernelCiphertext {
    twoComponents(a);
    const { kernels, degree } = this.ring;
    const [a0, a1] = a.components as [Component, Component];
    return this.#space.fill(a.level, 3, ([d0, d1, d2]) => {
      this.#space.eachPrime(a.level, ({ p, reciprocal }, j) => {
        kernels.tensorSquare(d0![j]!, d1![j]!, d2![j]!, a0[j]!, a1[j]!, degree, p, reciprocal);
      });
    });
  }

  innerProduct(a: readonly KernelCiphertext[], b: readonly KernelCiphertext[]): KernelCiphertext {
    const first = sameLength(a, b);
    for (const ciphertext of [...a, ...b]) {
      twoComponents(ciphertext);
      sameLevel(first, ciphertext);
    }
    /** Pages of the products that belong to s^degree. */
    const pairs = (degree: number, j: number) =>
      a.flatMap((left, i) => {
        const right = b[i]!;
        const terms = degree === 1 ? [0, 1] : [degree / 2];
        return terms.flatMap((x) => [left.components[x]![j]!, right.components[degree - x]![j]!]);
      });
    return this.#space.fill(first.level, 3, (out) => {
      this.#space.eachPrime(first.level, (prime, j) => {
        out.forEach((component, degree) => {
          this.ring.innerProduct(component[j]!, pairs(degree, j), prime);
        });
      });
    });
  }

  // ── keys at work ────────────────────────────────────────────────────────────

  /** @throws BackendError where no relinearisation key was loaded. */
  relinearise(a: KernelCiphertext): KernelCiphertext {
    const [c0, c1, c2, ...more] = alive(a).components;
    if (c2 === undefined || more.length > 0) {
      throw new ShapeError(`relinearise: expected 3 components, found ${a.components.length}`);
    }
    return this.#space.wrap(this.#switcher.switch(c2, this.#keys.relinearisation(), [c0, c1]));
  }

  rescale(a: KernelCiphertext): KernelCiphertext {
    const { components, level } = alive(a);
    if (level === 0)
      throw new ShapeError('rescale: expected level 1 or more, found 0: no prime is left to drop');
    const { ring } = this;
    return this.#space.fill(level - 1, components.length, (out) => {
      ring.withPages(1, ([work]) => {
        components.forEach((component, c) => {
          ring.pool.view(work!).set(ring.pool.view(component[level]!));
          this.#division.divide(out[c]!, component, work!, level, level);
        });
      });
    });
  }

  dropLevels(a: KernelCiphertext, level: number): KernelCiphertext {
    if (!(level >= 0 && level <= alive(a).level)) {
      throw new ShapeError(`dropLevels: expected a level from 0 to ${a.level}, found ${level}`);
    }
    return this.#space.copy(a, level);
  }

  /** @throws BackendError where a step's Galois key was not loaded. */
  rotate(a: KernelCiphertext, steps: readonly number[]): KernelCiphertext[] {
    const { degree } = this.ring;
    return this.#applyAll(
      a,
      steps.map((step) => galoisElement(step, degree)),
    );
  }

  conjugate(a: KernelCiphertext): KernelCiphertext {
    return this.#applyAll(a, [conjugationElement(this.ring.degree)])[0]!;
  }

  liveObjects(): number {
    return this.#space.live;
  }

  /** The memory goes with the instance; nothing is shared with others. */
  [Symbol.dispose](): void {
    this.#keys.clear();
  }

  // ── inside ──────────────────────────────────────────────────────────────────

  #encode(values: SlotValues, scale: number, primes: readonly number[]): number[] {
    this.#encoder ??= new SlotEncoder(this.ring);
    return this.#encoder.encode(values, scale, primes);
  }

  #componentwise(kernel: 'add' | 'sub', a: KernelCiphertext, b: KernelCiphertext): KernelCiphertext {
    sameLevel(alive(a), alive(b));
    const { kernels, degree, pool } = this.ring;
    const count = Math.max(a.components.length, b.components.length);
    return this.#space.fill(a.level, count, (out) => {
      this.#space.eachPrime(a.level, ({ p, reciprocal }, j) => {
        out.forEach((component, c) => {
          const [left, right] = [a.components[c], b.components[c]];
          const target = component[j]!;
          // A missing component is zero.
          if (right === undefined) pool.view(target).set(pool.view(left![j]!));
          else if (left !== undefined) kernels[kernel](target, left[j]!, right[j]!, degree, p, reciprocal);
          else if (kernel === 'sub') kernels.negate(target, right[j]!, degree);
          else pool.view(target).set(pool.view(right[j]!));
        });
      });
    });
  }

  #shift(a: KernelCiphertext, plain: KernelPlaintext, kernel: 'add' | 'sub'): KernelCiphertext {
    sameLevel(alive(a), alive(plain));
    const { kernels, degree, pool } = this.ring;
    return this.#space.fill(a.level, a.components.length, (out) => {
      this.#space.eachPrime(a.level, ({ p, reciprocal }, j) => {
        const [target, from] = [out[0]![j]!, a.components[0]![j]!];
        if (plain.pages !== undefined) {
          kernels[kernel](target, from, plain.pages[j]!, degree, p, reciprocal);
        } else {
          const scalar = plain.scalars![j]!;
          kernels.affine(target, from, 1, kernel === 'add' ? scalar : -scalar, degree, p, reciprocal);
        }
        for (let c = 1; c < out.length; c++) pool.view(out[c]![j]!).set(pool.view(a.components[c]![j]!));
      });
    });
  }

  #applyAll(a: KernelCiphertext, elements: readonly number[]): KernelCiphertext[] {
    const automorphisms = elements.map((element) => ({
      element,
      key: element === 1 ? undefined : this.#keys.rotation(element),
    }));
    return applyAutomorphisms(this.#space, this.#switcher, a, automorphisms, this.#hoists);
  }
}
