import { type RunOptions, throwIfAborted } from '../../base/progress.ts';
import type { Position } from '../book.ts';
import type { Market } from '../market.ts';
import type { CsvRow } from './csv.ts';
import { csvBlocks } from './csv-blocks.ts';
import { HashedValues } from './hashed-values.ts';
import { PositionReader } from './positions.ts';

/** A file that is read in blocks: how, and who hears what was ignored in it. */
export type BlockOptions = Pick<RunOptions, 'signal'> & {
  /** Default: some ten thousand rows. */
  readonly blockChars?: number | undefined;
  /** False where the file was read before: whether ids repeat is known then. Default true. */
  readonly checkIds?: boolean | undefined;
  /** Told once, when the whole file has been read. */
  readonly onWarning?: ((warning: string) => void) | undefined;
};

/**
 * Reads positions.csv in blocks, see `parsePositions`: what is in memory at a time is a block, and 8 to 16 bytes of each id.
 * @throws ParseError naming line and column of the first value that does not follow the format; AbortError when the signal fires.
 */
export async function* parsePositionBlocks(
  chunks: AsyncIterable<string>,
  file: string,
  market: Market,
  { signal, blockChars, checkIds = true, onWarning }: BlockOptions = {},
): AsyncGenerator<readonly Position[], void, undefined> {
  const id = checkIds ? new HashedValues('id') : { read: (row: CsvRow) => row.text('id') };
  const reader = new PositionReader(file, market, id);
  for await (const { text, linesBefore } of csvBlocks(chunks, blockChars)) {
    throwIfAborted(signal, `reading ${file}`);
    yield reader.read(text, linesBefore);
  }
  for (const warning of reader.warnings()) onWarning?.(warning);
}
