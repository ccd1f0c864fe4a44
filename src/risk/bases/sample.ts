import type { Position } from '../../domain/book.ts';

/** Positions of a book that stand for all of them. Secret. */
export type PositionSample = {
  /** Taken as they are: the whole book where it is small, else its largest positions. */
  readonly certain: readonly Position[];
  /** Drawn in proportion to exposure and scaled up by it, in groups that each stand for an equal part of the rest. */
  readonly drawn: readonly (readonly Position[])[];
};

/** Positions that are revalued one by one to measure an approximation. */
export const SAMPLE_SIZE = 4096;
const GROUPS = 8;
/** Multiples of the golden ratio, modulo 1, are spread evenly however many there are, and against any period of the book. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

type Candidate = {
  readonly index: number;
  readonly exposure: number;
  readonly priority: number;
  readonly position: Position;
};

/**
 * Priority sampling: N. Duffield, C. Lund, M. Thorup, "Priority sampling for estimation of arbitrary subset sums", J. ACM 54 (2007). A position of
 * exposure w gets the priority w / u; those of the highest priorities are kept, and each stands for max(w, tau), tau being the highest priority that
 * was not. One pass, and memory of the sample alone. The u are no random numbers but evenly spread ones, so that nothing here depends on
 * randomness; what is drawn is scaled to the exposure of all that it stands for, which is known.
 */
export class PositionSampler {
  readonly #size: number;
  /** A heap, the least priority first: one more than the size. */
  readonly #kept: Candidate[] = [];
  #seen = 0;
  #total = 0;

  constructor(size: number = SAMPLE_SIZE) {
    this.#size = size;
  }

  /** @param exposure |units| spot. @param take makes the position, if it is wanted. */
  add(exposure: number, take: () => Position): void {
    const index = this.#seen++;
    this.#total += exposure;
    const priority = exposure / (((index + 0.5) * GOLDEN) % 1);
    if (this.#kept.length > this.#size) {
      if (priority <= this.#kept[0]!.priority) return;
      this.#kept[0] = { index, exposure, priority, position: take() };
      this.#sink();
      return;
    }
    this.#kept.push({ index, exposure, priority, position: take() });
    this.#rise();
  }

  finish(): PositionSample {
    const kept = this.#kept.toSorted((a, b) => a.index - b.index);
    if (kept.length <= this.#size) return { certain: kept.map(({ position }) => position), drawn: [] };
    const { index: left, priority: tau } = this.#kept[0]!;
    const taken = kept.filter(({ index, priority }) => index !== left && priority > 0);
    const certain = taken.filter(({ exposure }) => exposure >= tau);
    const others = taken.filter(({ exposure }) => exposure < tau);
    if (others.length === 0) return { certain: certain.map(({ position }) => position), drawn: [] };
    const remaining = certain.reduce((rest, { exposure }) => rest - exposure, this.#total);
    const each = Math.max(0, remaining) / others.length;
    const drawn: Position[][] = Array.from({ length: GROUPS }, () => []);
    others.forEach(({ position, exposure }, i) => {
      drawn[i % GROUPS]!.push({ ...position, quantity: (position.quantity * each) / exposure });
    });
    return { certain: certain.map(({ position }) => position), drawn };
  }

  #rise(): void {
    let at = this.#kept.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#kept[parent]!.priority <= this.#kept[at]!.priority) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    const kept = this.#kept;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      if (left >= kept.length) return;
      const right = left + 1;
      const least = right < kept.length && kept[right]!.priority < kept[left]!.priority ? right : left;
      if (kept[at]!.priority <= kept[least]!.priority) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(a: number, b: number): void {
    [this.#kept[a], this.#kept[b]] = [this.#kept[b]!, this.#kept[a]!];
  }
}
