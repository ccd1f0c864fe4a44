import type { ScheduleInput } from './schedule.ts';

/** A register of a schedule under construction: an input, or a step that other steps may read. */
export type DraftNode = DraftInput | DraftStep;
export type DraftInput = { readonly kind: 'input'; readonly input: ScheduleInput };
export type DraftStep = {
  readonly kind: 'step';
  readonly role: 'power' | 'part';
  readonly products: readonly (readonly [DraftNode, DraftNode])[];
  readonly factor: 1 | 2;
  readonly terms: readonly { readonly node: DraftNode; readonly coefficient: number }[];
  readonly constant: number;
  readonly label: string;
};

/** Which Chebyshev polynomials may be made: all below `base`, powers of two below it, and base 2^i beyond. */
export type Powers = {
  readonly base: number;
  /** By which a polynomial may be divided, descending. */
  readonly giants: readonly number[];
  /** T_k of odd k below the base are wanted anyway, by a polynomial without a weight. */
  readonly oddBabies: boolean;
};

export function powersOf(base: number, degree: number, oddBabies: boolean): Powers {
  const giants: number[] = [];
  for (let m = 2; m < base && m <= degree; m *= 2) giants.push(m);
  for (let m = base; m <= degree; m *= 2) giants.push(m);
  return { base, giants: giants.reverse(), oddBabies };
}

/** Levels that T_k(u) needs: its degree in u is k. */
export const levelsOfChebyshev = (k: number): number => Math.ceil(Math.log2(Math.max(1, k)));

/** Levels that w T_k(u) needs: its degree in the inputs is k + 1. */
export const levelsOfWeighted = (k: number): number => Math.ceil(Math.log2(k + 1));

/** T_k(u) and w T_k(u), each made once, when it is first asked for. */
export class ChebyshevRegisters {
  readonly argument: DraftInput = { kind: 'input', input: { kind: 'argument' } };
  readonly #powers: Powers;
  readonly #plain = new Map<number, DraftNode>([[1, this.argument]]);
  readonly #weighted = new Map<string, DraftNode>();

  constructor(powers: Powers) {
    this.#powers = powers;
  }

  /** T_k, k >= 1: T_2i = 2 T_i^2 - 1, T_(i+j) = 2 T_i T_j - T_(i-j). */
  chebyshev(k: number): DraftNode {
    const known = this.#plain.get(k);
    if (known !== undefined) return known;
    const half = k / 2;
    const square = k % 2 === 0 && this.#isWanted(half);
    const h = largestPowerOfTwo(k - 1);
    const node: DraftStep = square
      ? twice(this.chebyshev(half), this.chebyshev(half), [], -1, `T${k}`)
      : twice(this.chebyshev(h), this.chebyshev(k - h), [this.chebyshev(2 * h - k)], 0, `T${k}`);
    this.#plain.set(k, node);
    return node;
  }

  /** w T_k, k >= 0, without w p(u) costing a level more than p(u): w enters at the leaves. */
  weighted(output: number, k: number): DraftNode {
    const key = `${output} ${k}`;
    const known = this.#weighted.get(key);
    if (known !== undefined) return known;
    const node = this.#makeWeighted(output, k);
    this.#weighted.set(key, node);
    return node;
  }

  /** C w, for w p(u) of a full degree. */
  lead(output: number, factor: number): DraftNode {
    return { kind: 'input', input: { kind: 'lead', output, factor } };
  }

  #makeWeighted(output: number, k: number): DraftNode {
    if (k === 0) return { kind: 'input', input: { kind: 'weight', output } };
    const label = `w${output} T${k}`;
    const h = largestPowerOfTwo(k);
    if (h === k) {
      const products = [[this.chebyshev(h), this.weighted(output, 0)]] as const;
      return { kind: 'step', role: 'power', products, factor: 1, terms: [], constant: 0, label };
    }
    return twice(
      this.chebyshev(h),
      this.weighted(output, k - h),
      [this.weighted(output, 2 * h - k)],
      0,
      label,
    );
  }

  #isWanted(k: number): boolean {
    const { base, giants, oddBabies } = this.#powers;
    return k === 1 || giants.includes(k) || this.#plain.has(k) || (oddBabies && k < base);
  }
}

function twice(
  a: DraftNode,
  b: DraftNode,
  less: readonly DraftNode[],
  constant: number,
  label: string,
): DraftStep {
  const terms = less.map((node) => ({ node, coefficient: -1 }));
  return { kind: 'step', role: 'power', products: [[a, b]], factor: 2, terms, constant, label };
}

const largestPowerOfTwo = (k: number): number => 2 ** Math.floor(Math.log2(k));
