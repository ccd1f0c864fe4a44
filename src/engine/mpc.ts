import type { PartyId } from '../base/brand.ts';
import type { Progress } from '../base/progress.ts';
import type { PhaseName } from '../domain/report.ts';
import { planMpc } from '../mpc/plan.ts';
import { runInProcess } from '../mpc/run.ts';
import type { EngineRun, RiskTask } from './task.ts';

/** Which phase of the report a role's work belongs to. */
const PHASE_OF_ROLE: Readonly<Record<string, PhaseName>> = {
  share: 'protect',
  evaluate: 'evaluate',
  open: 'release',
};

/**
 * Owner, computing parties and recipient in one process, over a transport that only carries frames. The owner shares
 * its normalised book and is the recipient as well: nobody else can put the outputs together.
 */
export async function runMpc(task: RiskTask): Promise<EngineRun> {
  const { circuit, book, outputPrecision, clock, log, request } = task;
  const { parties = 3, threshold = 1, signal, onProgress } = request;
  const plan = await clock.time('prepare', () =>
    planMpc(circuit, { parties, threshold, precision: outputPrecision }),
  );
  log.append('parties' as PartyId, 'planned', plan.digest, `${parties} parties, threshold ${threshold}`);
  let reached = performance.now();
  const { outputs, cost } = await runInProcess(
    plan,
    { book: book.z },
    {
      signal,
      onProgress: (progress: Progress) => {
        const now = performance.now();
        clock.add(PHASE_OF_ROLE[progress.phase] ?? 'evaluate', now - reached);
        reached = now;
        onProgress?.(progress);
      },
    },
  );
  log.append('parties' as PartyId, 'evaluated', plan.digest, 'on shares');
  log.append('owner' as PartyId, 'opened', plan.digest, 'all outputs, to the owner');
  return {
    outputs,
    error: plan.error,
    parameters: {
      scheme: 'Shamir secret sharing',
      field: '2^127 - 1',
      parties,
      threshold,
      security: plan.security,
      opening: 'every share is checked: up to threshold changed shares abort the run',
      fractionBits: { input: plan.inputFracBits.book, results: { ...plan.resultFracBits } },
      plan: plan.digest,
      circuit: circuit.digest,
    },
    cost: { bytesUp: cost.bytesUp, bytesDown: cost.bytesDown, rounds: cost.rounds, messages: cost.messages },
  };
}
