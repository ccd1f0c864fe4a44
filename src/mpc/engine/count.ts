import { wordsFor } from '../../kernels/bit-planes.ts';
import { maskableBits61 } from '../protocols/masking.ts';
import type { SharingScheme } from '../sharing.ts';
import { proofShape } from './bit-proof.ts';
import type { BitsNeeded } from './bit-stock.ts';
import { drive, type Host } from './drive.ts';
import { ProductLog } from './product-log.ts';
import {
  type Context,
  type ExchangeAnswer,
  type ExchangeRequest,
  keySetCount,
  type LocalRequest,
  type Protocol,
  type Security,
} from './protocol.ts';
import { shapes61, shapes127, shapeVector } from './shapes.ts';
import { SharedBits } from './shared-bits.ts';
import { type RoundShape, shapeOf } from './traffic.ts';
import { countedKernels, countedMatrix, type FieldWork } from './work.ts';

/** What protocols cost: the shape of every round, and the field products of one party; of every run, or of a typical one. */
export type ProtocolCost = {
  readonly rounds: readonly RoundShape[];
  readonly products: number;
  readonly exact: boolean;
  /** Random bits that comparisons take. */
  readonly bits: readonly BitsNeeded[];
};

/** Stands for a public value in a count, where what follows does not depend on it. */
const ANY_PUBLIC = 2n ** 40n;

class Counter implements Host {
  readonly context: Context;
  readonly rounds: RoundShape[] = [];
  exact = true;
  readonly #work: FieldWork = { products: 0 };

  readonly bits: BitsNeeded[] = [];

  constructor(scheme: SharingScheme, security: Security, prepared: boolean) {
    this.context = {
      scheme,
      security,
      ...countedKernels(shapes61, shapes127, this.#work),
      products: new ProductLog(security === 'malicious'),
      read: ({ length }, typical) => {
        if (typical === undefined) return new Array<bigint>(length).fill(ANY_PUBLIC);
        this.exact = false;
        return typical();
      },
      require: () => {},
      takeBits: (needed) => {
        this.bits.push(needed);
        if (!prepared) return undefined;
        // Of the values only how many there are for each element matters: one a piece, and one.
        const { rows, length } = needed;
        const pieces = Math.ceil(rows / maskableBits61(scheme)) + 1;
        return { signs: shapeVector((rows + 1) * length, 1), values: shapeVector(pieces * length, 2) };
      },
      constant: (values, width) => shapeVector(values.length, width),
      widen: ({ length }) => shapeVector(length, 2),
      matrix: ({ rows, cols }) => {
        const shape = shapes127.matrix(rows, cols, () => new Float64Array(0));
        return countedMatrix(shape, this.#work);
      },
      zeroFlags: ({ length }) => shapeVector(length, 2),
    };
  }

  get products(): number {
    return this.#work.products;
  }

  local(request: LocalRequest): unknown {
    if (request.op === 'bitProof') return proofShape(request.claims);
    const { length } = request;
    switch (request.op) {
      case 'uniform':
      case 'zero':
        return shapeVector(length, request.width);
      case 'bounded':
        return { whole: shapeVector(length, 2), shifted: shapeVector(length, 2) };
      case 'signs':
        return Array.from({ length: keySetCount(this.context.scheme) }, () => shapeVector(length, 1));
      case 'mask': {
        const planes = SharedBits.shape(request.planes * wordsFor(length));
        return { whole: shapeVector(length, 2), shifted: shapeVector(length, 2), planes };
      }
      case 'randomBits': {
        const signs = Array.from({ length: 3 }, () => shapeVector(length, 2));
        return { bits: SharedBits.shape(wordsFor(length)), signs };
      }
      case 'dual':
        return { narrow: shapeVector(length, 1), wide: shapeVector(length, 2) };
    }
  }

  async exchange(requests: readonly ExchangeRequest[]): Promise<readonly ExchangeAnswer[]> {
    this.rounds.push(shapeOf(requests));
    return requests.map((request) => {
      switch (request.op) {
        case 'and': {
          const shape = SharedBits.shape(request.x.words);
          return { z: shape, masks: shape };
        }
        case 'reveal':
          return { words: request.bits.words, bits: new Uint32Array(0) };
        default:
          return shapeVector(request.vector.length, request.vector.width);
      }
    });
  }
}

/**
 * Counts a protocol by running it on vectors without elements. Exact, since all parties run the same requests whatever they hold; but where
 * opened values decide what comes next, it counts a typical run.
 * @param prepared whether random bits were made ahead.
 * Cost: a few microseconds a request.
 */
export async function countCost(
  scheme: SharingScheme,
  security: Security,
  protocol: (context: Context) => Protocol<unknown>,
  prepared: boolean = false,
): Promise<ProtocolCost> {
  const counter = new Counter(scheme, security, prepared);
  await drive(protocol(counter.context), counter);
  return { rounds: counter.rounds, products: counter.products, exact: counter.exact, bits: counter.bits };
}
