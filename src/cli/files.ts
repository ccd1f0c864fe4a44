import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError } from './errors.ts';

/** Reads a text file named on the command line. @throws UsageError if it cannot be read. */
export function readTextFile(path: string): string {
  return new TextDecoder().decode(readBinaryFile(path));
}

/** @throws UsageError if it cannot be read. */
export function readBinaryFile(path: string): Uint8Array {
  try {
    // A plain copy: a Buffer may be a view into a shared pool.
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new UsageError(`cannot read ${path}: ${code}`, { path }, { cause });
  }
}

/**
 * Writes all files or none: each goes to a temporary file beside its target, and only when all are complete are they
 * renamed. @throws UsageError if one cannot be written.
 */
export function writeFilesAtomically(
  files: readonly (readonly [path: string, content: string | Uint8Array])[],
): void {
  const staged: string[] = [];
  try {
    for (const [path, content] of files) {
      const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
      staged.push(temporary);
      writeFileSync(temporary, content, { flag: 'wx', mode: 0o600 });
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
