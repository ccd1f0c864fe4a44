import { readFileSync } from 'node:fs';

/** A reference file: its cells by column name. No cell holds a comma or a quote. */
export type VectorFile = {
  readonly rows: number;
  /** A column as text. */
  text(column: string): readonly string[];
  /** A column as numbers; an empty cell is NaN. */
  numbers(column: string): Float64Array;
};

/**
 * Reads `test/vectors/NAME`. A file without rows is an error, so that no test passes on nothing.
 */
export function readVectors(name: string): VectorFile {
  const url = new URL(`../vectors/${name}`, import.meta.url);
  const [header, ...lines] = readFileSync(url, 'utf8').trimEnd().split(/\r?\n/);
  if (header === undefined || lines.length === 0) throw new Error(`test/vectors/${name} has no rows`);
  const names = header.split(',');
  const cells = lines.map((line) => line.split(','));
  const text = (column: string): readonly string[] => {
    const index = names.indexOf(column);
    if (index < 0) throw new Error(`test/vectors/${name} has no column ${column}`);
    return cells.map((row) => row[index] ?? '');
  };
  return {
    rows: lines.length,
    text,
    numbers: (column) => Float64Array.from(text(column), (cell) => (cell === '' ? Number.NaN : Number(cell))),
  };
}
