import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AbortError, BackendError, UnsupportedError } from '../../base/errors.ts';
import type { Command } from '../command.ts';

/** Runs the benchmarks of a checkout: they are not part of the installed package. */
export const benchCommand: Command = async (args, signal) => {
  const script = fileURLToPath(new URL('../../../bench/run.ts', import.meta.url));
  if (!existsSync(script)) {
    throw new UnsupportedError(
      'benchmarks come with the repository, not with the package: clone it and run npm run bench',
    );
  }
  const child = spawn(process.execPath, [script, ...args], { stdio: 'inherit', signal });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (cause) => reject(new AbortError('the benchmarks were stopped', {}, { cause })));
    child.on('exit', resolve);
  });
  if (status !== 0)
    throw new BackendError(`the benchmarks failed with status ${status}`, { status: status ?? -1 });
};
