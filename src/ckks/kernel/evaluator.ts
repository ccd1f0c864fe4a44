import { ShapeError } from '../../base/errors.ts';
import type { SlotEvaluator } from '../slots/evaluator.ts';
import { conjugationElement, galoisElement } from '../slots/galois.ts';
import type { EvaluationKeyBytes, EvaluationKeySpec } from '../slots/keys.ts';
import type { SlotPlaintext, SlotProgram } from '../slots/program.ts';
import { componentsOf, type SealShape } from '../wire.ts';
import { EvaluationKeys } from './evaluation-keys.ts';
import { KernelCiphertext, KernelPlaintext, type LiveCount } from './kernel-ciphertext.ts';
import { type DigitRange, KeySwitcher } from './key-switching.ts';
import { ciphertextLayout, parmsIdOf } from './layout.ts';
import { programPages } from './memory.ts';
import { alive, sameLength, sameLevel, sameShape, twoComponents } from './operands.ts';
import { fillPlainSum } from './plain-sum.ts';
import { PrimeDivision } from './prime-division.ts';
import { Ring, type RingOptions, type RingPrime } from './ring.ts';
import { encodeScalar, SlotEncoder, type SlotValues } from './slot-encoder.ts';
import { type Component, readComponents, writeComponents } from './transfer.ts';

