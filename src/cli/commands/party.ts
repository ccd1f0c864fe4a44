import { mkdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Digest } from '../../base/brand.ts';
import { ShapeError } from '../../base/errors.ts';
import type { Market } from '../../domain/market.ts';
import { readJson } from '../../domain/parse/json.ts';
import { parsePositions } from '../../domain/parse/positions.ts';
import type { ConsortiumSpec } from '../../engine/consortium/spec.ts';
import type { BookFiles, ValuedContracts } from '../../engine/consortium/subjects.ts';
import { readBasis } from '../../engine/exchange/basis-file.ts';
import type { PartyConfig, RiskSpec } from '../../engine/party/config.ts';
import { parsePartyConfig } from '../../engine/party/config.ts';
import { consortiumSession } from '../../engine/party/consortium.ts';
import { type Network, playClient, playParty } from '../../engine/party/play.ts';
import {
  bookInput,
  bookOf,
  formulaSession,
  riskSession,
  type SessionProgram,
  type Vectors,
} from '../../engine/party/program.ts';
import { readVector } from '../../engine/party/vector-file.ts';
import { listedBasis } from '../../risk/bases/listed.ts';
import { unitRiskOf } from '../../risk/unit-risk.ts';
import { createTlsIdentity } from '../../trust/certificate.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../errors.ts';
import { readTextFile, writeFilesAtomically } from '../files.ts';
import { loadRisk } from '../load.ts';
import { COMMON_OPTIONS, readOptions, required } from '../options.ts';
import { readTable } from '../tables.ts';
import { createTerminal, type Terminal } from '../terminal.ts';

/** One endpoint of a session between processes: a computing party, or a client that deals inputs and opens outputs. */
export const partyCommand: Command = async (args, signal) => {
  if (args[0] === 'keys') return makeKeys(args.slice(1));
  const { values } = readOptions(args, { ...COMMON_OPTIONS, config: { type: 'string' } });
  const terminal = createTerminal(values);
  const path = required(values.config, 'config');
  const standardInput = path === '-';
  const text = standardInput ? await readStandardInput() : readTextFile(path);
  const { config, warnings } = parsePartyConfig(text, standardInput ? 'standard input' : basename(path));
  for (const warning of warnings) terminal.note(`warning: ${warning}\n`);
  const folder = standardInput ? '.' : dirname(path);
  const { program, inputs, scale, agreed } = await prepare(config, folder, terminal, signal);
  const network: Network = {
    session: config.session,
    credentials: {
      certificate: pemOf(config.certificate, folder, 'CERTIFICATE'),
      privateKey: pemOf(config.key, folder, 'PRIVATE KEY'),
    },
    parties: config.parties,
    clients: config.clients,
    plan: program.plan,
    agreed,
    timeouts: config.timeouts,
    signal,
    onNotice: (notice) => terminal.note(`warning: ${notice}\n`),
  };
  const { digest, rounds } = program.plan;
  terminal.note(
    `session ${config.session}, plan ${(agreed ?? digest).slice(0, 16)}, ${rounds} rounds: waiting for the others\n`,
  );
  if (typeof config.self === 'number') {
    const counted = await playParty(network, config.self);
    if (values.json) terminal.print(`${JSON.stringify(counted)}\n`);
    else terminal.note(`done: ${counted.rounds} rounds, ${counted.bytes} bytes sent\n`);
    return;
  }
  const { opened } = await playClient(network, config.self, inputs);
  if (opened === undefined) return terminal.note('done: inputs dealt\n');
  const json = `${JSON.stringify(program.present(opened, scale), null, 1)}\n`;
  if (config.out === undefined) terminal.print(json);
  else writeFilesAtomically([[resolve(folder, config.out), json]]);
};

type Prepared = {
  readonly program: SessionProgram;
  readonly inputs: Vectors;
  /** The client's secret exposure, if that was divided out of its input. */
  readonly scale?: number;
  /** What was agreed on besides the plan. */
  readonly agreed?: Digest;
};

