import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hex } from '../../base/bytes.ts';
import { TransportError } from '../../base/errors.ts';
import { randomBytes } from '../../base/random.ts';
import type { Book } from '../../domain/book.ts';
import { marketJson, positionsCsv, scenariosCsv } from '../../domain/write/csv.ts';
import { createTlsIdentity } from '../../trust/certificate.ts';
import { writeBasis } from '../exchange/basis-file.ts';
import type { SharedRun } from '../mpc.ts';
import type { RiskTask } from '../task.ts';
import { playClient } from './play.ts';
import { bookOf, type SessionPlan } from './program.ts';

/** All on this machine. */
const HOST = '127.0.0.1';

/** Parties value the book's contracts before they answer: minutes for a large basis on a busy machine. */
const CONNECT_MS = 600_000;

/**
 * Runs a risk program with every computing party in a child process, over TLS on the loopback interface, and this process as the owner.
 * Children are told by their standard input who they are, key included; the only files are what parties may know: contracts, without
 * quantities, market and scenarios.
 * @param command starts the `blindrisk` command, without arguments.
 * @throws TransportError if a party cannot be started or ends early, with what it said.
 */
export async function runInChildren(
  { request, coordinates, book, clock }: RiskTask,
  plan: SessionPlan,
  owner: string,
  command: readonly string[],
): Promise<SharedRun> {
  const { basis } = coordinates;
  const folder = mkdtempSync(join(tmpdir(), 'blindrisk-parties-'));
  const children: Child[] = [];
  const failed = new AbortController();
  const signal = request.signal ? AbortSignal.any([request.signal, failed.signal]) : failed.signal;
  try {
    const file = (name: string, text: string): string => {
      const path = join(folder, name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    };
    // Of positions.csv, what is public: which contracts may be held, or lie outside the basis.
    const contracts =
      basis.kind === 'factors' ? [] : basis.kind === 'listed' ? basis.contracts : basis.listed;
    const list: Book = {
      positions: contracts.map((instrument, i) => ({ id: `c${i}`, instrument, quantity: 0, multiplier: 1 })),
    };
    const program = {
      kind: 'risk',
      basis: basis.kind,
      ...(contracts.length === 0 ? {} : { contracts: file('contracts.csv', positionsCsv(list)) }),
      ...(basis.kind === 'chebyshev' ? { proposal: file('basis.json', writeBasis(basis)) } : {}),
      market: file('market.json', marketJson(request.market)),
      scenarios: file('scenarios.csv', scenariosCsv(request.scenarios)),
      open: request.open ?? 'pnl',
      owners: [owner],
      recipient: owner,
    };
    const identities = Array.from({ length: plan.parties }, (_, i) => createTlsIdentity(`party ${i + 1}`));
    const mine = createTlsIdentity(owner);
    const ports = await freePorts(plan.parties);
    const session = hex(randomBytes(16));
    const parties = identities.map(({ pin }, i) => ({ address: { host: HOST, port: ports[i]! }, pin }));
    const clients = [{ name: owner, pin: mine.pin }];
    const timeouts = { connectMs: CONNECT_MS };
    identities.forEach(({ certificate, privateKey }, i) => {
      const config = {
        session,
        self: `party ${i + 1}`,
        certificate,
        key: privateKey,
        parties: parties.map(({ address: { host, port }, pin }) => ({ address: `${host}:${port}`, pin })),
        clients,
        threshold: plan.threshold,
        program,
        timeouts,
      };
      children.push(
        new Child(`party ${i + 1}`, command, JSON.stringify(config), (error) => failed.abort(error)),
      );
    });
    const network = { session, credentials: mine, parties, clients, plan, timeouts, signal };
    const { opened } = await clock
      .time('evaluate', () => playClient(network, owner, { [bookOf(owner)]: book.z }))
      .catch((error: unknown) => {
        // A party that ended says why it did; that it cannot be reached any more is the consequence.
        throw failed.signal.aborted && !request.signal?.aborted ? failed.signal.reason : error;
      });
    await Promise.all(children.map((child) => child.done));
    const { bytesUp, bytesDown, rounds, messages } = plan;
    return { opened: opened!, cost: { bytesUp, bytesDown, rounds, messages } };
  } finally {
    for (const child of children) child.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A party's process. */
class Child {
  readonly done: Promise<void>;
  readonly #process: ChildProcess;

  constructor(
    name: string,
    [file, ...args]: readonly string[],
    config: string,
    onFailure: (error: TransportError) => void,
  ) {
    this.#process = spawn(file!, [...args, 'party', '--config', '-', '--quiet'], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let said = '';
    this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    this.done = new Promise((resolve, reject) => {
      const fail = (what: string, cause?: unknown) => {
        const error = new TransportError(`${name} ${what}`, { peer: name }, { cause });
        onFailure(error);
        reject(error);
      };
      this.#process.on('error', (cause) => fail('could not be started', cause));
      this.#process.on('close', (status, signal) => {
        if (status === 0) resolve();
        else fail(`ended with ${signal ?? `status ${status}`}: ${said.trim() || 'it said nothing'}`);
      });
    });
    // Awaited only after a run that succeeded.
    this.done.catch(() => {});
    this.#process.stdin!.on('error', () => {}).end(config);
  }

  stop(): void {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill();
  }
}

/** Ports on which nobody listens now. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject).listen(0, HOST, () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