export type KernelParameters = {
  readonly degree: number;
  /** Data primes, then the special one, as SEAL orders them; or one prime alone, without keys. Each of at most 49 bits. */
  readonly primes: readonly number[];
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
  readonly encoder: SlotEncoder;
  readonly #division: PrimeDivision;
  readonly #switcher: KeySwitcher;
  readonly #hoists: boolean;
  readonly #parmsIds: readonly Uint8Array[];
  readonly #count: LiveCount = { live: 0 };
  readonly #keys: EvaluationKeys;

  /** @throws ParametersError for primes that the kernels cannot do. */
  constructor({ degree, primes }: KernelParameters, options: KernelEvaluatorOptions = {}) {
    this.ring = new Ring(degree, primes, options);
    this.encoder = new SlotEncoder(this.ring);
    this.#hoists = options.digits !== 'seal';
    this.#division = new PrimeDivision(this.ring);
    this.#switcher = new KeySwitcher(this.ring, this.#division, options.digits ?? 'centred');
    this.#parmsIds = primes.map((_, last) => parmsIdOf(degree, primes.slice(0, last + 1)));
    this.#keys = new EvaluationKeys(this.ring, this.#parmsIds.at(-1)!);
  }

  // ── keys ────────────────────────────────────────────────────────────────────

  /**
   * Reads the keys of a program, whose envelope has been verified; they replace those that were there. Cost: two passes over the bytes.
   * @throws IntegrityError unless the bytes are exactly the keys of the specification.
   */
  importKeys(spec: EvaluationKeySpec, bytes: EvaluationKeyBytes): void {
    this.#keys.load(spec, bytes);
  }

  /** Takes the memory of a program at once. @throws BackendError where it is not there. */
  reserve(program: SlotProgram): void {
    const { plaintexts, registers, scratch } = programPages(program);
    this.ring.pool.reserve(plaintexts + registers + scratch);
  }

  // ── in and out ──────────────────────────────────────────────────────────────

  encode({ values, level, scale }: SlotPlaintext): KernelPlaintext {
    const primes = this.#primesAt(level);
    const content =
      typeof values === 'number'
        ? { scalars: encodeScalar(values, scale, this.ring, primes) }
        : { pages: this.encoder.encode({ re: values }, scale, primes) };
    return new KernelPlaintext(this.ring, content, this.#count);
  }

  /** Encodes complex slots. @throws RangeError as {@link SlotEncoder.encode} */
  encodeComplex(values: SlotValues, level: number, scale: number): KernelPlaintext {
    const pages = this.encoder.encode(values, scale, this.#primesAt(level));
    return new KernelPlaintext(this.ring, { pages }, this.#count);
  }

  load(bytes: Uint8Array, form: 'seeded' | 'full', level: number, scale: number): KernelCiphertext {
    const primes = this.#primesAt(level);
    const components = form === 'seeded' ? 2 : componentsOf(bytes);
    const layout = ciphertextLayout(bytes, this.#shape(level, components, scale), form);
    return this.#wrap(readComponents(this.ring, bytes, layout, components, primes));
  }

  save(ciphertext: KernelCiphertext, scale: number): Uint8Array {
    const { components, level } = alive(ciphertext);
    const shape = this.#shape(level, components.length as 2 | 3, scale);
    return writeComponents(this.ring, shape, components, this.#primesAt(level));
  }

  // ── sums ────────────────────────────────────────────────────────────────────

  add(a: KernelCiphertext, b: KernelCiphertext): KernelCiphertext {
    return this.#componentwise('add', a, b);
  }

  sub(a: KernelCiphertext, b: KernelCiphertext): KernelCiphertext {
    return this.#componentwise('sub', a, b);
  }

  negate(a: KernelCiphertext): KernelCiphertext {
    return this.#map(a, a.components.length, (out, component, page) => {
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
    return this.#map(a, a.components.length, (out, component, j, { p, reciprocal }) => {
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
    return this.#fill(first.level, first.components.length, (out) => {
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
    return this.#fill(a.level, 3, ([d0, d1, d2]) => {
      this.#eachPrime(a.level, ({ p, reciprocal }, j) => {
        const from = [a0[j]!, a1[j]!, b0[j]!, b1[j]!] as const;
        kernels.tensor(d0![j]!, d1![j]!, d2![j]!, ...from, degree, p, reciprocal);
      });
    });
  }

  square(a: KernelCiphertext): KernelCiphertext {
    twoComponents(a);
    const { kernels, degree } = this.ring;
    const [a0, a1] = a.components as [Component, Component];
    return this.#fill(a.level, 3, ([d0, d1, d2]) => {
      this.#eachPrime(a.level, ({ p, reciprocal }, j) => {
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
    return this.#fill(first.level, 3, (out) => {
      this.#eachPrime(first.level, (prime, j) => {
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
    return this.#wrap(this.#switcher.switch(c2, this.#keys.relinearisation(), [c0, c1]));
  }

  rescale(a: KernelCiphertext): KernelCiphertext {
    const { components, level } = alive(a);
    if (level === 0)
      throw new ShapeError('rescale: expected level 1 or more, found 0: no prime is left to drop');
    const { ring } = this;
    return this.#fill(level - 1, components.length, (out) => {
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
    return this.#fill(level, a.components.length, (out) => {
      this.#copy(out, a.components);
    });
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
    return this.#count.live;
  }

  /** The memory goes with the instance; nothing is shared with others. */
  [Symbol.dispose](): void {
    this.#keys.clear();
  }

  // ── inside ──────────────────────────────────────────────────────────────────

  get #dataPrimes(): number {
    return Math.max(1, this.ring.primes.length - 1);
  }

  #shape(level: number, components: 2 | 3, scale: number): SealShape {
    const { degree } = this.ring;
    return { parmsId: this.#parmsIds[level]!, degree, primes: level + 1, components, scale };
  }

  #primesAt(level: number): readonly number[] {
    if (!Number.isInteger(level) || level < 0 || level >= this.#dataPrimes) {
      throw new ShapeError(`expected a level from 0 to ${this.#dataPrimes - 1}, found ${level}`);
    }
    return Array.from({ length: level + 1 }, (_, index) => index);
  }

  #wrap(components: readonly Component[]): KernelCiphertext {
    return new KernelCiphertext(this.ring, components, this.#count);
  }

  /** A new ciphertext that `fill` writes into. */
  #fill(level: number, components: number, fill: (out: readonly Component[]) => void): KernelCiphertext {
    const primes = level + 1;
    const pages = this.ring.pool.takeMany(components * primes);
    const out = Array.from({ length: components }, (_, c) => pages.slice(c * primes, (c + 1) * primes));
    try {
      fill(out);
    } catch (error) {
      this.ring.pool.give(pages);
      throw error;
    }
    return this.#wrap(out);
  }

  #eachPrime(level: number, action: (prime: RingPrime, index: number) => void): void {
    for (let j = 0; j <= level; j++) action(this.ring.primes[j]!, j);
  }

  #map(
    a: KernelCiphertext,
    components: number,
    action: (out: number, component: Component, index: number, prime: RingPrime) => void,
  ): KernelCiphertext {
    alive(a);
    return this.#fill(a.level, components, (out) => {
      this.#eachPrime(a.level, (prime, j) => {
        out.forEach((component, c) => {
          action(component[j]!, a.components[c]!, j, prime);
        });
      });
    });
  }

  #copy(out: readonly Component[], from: readonly Component[]): void {
    const { pool } = this.ring;
    out.forEach((component, c) => {
      component.forEach((page, j) => {
        pool.view(page).set(pool.view(from[c]![j]!));
      });
    });
  }

  #componentwise(kernel: 'add' | 'sub', a: KernelCiphertext, b: KernelCiphertext): KernelCiphertext {
    sameLevel(alive(a), alive(b));
    const { kernels, degree, pool } = this.ring;
    const count = Math.max(a.components.length, b.components.length);
    return this.#fill(a.level, count, (out) => {
      this.#eachPrime(a.level, ({ p, reciprocal }, j) => {
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
    return this.#fill(a.level, a.components.length, (out) => {
      this.#eachPrime(a.level, ({ p, reciprocal }, j) => {
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

  /** X -> X^element of a two-component ciphertext for each element, from one decomposition where there are several. */
  #applyAll(a: KernelCiphertext, elements: readonly number[]): KernelCiphertext[] {
    twoComponents(a);
    const keys = elements.map((element) => (element === 1 ? undefined : this.#keys.rotation(element)));
    const [c0, c1] = a.components as [Component, Component];
    const many = this.#hoists && keys.filter((key) => key !== undefined).length > 1;
    const decomposition = many ? this.#switcher.decompose(c1) : undefined;
    const results: KernelCiphertext[] = [];
    try {
      keys.forEach((rotation, i) => {
        if (rotation === undefined) {
          results.push(this.dropLevels(a, a.level));
          return;
        }
        const { key, table } = rotation;
        const addends = [c0, undefined];
        const switched =
          decomposition === undefined
            ? this.#switcher.switch(c1, key, addends, elements[i]!)
            : this.#switcher.switchDecomposed(decomposition, key, addends);
        try {
          results.push(this.#permuted(switched, table));
        } finally {
          this.ring.pool.give(switched.flat());
        }
      });
    } catch (error) {
      for (const result of results) result[Symbol.dispose]();
      throw error;
    } finally {
      if (decomposition !== undefined) this.#switcher.release(decomposition);
    }
    return results;
  }

  #permuted(components: readonly Component[], table: number): KernelCiphertext {
    const { kernels, degree } = this.ring;
    return this.#fill(components[0]!.length - 1, components.length, (out) => {
      out.forEach((component, c) => {
        component.forEach((page, j) => {
          kernels.permute(page, components[c]![j]!, table, degree);
        });
      });
    });
  }
}
