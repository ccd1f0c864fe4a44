import type { CsvRow, UniqueValues } from './csv.ts';
import { shown } from './rule.ts';

/**
 * Refuses values that occur twice in a column of a file that is read in blocks: keeps 64 bits of each, 8 to 16 bytes a row in place of the texts. Two
 * different values collide, and a file is refused that need not be, with a probability of rows^2 / 2^65: 3e-8 for a million rows.
 */
export class HashedValues implements UniqueValues {
  readonly #column: string;
  /** Open addressing, two words a slot; 0, 0 is free. */
  #table = new Uint32Array(2 ** 11);
  #count = 0;

  constructor(column: string) {
    this.#column = column;
  }

  read(row: CsvRow): string {
    const text = row.nonEmpty(this.#column, `a non-empty ${this.#column}`);
    const [low, high] = hashOf(text);
    if (!this.#add(low, high)) {
      throw row.error(this.#column, `a ${this.#column} that no earlier row has`, shown(text));
    }
    return text;
  }

  #add(low: number, high: number): boolean {
    if (4 * this.#count >= this.#table.length) this.#grow();
    const slots = this.#table.length / 2;
    for (let at = low & (slots - 1); ; at = (at + 1) & (slots - 1)) {
      const [a, b] = [this.#table[2 * at]!, this.#table[2 * at + 1]!];
      if (a === 0 && b === 0) {
        this.#table[2 * at] = low;
        this.#table[2 * at + 1] = high;
        this.#count++;
        return true;
      }
      if (a === low && b === high) return false;
    }
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Uint32Array(2 * old.length);
    this.#count = 0;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] !== 0 || old[i + 1] !== 0) this.#add(old[i]!, old[i + 1]!);
    }
  }
}

/** Two words of Murmur3's mixing (A. Appleby, 2011) over UTF-16 units. Not for adversaries: a file collides with itself at worst. */
function hashOf(text: string): readonly [low: number, high: number] {
  let a = 0x9e3779b9 ^ text.length;
  let b = 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0xcc9e2d51);
    b = Math.imul(b ^ unit, 0x1b873593);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  a = Math.imul(a ^ (b >>> 16), 0x85ebca6b);
  b = Math.imul(b ^ (a >>> 13), 0xc2b2ae35);
  a ^= a >>> 16;
  b ^= b >>> 16;
  // 0, 0 marks a free slot.
  return [a >>> 0, (b >>> 0) | (a === 0 ? 1 : 0)];
}
