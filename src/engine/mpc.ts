import type { PartyId } from '../base/brand.ts';
import type { Progress } from '../base/progress.ts';
import type { PhaseName } from '../domain/report.ts';
import { runInProcess } from '../mpc/run.ts';
import { type FigureOutput, figuresCircuit, type RiskOutput, riskCircuit } from '../risk/program.ts';
import type { Protection } from './ledger/risk.ts';
import {
  bookOf,
  planSession,
  riskCasting,
  type SessionPlan,
  sharingOf,
  type Vectors,
} from './party/program.ts';
import type { EngineRun, RiskTask } from './task.ts';

/** Which phase of the report a role's work belongs to. */
const PHASE_OF_ROLE: Readonly<Record<string, PhaseName>> = {
  share: 'protect',
  evaluate: 'evaluate',
  open: 'release',
};

const OWNER = 'owner';

/** What a run over shares gave its owner. */
export type SharedRun = { readonly opened: Vectors; readonly cost: EngineRun['cost'] };

/**
 * Owner, computing parties and recipient: in one process over a transport that only carries frames, or each party in a process of its own
 * over TLS. The owner shares its normalised book and is the recipient as well: nobody else can put the outputs together.
 *
 * With `open: figures` the P&L vector stays shared: comparisons on shares find the figures, and these are all that is opened.
 */
export async function runMpc(task: RiskTask): Promise<EngineRun> {
  const { valuation, outputPrecision, clock, log, request } = task;
  const { parties = 3, threshold = 1, signal, partyCommand } = request;
  const figuresOnly = request.open === 'figures';
  const books = [bookOf(OWNER)];
  const plan = await clock.time('prepare', () => {
    const circuit = figuresOnly ? figuresCircuit(valuation, books) : riskCircuit(valuation, books);
    const casting = riskCasting([OWNER], OWNER, Object.keys(circuit.outputs));
    const scheme = { parties, threshold, security: 'malicious' } as const;
    return planSession(circuit, scheme, casting, { precision: outputPrecision, signal });
  });
  log.append('parties' as PartyId, 'planned', plan.digest, `${parties} parties, threshold ${threshold}`);
  const run =
    partyCommand === undefined
      ? await runHere(task, plan)
      : await (await import('./party/children.ts')).runInChildren(task, plan, OWNER, partyCommand);
  log.append('parties' as PartyId, 'evaluated', plan.digest, 'on shares');
  log.append(
    'owner' as PartyId,
    'opened',
    plan.digest,
    `${Object.keys(run.opened).join(', ')}, to the owner`,
  );
  const overTls = partyCommand !== undefined;
  const common = {
    protection: protectionOf(plan, overTls),
    parameters: describe(plan, overTls),
    cost: run.cost,
  };
  return figuresOnly
    ? { opened: 'figures', ...outputsOf<FigureOutput>(plan, run), ...common }
    : { opened: 'pnl', ...outputsOf<RiskOutput>(plan, run), ...common };
}

async function runHere({ book, clock, request }: RiskTask, plan: SessionPlan): Promise<SharedRun> {
  const { signal, onProgress } = request;
  let reached = performance.now();
  const { outputs, cost } = await runInProcess(
    plan,
    { [bookOf(OWNER)]: book.z },
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
  const { bytesUp, bytesDown, rounds, messages } = cost;
  return { opened: outputs, cost: { bytesUp, bytesDown, rounds, messages } };
}

function outputsOf<O extends string>(
  plan: SessionPlan,
  { opened }: SharedRun,
): {
  readonly outputs: Record<O, Float64Array>;
  readonly error: SessionPlan['error'] & Record<O, SessionPlan['error'][string]>;
} {
  return {
    outputs: opened as Record<O, Float64Array>,
    error: plan.error as Record<O, SessionPlan['error'][string]>,
  };
}

function protectionOf(plan: SessionPlan, overTls: boolean): Protection {
  return { kind: 'shares', transport: overTls ? 'tls' : 'oneProcess', ...sharingOf(plan) };
}

function describe(plan: SessionPlan, overTls: boolean): EngineRun['parameters'] {
  return {
    scheme: 'Shamir secret sharing',
    field: '2^127 - 1',
    parties: plan.parties,
    threshold: plan.threshold,
    security: plan.security,
    transport: overTls ? 'TLS 1.3 between processes of this machine' : 'in one process',
    opening: 'every share is checked: up to threshold changed shares abort the run',
    fractionBits: { input: plan.inputFracBits[bookOf(OWNER)]!, results: { ...plan.resultFracBits } },
    plan: plan.digest,
    circuit: plan.circuit.digest,
  };
}
