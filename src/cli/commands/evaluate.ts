import { PhaseClock } from '../../engine/clock.ts';
import { evaluateRequest } from '../../engine/exchange/engine.ts';
import { makeOffer } from '../../engine/exchange/offer.ts';
import type { Command } from '../command.ts';
import { contractsOf, readPeer, readRequest } from '../exchange-folder.ts';
import { writeFilesAtomically } from '../files.ts';
import { loadRisk } from '../load.ts';
import { COMMON_OPTIONS, readOptions, required } from '../options.ts';
import { createTerminal } from '../terminal.ts';
import { readPassphrase, withVault } from '../vault-directory.ts';

/** The engine's step: answers a request on ciphertexts, or offers the public files that it uses. */
export const evaluateCommand: Command = async (args, signal) => {
  const { values } = readOptions(args, {
    ...COMMON_OPTIONS,
    store: { type: 'string' },
    'passphrase-file': { type: 'string' },
    request: { type: 'string' },
    owner: { type: 'string' },
    market: { type: 'string' },
    scenarios: { type: 'string' },
    contracts: { type: 'string' },
    offer: { type: 'boolean', default: false },
    out: { type: 'string' },
  });
  const terminal = createTerminal(values);
  const store = required(values.store, 'store');
  const out = required(values.out, 'out');
  const own = {
    market: required(values.market, 'market'),
    scenarios: required(values.scenarios, 'scenarios'),
  };
  const options = {
    signal,
    onProgress: values.progress ? terminal.progress?.('evaluate') : undefined,
  };
  const passphrase = readPassphrase(values['passphrase-file']);
  if (values.offer) {
    const list = required(values.contracts, 'contracts');
    const { book, market, scenarios } = await loadRisk({ positions: list, ...own }, terminal);
    const contracts = contractsOf(book);
    await withVault(store, passphrase, async ({ identity }) => {
      writeFilesAtomically([[out, await makeOffer({ contracts, market, scenarios }, identity, options)]]);
    });
    terminal.clear();
    if (!values.quiet) terminal.note(`wrote ${out}: the offer for ${contracts.length} contracts\n`);
    return;
  }
  const owner = readPeer(required(values.owner, 'owner'));
  const loaded = await readRequest(required(values.request, 'request'), own, terminal);
  const clock = new PhaseClock();
  const answer = await withVault(store, passphrase, async ({ identity }, log) => {
    const made = await evaluateRequest({ ...loaded, identity, owner }, log, clock, options);
    writeFilesAtomically([[out, made]]);
    return made;
  });
  terminal.clear();
  if (values.json) {
    terminal.print(`${JSON.stringify({ bytes: answer.length, phasesMs: clock.phasesMs })}\n`);
  } else if (!values.quiet) {
    terminal.print(`wrote ${out}: ${answer.length} bytes of ciphertexts for ${owner.name}\n`);
  }
};
