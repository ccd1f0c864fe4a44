import { type ChildProcess, fork } from 'node:child_process';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createTlsIdentity } from '../../src/trust/certificate.ts';
import { median } from '../harness/interleave.ts';
import type { BenchRow, BenchSuite } from '../harness/row.ts';
import type { Task } from '../mpc/endpoint.ts';
import { type Counted, countWork, lineOf, networkOf, rowOf, type Timed } from '../mpc/measure.ts';
import { SCHEME, type Work, works } from '../mpc/works.ts';

/** The same protocols with each party in a process of its own, over TLS 1.3 on the loopback interface. */
export const suite: BenchSuite = { name: 'mpc-processes', run };

const HOST = '127.0.0.1';
const ENDPOINT = fileURLToPath(new URL('../mpc/endpoint.ts', import.meta.url));
/** The work whose time is that of its rounds alone. */
const EMPTY = 'one element, opened';

async function run(report: (row: BenchRow) => void, only = ''): Promise<void> {
  const chosen = (await works()).filter(({ name }) => new RegExp(`${only}|^${EMPTY}`).test(name));
  const children = await start(`${only}|^${EMPTY}`);
  try {
    let round = 0;
    for (const work of chosen) {
      const timed = await Promise.all(children.map(({ next }) => next()));
      const seconds = median(timed[0]!.seconds);
      const counted = await countWork(work);
      if (work.name === EMPTY && round === 0) round = seconds / counted.rounds;
      report(await rowOf(suite.name, work, timed[0]!, parametersOf(work, counted, timed, round)));
    }
  } finally {
    for (const { child } of children) child.kill();
  }
}

/** What the parties' processors did meanwhile, and what the time is nearest to. */
function parametersOf(
  work: Work,
  counted: Counted,
  timed: readonly Timed[],
  round: number,
): Record<string, string | number> {
  const all = timed.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  const cores = Math.min(availableParallelism(), SCHEME.parties);
  const bounds = { 'the processors': all / cores, rounds: counted.rounds * round };
  const [bound] = Object.entries(bounds).sort(([, a], [, b]) => b - a)[0]!;
  return {
    ...networkOf(work, counted, all / SCHEME.parties),
    transport: 'TLS 1.3, three processes on one machine',
    cores,
    roundMicroseconds: Math.round(1e6 * round),
    cpuMsAParty: Number(((1000 * all) / SCHEME.parties).toPrecision(3)),
    bound,
  };
}

type Child = { readonly child: ChildProcess; readonly next: () => Promise<Timed> };

async function start(only: string): Promise<Child[]> {
  const parties = Array.from({ length: SCHEME.parties }, (_, i) => i + 1);
  const ids = parties.map((party) => createTlsIdentity(`party ${party}`));
  const ports = await Promise.all(parties.map(freePort));
  const peers = parties.map((endpoint, i) => ({
    endpoint,
    name: `party ${endpoint}`,
    pin: ids[i]!.pin,
    address: { host: HOST, port: ports[i]! },
  }));
  return parties.map((self, i) => {
    const child = fork(ENDPOINT, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const task: Task = {
      self,
      parties: SCHEME.parties,
      credentials: ids[i]!,
      listen: peers[i]!.address,
      peers: peers.filter(({ endpoint }) => endpoint !== self),
      session: 'bench',
      only,
    };
    child.send(task);
    return { child, next: inOrder(child) };
  });
}

/** The messages of a child, one a call. */
function inOrder(child: ChildProcess): () => Promise<Timed> {
  const arrived: Timed[] = [];
  let waiting: { resolve: (timed: Timed) => void; reject: (error: Error) => void } | undefined;
  let failure: Error | undefined;
  child.on('message', (timed: Timed) => {
    if (waiting === undefined) arrived.push(timed);
    else waiting.resolve(timed);
    waiting = undefined;
  });
  child.on('exit', (status) => {
    failure = new Error(`a party ended with status ${status}`);
    waiting?.reject(failure);
  });
  return () =>
    new Promise((resolve, reject) => {
      const next = arrived.shift();
      if (next !== undefined) resolve(next);
      else if (failure !== undefined) reject(failure);
      else waiting = { resolve, reject };
    });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, HOST, () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => resolve(port));
    });
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await run((row) => console.log(lineOf(row)), process.argv[2]);
}