/** Reads the public files, plans, and reads a client's own. */
async function prepare(
  config: PartyConfig,
  folder: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Prepared> {
  const { program: spec, threshold, security, self } = config;
  const scheme = { parties: config.parties.length, threshold, security };
  if (spec.kind === 'risk') return prepareRisk(config, spec, folder, terminal, signal);
  if (spec.kind === 'consortium') return prepareConsortium(config, spec, folder, terminal, signal);
  const program = await formulaSession(spec, scheme, { signal });
  if (typeof self === 'number') return { program, inputs: {} };
  const own = Object.entries(spec.inputs).filter(([, { owner }]) => owner === self);
  const inputs = own.map(([name]) => {
    const path = inputPath(config, name, folder);
    return [name, readVector(readTextFile(path), basename(path))] as const;
  });
  return { program, inputs: Object.fromEntries(inputs) };
}

async function prepareRisk(
  config: PartyConfig,
  spec: RiskSpec,
  folder: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Prepared> {
  const { threshold, security, self } = config;
  const at = (path: string | undefined): string | undefined => path && resolve(folder, path);
  const proposed = at(spec.proposal);
  const proposal = proposed && readBasis(readTextFile(proposed), basename(proposed));
  const files = {
    positions: at(spec.contracts),
    market: resolve(folder, spec.market),
    scenarios: resolve(folder, spec.scenarios),
  };
  const { book: contracts, market, scenarios } = await loadRisk(files, terminal);
  const scheme = { parties: config.parties.length, threshold, security };
  const publicFiles = { contracts, market, scenarios, proposal: proposal || undefined };
  const program = await riskSession(spec, publicFiles, scheme, { signal });
  if (typeof self === 'number' || !spec.owners.includes(self)) return { program, inputs: {} };
  const path = inputPath(config, 'book', folder);
  const { book, warnings } = parsePositions(await readTable(path), basename(path), market);
  for (const warning of warnings) terminal.note(`warning: ${warning}\n`);
  const { z, l1 } = bookInput(program, book, spec.exposureLimit);
  const exposure = spec.exposureLimit === undefined ? { scale: l1 } : {};
  return { program, inputs: { [bookOf(self)]: z }, ...exposure };
}

async function prepareConsortium(
  config: PartyConfig,
  spec: ConsortiumSpec,
  folder: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Prepared> {
  const { threshold, security, self } = config;
  const { files } = spec.subject;
  const side = files && (await valueContracts(files, folder, terminal, signal));
  const scheme = { parties: config.parties.length, threshold, security };
  const session = await consortiumSession(spec, side, scheme, { signal });
  const prepared = { program: session, agreed: session.agreed };
  if (typeof self === 'number' || !spec.firms.includes(self)) return { ...prepared, inputs: {} };
  const path = inputPath(config, side === undefined ? 'submission' : 'book', folder);
  if (side === undefined) {
    const { result, warnings } = readJson(readTextFile(path), basename(path), (json) =>
      session.inputsOf(self, { json }),
    );
    for (const warning of warnings) terminal.note(`warning: ${warning}\n`);
    return { ...prepared, inputs: result };
  }
  const { book, warnings } = parsePositions(await readTable(path), basename(path), side.market);
  for (const warning of warnings) terminal.note(`warning: ${warning}\n`);
  return { ...prepared, inputs: session.inputsOf(self, { book }) };
}

/** The public side of a subject whose firms submit books. */
async function valueContracts(
  { contracts, market: marketPath, scenarios, stress }: BookFiles,
  folder: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ValuedContracts & { readonly market: Market }> {
  const valued = async (path: string) => {
    const positions = resolve(folder, contracts);
    const files = { positions, market: resolve(folder, marketPath), scenarios: resolve(folder, path) };
    const { book, market, scenarios: set } = await loadRisk(files, terminal);
    const basis = listedBasis(
      book.positions.map(({ instrument }) => instrument),
      market,
    );
    return { basis, market, pnl: (await unitRiskOf(basis, market, set, { signal })).pnl };
  };
  const first = await valued(scenarios);
  return stress === undefined ? first : { ...first, stress: (await valued(stress)).pnl };
}

function inputPath(config: PartyConfig, name: string, folder: string): string {
  const path = config.inputs[name];
  if (path === undefined) {
    throw new ShapeError(`${config.self} brings the input ${name}, but "inputs" names no file for it`, {
      name,
    });
  }
  return resolve(folder, path);
}

/** A PEM text, given as such or as the path of its file. */
function pemOf(value: string, folder: string, label: string): string {
  const marker = `-----BEGIN ${label}-----`;
  const text = value.startsWith('-----BEGIN') ? value : readTextFile(resolve(folder, value));
  if (!text.includes(marker)) {
    // Not what was found: it may be a key.
    throw new UsageError(
      `expected a PEM text with ${marker}, as "blindrisk party keys" writes it, found something else`,
    );
  }
  return text;
}

async function readStandardInput(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
  return text;
}

/** Makes the key of an endpoint. */
function makeKeys(args: readonly string[]): void {
  const { values } = readOptions(args, {
    ...COMMON_OPTIONS,
    name: { type: 'string' },
    out: { type: 'string' },
  });
  const name = required(values.name, 'name');
  const folder = required(values.out, 'out');
  const { certificate, privateKey, pin } = createTlsIdentity(name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = name.replaceAll(/[^\p{L}\p{N}]+/gu, '-');
  const paths = { certificate: join(folder, `${file}.pem`), key: join(folder, `${file}.key`) };
  writeFilesAtomically([
    [paths.certificate, certificate],
    [paths.key, privateKey],
  ]);
  createTerminal(values).print(
    values.json
      ? `${JSON.stringify({ ...paths, pin })}\n`
      : `${paths.certificate}\n${paths.key}\npin ${pin}\n`,
  );
}
