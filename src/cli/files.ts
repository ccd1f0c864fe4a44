import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { UnsupportedError } from '../base/errors.ts';
import { UsageError } from './errors.ts';

/** Reads a text file named on the command line. @throws UsageError if it cannot be read. */
export function readTextFile(path: string): string {
  if (['.parquet', '.arrow', '.feather'].includes(extname(path).toLowerCase())) {
    throw new UnsupportedError(`${path}: Parquet and Arrow files are not read yet; convert it to CSV`, {
      path,
    });
  }
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UsageError(
      `cannot read ${path}: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`,
      { path },
      { cause },
    );
  }
}

/**
 * Writes all files or none: each goes to a temporary file beside its target, and only when all are complete are they
 * renamed. @throws UsageError if one cannot be written.
 */
export function writeFilesAtomically(files: readonly (readonly [path: string, text: string])[]): void {
  const staged: string[] = [];
  try {
    for (const [path, text] of files) {
      const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
      staged.push(temporary);
      writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 });
    }
    files.forEach(([path], i) => {
      renameSync(staged[i]!, path);
    });
  } catch (cause) {
    for (const path of staged) rmSync(path, { force: true });
    const { code, path } = cause as NodeJS.ErrnoException;
    throw new UsageError(`cannot write ${path ?? 'the output'}: ${code ?? String(cause)}`, {}, { cause });
  }
}
