import { concatBytes } from '../../base/bytes.ts';
import { IntegrityError, PlanError, ShapeError } from '../../base/errors.ts';
import { packResidues } from '../compression.ts';
import { type CoefficientPacking, fillMatrixPolynomial, resultCoefficients } from '../packing.ts';
import type { ResponseFormat } from '../response.ts';
import { SEAL_SCALE, type SealShape } from '../wire.ts';
import { KernelCiphertext, type LiveCount } from './kernel-ciphertext.ts';
import { ciphertextLayout, parmsIdOf } from './layout.ts';
import { PrimeDivision } from './prime-division.ts';
import { Ring, type RingOptions } from './ring.ts';
import { type Component, readComponents, readRequest, writeComponents } from './transfer.ts';

export type PackedParameters = {
  readonly degree: number;
  /** Primes that carry ciphertexts, each of at most 49 bits; without SEAL's special prime, which nothing here needs. */
  readonly dataPrimes: readonly number[];
};

/** A matrix as transformed polynomials. Plain numbers. */
export type EncodedMatrix = {
  readonly packing: CoefficientPacking;
  readonly outputs: readonly EncodedOutput[];
};

/** The chunks of an output that are not zero; for each prime consecutive pages with, for every four residues, those of all these chunks. */
type EncodedOutput = {
  readonly chunks: readonly number[];
  readonly streams: readonly (readonly number[])[];
};

/** Four residues. */
const QUARTET_BYTES = 32;

export type PrepareOptions = {
  readonly skipsZeros?: boolean;
  readonly onOutput?: (done: number) => void;
};

/** Bytes of ciphertexts that are multiplied at a time, so that they stay in the first-level cache for all outputs. */
const BLOCK_BYTES = 24_576;

/**
 * Public matrix times encrypted vector, coefficient-packed (packing.ts), on WASM kernels: load or expand, add up products lazily,
 * save or compress. Results equal node-seal's to the bit. Synchronous; holds public data only.
 * Cost: 8 N chunks outputs / 2 instructions a prime; matrix 8 N bytes a product and prime.
 */
export class PackedEvaluator implements Disposable {
  readonly ring: Ring;
  readonly #primes: readonly number[];
  readonly #shape: SealShape;
  readonly #division: PrimeDivision;
  readonly #count: LiveCount = { live: 0 };
  #matrix: EncodedMatrix | undefined;
  #borrowed = false;

  /** @throws ParametersError for primes that the kernels cannot do. */
  constructor({ degree, dataPrimes }: PackedParameters, options: RingOptions = {}) {
    this.ring = new Ring(degree, dataPrimes, options);
    this.#primes = dataPrimes.map((_, index) => index);
    this.#division = new PrimeDivision(this.ring);
    const parmsId = parmsIdOf(degree, dataPrimes);
    this.#shape = { parmsId, degree, primes: dataPrimes.length, components: 2, scale: SEAL_SCALE };
  }

