import { pathToFileURL } from 'node:url';
import { runProtocol } from '../../src/mpc/engine/in-process.ts';
import { median } from '../harness/interleave.ts';
import type { BenchRow, BenchSuite } from '../harness/row.ts';
import { countWork, lineOf, networkOf, rowOf, timedProtocol } from '../mpc/measure.ts';
import { primitives, SCHEME, type Work } from '../mpc/works.ts';

/** Protocols on shares, three parties in one process on one thread, transport included. */
export const suite: BenchSuite = { name: 'mpc-protocols', run };

async function run(report: (row: BenchRow) => void, only: RegExp = /./): Promise<void> {
  for (const work of primitives()) if (only.test(work.name)) report(await measure(work));
}

async function measure(work: Work): Promise<BenchRow> {
  const { results } = await runProtocol(SCHEME, work.security, (context) =>
    timedProtocol(work, context, cpuAParty),
  );
  const timed = results[0]!;
  const network = networkOf(work, await countWork(work), median(timed.seconds) / SCHEME.parties);
  return rowOf(suite.name, work, timed, {
    ...network,
    cpuMsAParty: Number((1000 * timed.cpuSeconds).toPrecision(4)),
    bound: 'CPU',
    transport: 'in process, all parties on one thread',
  });
}

/** Seconds of processor time of this process, which plays all parties, for one of them. */
function cpuAParty(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 / SCHEME.parties;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await run((row) => console.log(lineOf(row)), new RegExp(process.argv[2] ?? '.'));
}
