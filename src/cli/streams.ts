import { createReadStream, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { type RunOptions, throwIfAborted } from '../base/progress.ts';
import type { Book, BookSource } from '../domain/book.ts';
import type { Market } from '../domain/market.ts';
import { parsePositionBlocks } from '../domain/parse/position-blocks.ts';
import { parsePositions } from '../domain/parse/positions.ts';
import { parseScenarioBlocks } from '../domain/parse/scenario-blocks.ts';
import { parseScenarios } from '../domain/parse/scenarios.ts';
import type { ScenarioSet } from '../domain/scenarios.ts';
import { UsageError } from './errors.ts';
import { readTable } from './tables.ts';
import type { Terminal } from './terminal.ts';

/** Larger CSV files are read in blocks, as often as they are needed, instead of once into memory. */
const LARGE_FILE = 2 ** 24;
/** Scenarios valued at a time where a large file says nothing else: with 5,000 coordinates, 80 MB. */
const BLOCK_ROWS = 2000;

const READ_BYTES = 2 ** 20;

/** The positions of a file: in memory, or a source that reads it in blocks where it is large. */
export async function bookOfFile(
  path: string,
  market: Market,
  terminal: Terminal,
): Promise<Book | BookSource> {
  const file = basename(path);
  const warn = (warning: string): void => terminal.note(`warning: ${warning}\n`);
  if (!isLargeCsv(path)) {
    const { book, warnings } = parsePositions(await readTable(path), file, market);
    warnings.forEach(warn);
    return book;
  }
  const asFound = stampOf(path);
  let isFirst = true;
  return {
    async *read({ signal, onProgress }) {
      if (stampOf(path) !== asFound) {
        throw new UsageError(`${path} was changed while it was read: nothing was reported; run it again`, {
          path,
        });
      }
      const chunks = chunksOf(path, { signal, onProgress });
      const onWarning = isFirst ? warn : undefined;
      yield* parsePositionBlocks(chunks, file, market, { signal, checkIds: isFirst, onWarning });
      isFirst = false;
    },
  };
}

/**
 * The scenarios of a file, in blocks where that is asked for or the file is large.
 * @param rows of a block; undefined: all, or {@link BLOCK_ROWS} of a large file.
 */
export async function* scenariosOfFile(
  path: string,
  market: Market,
  rows: number | undefined,
  terminal: Terminal,
  options: RunOptions,
): AsyncGenerator<ScenarioSet, void, undefined> {
  const file = basename(path);
  const onWarning = (warning: string): void => terminal.note(`warning: ${warning}\n`);
  if (rows === undefined && !isLargeCsv(path)) {
    const { scenarios, warnings } = parseScenarios(await readTable(path), file, market);
    warnings.forEach(onWarning);
    yield scenarios;
    return;
  }
  const chunks = chunksOf(path, { signal: options.signal });
  yield* parseScenarioBlocks(chunks, file, market, rows ?? BLOCK_ROWS, {
    signal: options.signal,
    onWarning,
  });
}

function isLargeCsv(path: string): boolean {
  if (!isCsv(path)) return false;
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LARGE_FILE;
}

const isCsv = (path: string): boolean =>
  !['.parquet', '.arrow', '.feather'].includes(extname(path).toLowerCase());

function stampOf(path: string): string {
  const { size, mtimeMs, ino } = statSync(path);
  return `${size} ${mtimeMs} ${ino}`;
}

/** A file as text, a mebibyte at a time; columnar files as the CSV that they stand for, at once. */
async function* chunksOf(
  path: string,
  { signal, onProgress }: RunOptions,
): AsyncGenerator<string, void, undefined> {
  if (!isCsv(path)) {
    yield await readTable(path);
    return;
  }
  const total = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const stream = createReadStream(path, { encoding: 'utf8', highWaterMark: READ_BYTES });
  try {
    for await (const chunk of stream as AsyncIterable<string>) {
      throwIfAborted(signal, `reading ${basename(path)}`);
      onProgress?.({ phase: `read ${basename(path)}`, done: stream.bytesRead, total });
      yield chunk;
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined || !/^E[A-Z]+$/.test(code)) throw cause;
    throw new UsageError(`cannot read ${path}: ${code}`, { path }, { cause });
  } finally {
    stream.destroy();
  }
}
