import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Book } from '../../src/domain/book.ts';
import { marketJson, positionsCsv, scenariosCsv } from '../../src/domain/write/csv.ts';
import { parsePartyConfig, type RiskSpec } from '../../src/engine/party/config.ts';
import type { Network } from '../../src/engine/party/play.ts';
import {
  bookInput,
  bookOf,
  type RiskProgram,
  riskSession,
  type Vectors,
} from '../../src/engine/party/program.ts';
import { createTlsIdentity, type TlsIdentity } from '../../src/trust/certificate.ts';
import { smallRequest } from './small-risk.ts';

/** Parties that start one after the other compile their code once. */
const COMPILED = mkdtempSync(join(tmpdir(), 'blindrisk-compiled-'));
process.on('exit', () => rmSync(COMPILED, { recursive: true, force: true }));

export const MAIN: string = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const HOST = '127.0.0.1';
export const PARTIES = 3;

/** Names under which identities are kept. */
export type EndpointName = 'party 1' | 'party 2' | 'party 3' | 'owner';

/** A party's process: real, and stopped by its pid. */
export type PartyProcess = {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly ended: Promise<{
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
};

/** Time-outs of a session in tests: short, but longer than a busy machine's pauses. */
export const TIMEOUTS = { connectMs: 60_000, messageMs: 6_000, silenceMs: 6_000 };

/** Everything that participants of one risk session between processes share, and their keys. */
export class TestSession {
  readonly program: RiskProgram;
  readonly book: Book;
  readonly ids: Readonly<Record<EndpointName, TlsIdentity>>;
  readonly ports: readonly number[];
  readonly folder: string;
  readonly #spec: RiskSpec;
  readonly #processes: PartyProcess[] = [];

  private constructor(
    parts: Pick<TestSession, 'program' | 'book' | 'ids' | 'ports' | 'folder'>,
    spec: RiskSpec,
  ) {
    this.program = parts.program;
    this.book = parts.book;
    this.ids = parts.ids;
    this.ports = parts.ports;
    this.folder = parts.folder;
    this.#spec = spec;
  }

  static async create(open: RiskSpec['open'], scenarios = 20): Promise<TestSession> {
    const folder = mkdtempSync(join(tmpdir(), 'blindrisk-processes-'));
    const request = smallRequest(6, scenarios);
    const path = (name: string) => join(folder, name);
    writeFileSync(path('contracts.csv'), positionsCsv(request.book));
    writeFileSync(path('market.json'), marketJson(request.market));
    writeFileSync(path('scenarios.csv'), scenariosCsv(request.scenarios));
    const spec: RiskSpec = {
      kind: 'risk',
      basis: 'listed',
      contracts: path('contracts.csv'),
      market: path('market.json'),
      scenarios: path('scenarios.csv'),
      open,
      owners: ['owner'],
      recipient: 'owner',
    };
    const scheme = { parties: PARTIES, threshold: 1, security: 'malicious' } as const;
    const program = await riskSession(spec, { ...request, contracts: request.book }, scheme);
    const names: EndpointName[] = ['party 1', 'party 2', 'party 3', 'owner'];
    const ids = Object.fromEntries(
      names.map((name) => [name, createTlsIdentity(name)]),
    ) as TestSession['ids'];
    return new TestSession(
      { program, book: request.book, ids, ports: await freePorts(PARTIES), folder },
      spec,
    );
  }

  /** party.json of an endpoint, with changes. */
  config(self: EndpointName, changes: Record<string, unknown> = {}): string {
    const { certificate, privateKey } = this.ids[self];
    return JSON.stringify({
      session: 'test',
      self,
      certificate,
      key: privateKey,
      parties: this.ports.map((port, i) => ({
        address: `${HOST}:${port}`,
        pin: this.ids[`party ${i + 1}` as EndpointName].pin,
      })),
      clients: [{ name: 'owner', pin: this.ids.owner.pin }],
      threshold: 1,
      program: this.#spec,
      timeouts: TIMEOUTS,
      ...changes,
    });
  }

  /** Starts an endpoint as `blindrisk party`. */
  start(self: EndpointName, changes: Record<string, unknown> = {}): PartyProcess {
    const child = spawn(process.execPath, [MAIN, 'party', '--config', '-'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
      });
    }
    child.stdin.end(this.config(self, changes));
    const ended = new Promise<Awaited<PartyProcess['ended']>>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => resolve({ status, ...said }));
    });
    const started = { pid: child.pid!, child, ended };
    this.#processes.push(started);
    return started;
  }

  /** What an endpoint of this process needs. */
  network(self: EndpointName, changes: Partial<Network> = {}): Network {
    const { config } = parsePartyConfig(this.config(self), 'party.json');
    return {
      session: config.session,
      credentials: this.ids[self],
      parties: config.parties,
      clients: config.clients,
      plan: this.program.plan,
      timeouts: config.timeouts,
      ...changes,
    };
  }

  /** The owner's vectors, and the exposure that was divided out. */
  get inputs(): { readonly vectors: Vectors; readonly l1: number } {
    const { z, l1 } = bookInput(this.program, this.book, undefined);
    return { vectors: { [bookOf('owner')]: z }, l1 };
  }

  /** Stops what still runs, by its pid, and forgets the files. */
  async end(): Promise<void> {
    for (const { child } of this.#processes) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    }
    await Promise.all(this.#processes.map(({ ended }) => ended));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Starts `blindrisk party` with a configuration: a path, or `-` for standard input. */
export function startParty(config: string, input = ''): PartyProcess {
  const child = spawn(process.execPath, [MAIN, 'party', '--config', config], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  }
  child.stdin.end(input);
  const ended = new Promise<Awaited<PartyProcess['ended']>>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, ...said }));
  });
  return { pid: child.pid!, child, ended };
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, HOST, () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
