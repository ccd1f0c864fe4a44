import { PhaseClock } from '../../engine/clock.ts';
import { revealAnswer } from '../../engine/exchange/owner.ts';
import type { Command } from '../command.ts';
import { readPeer, readRequest } from '../exchange-folder.ts';
import { readBinaryFile } from '../files.ts';
import { COMMON_OPTIONS, oneOf, readOptions, required } from '../options.ts';
import { writeReport } from '../report-output.ts';
import { createTerminal } from '../terminal.ts';
import { readPassphrase, withVault } from '../vault-directory.ts';

/** The owner's last step: verifies and decrypts an answer, and reports. */
export const revealCommand: Command = async (args, signal) => {
  const { values } = readOptions(args, {
    ...COMMON_OPTIONS,
    store: { type: 'string' },
    'passphrase-file': { type: 'string' },
    request: { type: 'string' },
    answer: { type: 'string' },
    engine: { type: 'string' },
    market: { type: 'string' },
    scenarios: { type: 'string' },
    open: { type: 'string', default: 'pnl' },
    out: { type: 'string' },
    html: { type: 'string' },
  });
  const terminal = createTerminal(values);
  const store = required(values.store, 'store');
  const open = oneOf(values.open, ['pnl', 'figures'] as const, 'open');
  const engine = readPeer(required(values.engine, 'engine'));
  const answer = readBinaryFile(required(values.answer, 'answer'));
  const clock = new PhaseClock();
  const own = {
    market: required(values.market, 'market'),
    scenarios: required(values.scenarios, 'scenarios'),
  };
  const loaded = await clock.time('load', () =>
    readRequest(required(values.request, 'request'), own, terminal),
  );
  const options = { signal, onProgress: values.progress ? terminal.progress?.('reveal') : undefined };
  const report = await withVault(store, readPassphrase(values['passphrase-file']), (vault, log) =>
    revealAnswer({ ...loaded, vault, answer, engine, open }, log, clock, options),
  );
  writeReport(report, values, terminal);
};
