import { readOffer } from '../../engine/exchange/offer.ts';
import { protectBook } from '../../engine/exchange/owner.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../errors.ts';
import { readContracts, readPeer, writeRequest } from '../exchange-folder.ts';
import { readTextFile } from '../files.ts';
import { loadRisk } from '../load.ts';
import { COMMON_OPTIONS, numberOption, oneOf, readOptions, required } from '../options.ts';
import { bookOfFile } from '../streams.ts';
import { createTerminal } from '../terminal.ts';
import { readPassphrase, withVault } from '../vault-directory.ts';

/** The owner's first step: encrypts a book for an engine elsewhere. */
export const encryptCommand: Command = async (args, signal) => {
  const { values } = readOptions(args, {
    ...COMMON_OPTIONS,
    store: { type: 'string' },
    'passphrase-file': { type: 'string' },
    positions: { type: 'string' },
    market: { type: 'string' },
    scenarios: { type: 'string' },
    contracts: { type: 'string' },
    basis: { type: 'string', default: 'listed' },
    offer: { type: 'string' },
    engine: { type: 'string' },
    precision: { type: 'string', default: '1e-6' },
    out: { type: 'string' },
  });
  const terminal = createTerminal(values);
  const store = required(values.store, 'store');
  const out = required(values.out, 'out');
  const files = {
    positions: required(values.positions, 'positions'),
    market: required(values.market, 'market'),
    scenarios: required(values.scenarios, 'scenarios'),
  };
  const precision = numberOption(values.precision, 'precision');
  const basis = oneOf(values.basis, ['listed', 'chebyshev'] as const, 'basis');
  if (basis === 'chebyshev' && (values.contracts !== undefined || values.offer !== undefined)) {
    throw new UsageError(
      '--basis chebyshev is proposed by the owner: it goes without --contracts and --offer',
      {
        option: 'basis',
      },
    );
  }
  const agreed =
    values.offer === undefined
      ? undefined
      : readOffer(readTextFile(values.offer), readPeer(required(values.engine, 'engine')));
  // A book in the listed basis is held in memory, as its list is.
  const streamed = basis === 'chebyshev';
  const loaded = await loadRisk({ ...files, positions: streamed ? undefined : files.positions }, terminal);
  const inputs = streamed
    ? { ...loaded, book: await bookOfFile(files.positions, loaded.market, terminal) }
    : loaded;
  const contracts =
    values.contracts === undefined ? undefined : await readContracts(values.contracts, inputs.market);
  const onProgress = values.progress ? terminal.progress?.('encrypt') : undefined;
  const result = await withVault(store, readPassphrase(values['passphrase-file']), async (vault, log) => {
    const made = await protectBook({ ...inputs, contracts, basis, precision, agreed, vault }, log, {
      signal,
      onProgress,
    });
    writeRequest(out, made);
    return made;
  });
  terminal.clear();
  const { description, request } = result;
  if (values.json) terminal.print(`${JSON.stringify({ ...description, bytes: request.length })}\n`);
  else if (!values.quiet) {
    terminal.print(
      `wrote ${out}: ${result.contracts.positions.length} contracts, ${request.length} bytes of ciphertexts under key ${description.key}\n`,
    );
  }
};