  /**
   * Encodes round(matrix 2^matrixScaleBits), which replaces what was encoded before. Cost: a transform a product and prime.
   * @param options.skipsZeros leaves out products with blocks that are zero, which shows where they are: for a public matrix.
   * @param options.onOutput called after each output with how many are done.
   * @returns how many products a vector takes.
   * @throws PlanError where they do not fit the memory allowed.
   */
  prepare(
    matrix: Float64Array,
    packing: CoefficientPacking,
    matrixScaleBits: number,
    { skipsZeros = true, onOutput }: PrepareOptions = {},
  ): number {
    const { ring } = this;
    if (matrix.length !== packing.rows * packing.cols || packing.width > ring.degree) {
      throw new ShapeError(
        `expected a ${packing.rows} x ${packing.cols} matrix packed for degree ${ring.degree}, found ${matrix.length} numbers in chunks of ${packing.width}`,
      );
    }
    this.#releaseMatrix();
    const coefficients = new Float64Array(ring.degree);
    const outputs: EncodedOutput[] = [];
    // Known before the end, so that a failure releases what there is.
    this.#matrix = { packing, outputs };
    try {
      // An output more, for the polynomials of one before they are in their streams.
      ring.pool.reserve(packing.chunks * (packing.outputs + 1) * this.#primes.length);
    } catch (cause) {
      throw new PlanError(
        `a matrix of ${packing.chunks} x ${packing.outputs} polynomials exceeds the memory allowed: split it by rows`,
        { polynomials: packing.chunks * packing.outputs },
        { cause },
      );
    }
    let products = 0;
    for (let output = 0; output < packing.outputs; output++) {
      const chunks: number[] = [];
      const polynomials: Component[] = [];
      try {
        for (let chunk = 0; chunk < packing.chunks; chunk++) {
          const scale = 2 ** matrixScaleBits;
          const nonzero = fillMatrixPolynomial(packing, matrix, output, chunk, scale, coefficients);
          if (!nonzero && skipsZeros) continue;
          chunks.push(chunk);
          polynomials.push(this.#encode(coefficients));
        }
        outputs.push({ chunks, streams: this.#streamsOf(polynomials) });
      } finally {
        ring.pool.give(polynomials.flat());
      }
      products += chunks.length;
      onOutput?.(output + 1);
    }
    return products;
  }

  /** The encoded matrix, for others on the same memory, with the tables of `ring.primes`; it stays this evaluator's. */
  share(): EncodedMatrix {
    return this.#matrix ?? missingMatrix();
  }

  /** Multiplies by a matrix that another evaluator on the same memory has encoded. */
  borrow(matrix: EncodedMatrix): void {
    this.#releaseMatrix();
    this.#matrix = matrix;
    this.#borrowed = true;
  }

  /**
   * An upload as it travels (response.ts), whose envelope has been verified.
   * @throws IntegrityError for another size, or residues that are none.
   */
  loadRequest(bytes: Uint8Array): KernelCiphertext {
    return this.#wrap(readRequest(this.ring, bytes, this.#primes));
  }

  /**
   * SEAL's serialization, whose envelope has been verified, checked field by field.
   * @throws IntegrityError for ciphertexts of other parameters or sizes.
   */
  load(bytes: Uint8Array, form: 'seeded' | 'full'): KernelCiphertext {
    const layout = ciphertextLayout(bytes, this.#shape, form);
    return this.#wrap(readComponents(this.ring, bytes, layout, 2, this.#primes));
  }

  /**
   * The matrix times the vector of one client, outputs from..to - 1; null where a whole output is zero, since the matrix is public.
   * The caller disposes the results.
   * @throws IntegrityError for another number of ciphertexts than chunks.
   */
  multiply(inputs: readonly KernelCiphertext[], from = 0, to?: number): (KernelCiphertext | null)[] {
    const { ring } = this;
    const { packing, ...matrix } = this.#matrix ?? missingMatrix();
    const outputs = matrix.outputs.slice(from, to);
    if (inputs.length !== packing.chunks) {
      throw new IntegrityError(`expected ${packing.chunks} ciphertexts, found ${inputs.length}`, {
        expected: packing.chunks,
        found: inputs.length,
      });
    }
    const results: (KernelCiphertext | null)[] = [];
    try {
      for (const { chunks } of outputs) {
        const primes = this.#primes.length;
        if (chunks.length === 0) {
          results.push(null);
          continue;
        }
        const pages = ring.pool.takeMany(2 * primes);
        results.push(this.#wrap([pages.slice(0, primes), pages.slice(primes)]));
      }
      for (const prime of this.#primes) this.#multiplyAll(inputs, outputs, results, prime);
    } catch (error) {
      for (const result of results) result?.[Symbol.dispose]();
      throw error;
    }
    return results;
  }

  /** SEAL's serialization. */
  save(result: KernelCiphertext): Uint8Array {
    return writeComponents(this.ring, this.#shape, result.components, this.#primes);
  }

  /** The coefficients of an output that are results. */
  positions(output: number): readonly number[] {
    return resultCoefficients((this.#matrix ?? missingMatrix()).packing, output);
  }

  /** Adds to a result what hides the matrix from its reader: see hiding.ts. */
  addMask(result: KernelCiphertext, mask: KernelCiphertext): void {
    const { kernels, degree, primes } = this.ring;
    result.components.forEach((component, c) => {
      component.forEach((page, j) => {
        const { p, reciprocal } = primes[j]!;
        kernels.add(page, page, mask.components[c]![j]!, degree, p, reciprocal);
      });
    });
  }

  /**
   * The result of one output as it travels (response.ts): divided by the primes that the format drops; then, for each that is left,
   * the coefficients of c0 that are results and all of c1. Cost: two inverse transforms a prime.
   */
  compress(result: KernelCiphertext, output: number, format: ResponseFormat): Uint8Array {
    const { ring } = this;
    const positions = this.positions(output);
    const { kernels, degree, staging, pool } = ring;
    const primes = this.#primes.length;
    return ring.withPages(2 * primes, (pages) => {
      const parts = [pages.slice(0, primes), pages.slice(primes)];
      parts.forEach((part, c) => {
        this.#division.coefficients(part, result.components[c]!, format.primes);
      });
      return concatBytes(
        format.coefficients.flatMap((coefficients, j) => {
          const { bytes, droppedBits } = coefficients;
          const c0 = packResidues(pool.view(parts[0]![j]!), coefficients, positions);
          kernels.packLeading(staging, parts[1]![j]!, degree, 2 ** -droppedBits, bytes);
          return [c0, new Uint8Array(kernels.memory.buffer, staging, degree * bytes).slice()];
        }),
      );
    });
  }

  /** Ciphertexts alive that no caller has disposed. */
  liveObjects(): number {
    return this.#count.live;
  }

  [Symbol.dispose](): void {
    this.#releaseMatrix();
  }

  #wrap(components: readonly Component[]): KernelCiphertext {
    return new KernelCiphertext(this.ring, components, this.#count);
  }

  #encode(coefficients: Float64Array): Component {
    const { ring } = this;
    const { kernels, degree, pool, staging } = ring;
    const pages = pool.takeMany(this.#primes.length);
    pool.view(staging).set(coefficients);
    pages.forEach((page, k) => {
      const prime = ring.primes[k]!;
      kernels.reduceWide(page, staging, degree, prime.p, prime.reciprocal);
      ring.forward(page, page, prime);
    });
    return pages;
  }

  /** Polynomials of one output in the order in which sums read them. */
  #streamsOf(polynomials: readonly Component[]): number[][] {
    const { kernels, degree, pool } = this.ring;
    const count = polynomials.length;
    const streams: number[][] = [];
    if (count === 0) return streams;
    try {
      for (const index of this.#primes) {
        const pages = pool.takeRun(count);
        streams.push(pages);
        polynomials.forEach((component, k) => {
          const at = pages[0]! + QUARTET_BYTES * k;
          kernels.intoStream(at, QUARTET_BYTES * count, component[index]!, degree);
        });
      }
    } catch (error) {
      pool.give(streams.flat());
      throw error;
    }
    return streams;
  }

  /** The given outputs for one prime, a block of coefficients at a time. */
  #multiplyAll(
    inputs: readonly KernelCiphertext[],
    outputs: readonly EncodedOutput[],
    results: readonly (KernelCiphertext | null)[],
    index: number,
  ): void {
    const { kernels, degree, scratch, primes } = this.ring;
    const chunks = inputs.length;
    const { p, reciprocal, sum } = primes[index]!;
    const lists = outputs.map((output) =>
      output.chunks.flatMap((chunk) => inputs[chunk]!.components.map((component) => component[index]!)),
    );
    const block = blockOf(chunks, degree);
    // The lists of as many outputs as the scratch memory holds.
    const batch = Math.max(1, Math.floor(this.ring.scratchBytes / (8 * chunks)));
    for (let first = 0; first < outputs.length; first += batch) {
      const some = lists.slice(first, first + batch);
      const starts: number[] = [];
      let next = scratch;
      for (const list of some) {
        starts.push(next);
        new Uint32Array(kernels.memory.buffer, next, list.length).set(list);
        next += 4 * list.length;
      }
      for (let from = 0; from < degree; from += block) {
        some.forEach((list, k) => {
          const result = results[first + k];
          if (!result) return;
          const [d0, d1] = [result.components[0]![index]!, result.components[1]![index]!];
          const [stream] = outputs[first + k]!.streams[index]!;
          const terms = [list.length / 2, sum.group, sum.offset, from, from + block, p, reciprocal] as const;
          kernels.innerProductsStream(d0, d1, starts[k]!, stream!, ...terms);
        });
      }
    }
  }

  #releaseMatrix(): void {
    if (!this.#borrowed) {
      for (const { streams } of this.#matrix?.outputs ?? []) this.ring.pool.give(streams.flat());
    }
    this.#matrix = undefined;
    this.#borrowed = false;
  }
}

/** A power of two of coefficients, so that the two components of all chunks take about {@link BLOCK_BYTES}. */
function blockOf(chunks: number, degree: number): number {
  const wanted = BLOCK_BYTES / (16 * chunks);
  return Math.min(degree, Math.max(32, 2 ** Math.floor(Math.log2(wanted))));
}

function missingMatrix(): never {
  throw new ShapeError('expected an encoded matrix, found none: call prepare first');
}
