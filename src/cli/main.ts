#!/usr/bin/env node
import { BlindRiskError } from '../base/errors.ts';
import type { Command } from './command.ts';
import { EXIT, exitStatusOf, UsageError } from './errors.ts';
import { HELP } from './help.ts';

// Commands load their own part of the library: `price` does not pay for cryptography.
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  report: async () => (await import('./commands/report.ts')).reportCommand,
  party: async () => (await import('./commands/party.ts')).partyCommand,
  price: async () => (await import('./commands/price.ts')).priceCommand,
  keys: async () => (await import('./commands/keys.ts')).keysCommand,
  encrypt: async () => (await import('./commands/encrypt.ts')).encryptCommand,
  evaluate: async () => (await import('./commands/evaluate.ts')).evaluateCommand,
  reveal: async () => (await import('./commands/reveal.ts')).revealCommand,
  audit: async () => (await import('./commands/audit.ts')).auditCommand,
  bench: async () => (await import('./commands/bench.ts')).benchCommand,
};

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || args.includes('--help')) {
    process.stdout.write(HELP);
    return EXIT.done;
  }
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => abort.abort(new Error(signal)));
  try {
    const load = COMMANDS[name];
    if (load === undefined) {
      throw new UsageError(`unknown command ${name}; expected one of ${Object.keys(COMMANDS).join(', ')}`, {
        name,
      });
    }
    const command = await load();
    await command(rest, abort.signal);
    return EXIT.done;
  } catch (error) {
    process.stderr.write(`blindrisk: ${describe(error)}\n`);
    return exitStatusOf(error);
  }
}

/** Typed errors are for people; anything else is a defect, and its stack is what helps to mend it. */
function describe(error: unknown): string {
  if (error instanceof BlindRiskError) return `${error.message} [${error.code}]`;
  return `internal error, please report it: ${error instanceof Error ? error.stack : String(error)}`;
}

// A reader that has seen enough (head, less) closes the pipe: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.done);
});

process.exitCode = await main(process.argv.slice(2));
