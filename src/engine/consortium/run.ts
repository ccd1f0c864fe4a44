import type { Digest } from '../../base/brand.ts';
import { ProtocolError } from '../../base/errors.ts';
import type { RunOptions } from '../../base/progress.ts';
import type { PrivacyLedger } from '../../domain/privacy.ts';
import type { Cost, ErrorBound } from '../../domain/report.ts';
import { type CircuitPlan, planCircuit } from '../../mpc/circuit/plan-circuit.ts';
import type { Security } from '../../mpc/engine/protocol.ts';
import { runInProcess } from '../../mpc/run.ts';
import type { ConsortiumProgram } from '../../risk/consortium/program.ts';
import { ledgerOf } from './ledger.ts';
import { SubmissionRound } from './round.ts';

export type ConsortiumRequest<S> = RunOptions & {
  readonly program: ConsortiumProgram<S>;
  /** What each firm submits, and under which terms: those of {@link consortiumTerms}. */
  readonly submissions: readonly { readonly firm: string; readonly terms: Digest; readonly submission: S }[];
  /** At least 3. */
  readonly minimumContributors: number;
  /** Computing parties, 3 to 7. Default 3; they need not be firms. */
  readonly parties?: number;
  /** Default: the most that parties allow, t < n/2. */
  readonly threshold?: number;
  /** Default `malicious`. */
  readonly security?: Security;
  /** Who opens the joint figures besides the firms: a regulator. */
  readonly observers?: readonly string[];
};

/** Opened numbers in their unit, and how far each can be from the truth. */
export type OpenedFigure = { readonly values: Float64Array; readonly error: ErrorBound };

export type ConsortiumRun = {
  /** What every firm and observer opened. */
  readonly figures: Readonly<Record<string, OpenedFigure>>;
  /** What each firm alone opened, or with those it shares the figure with. */
  readonly own: Readonly<Record<string, Readonly<Record<string, OpenedFigure>>>>;
  readonly ledger: PrivacyLedger;
  readonly cost: Pick<Cost, 'bytesUp' | 'bytesDown' | 'rounds' | 'messages'>;
  readonly plan: Digest;
};

/** The digest that a firm names with its submission: of the program, its recipients and the minimum of contributors. */
export function consortiumTerms<S>(program: ConsortiumProgram<S>, minimumContributors: number): Digest {
  return new SubmissionRound(program, minimumContributors).digest;
}

/**
 * Runs a consortium's program: firms submit, computing parties that they choose compute on shares, each firm opens the joint figures and its own. The
 * firms are outside clients, who deal and leave (I. Damgard, K. Damgard, K. Nielsen, P. S. Nordholt, T. Toft, "Confidential benchmarking based on
 * multiparty computation", FC 2016). All roles run in this process, as separate sessions that exchange what they would send.
 *
 * Who learns what: `ledger`. Cost: as planned, exactly or, with many order statistics, typically.
 * @throws PolicyError, IntegrityError, RangeError, ShapeError as `SubmissionRound`, before anything is dealt.
 * @throws ProtocolError where recipients of the same figure opened different numbers; AbortError when the signal fires.
 */
export async function runConsortium<S>(request: ConsortiumRequest<S>): Promise<ConsortiumRun> {
  const {
    program,
    submissions,
    minimumContributors,
    parties = 3,
    observers = [],
    signal,
    onProgress,
  } = request;
  const { threshold = Math.ceil(parties / 2) - 1, security = 'malicious' } = request;
  const round = new SubmissionRound(program, minimumContributors);
  for (const { firm, terms, submission } of submissions) round.submit(firm, terms, submission);
  const inputs = round.close();
  const recipients = recipientsOf(program, observers);
  const plan = await planCircuit(program.circuit, {
    parties,
    threshold,
    security,
    owners: program.inputs,
    recipients,
    signal,
  });
  const { opened, cost } = await runInProcess(plan, inputs, { signal, onProgress });
  const figureOf = (name: string, values: Float64Array): OpenedFigure =>
    presented(program, plan, name, values);
  const own = Object.fromEntries(
    program.firms.map((firm) => [
      firm,
      Object.fromEntries(
        Object.entries(opened[firm] ?? {})
          .filter(([name]) => program.outputs[name]!.to !== 'all')
          .map(([name, values]) => [name, figureOf(name, values!)]),
      ),
    ]),
  );
  const figures = Object.entries(program.outputs)
    .filter(([, { to }]) => to === 'all')
    .map(([name]) => [name, figureOf(name, agreed(name, recipients[name]!, opened))] as const);
  const { bytesUp, bytesDown, rounds, messages } = cost;
  return {
    figures: Object.fromEntries(figures),
    own,
    ledger: ledgerOf(program, { parties, threshold, security, observers, transport: 'oneProcess' }),
    cost: { bytesUp, bytesDown, rounds, messages },
    plan: plan.digest,
  };
}

/** Who opens each output: those named, or every firm and observer. */
export function recipientsOf<S>(
  { firms, outputs }: Pick<ConsortiumProgram<S>, 'firms' | 'outputs'>,
  observers: readonly string[],
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { to }]) => [name, to === 'all' ? [...firms, ...observers] : to]),
  );
}

/** An opened output in its unit, with its error. */
export function presented<S>(
  program: ConsortiumProgram<S>,
  plan: Pick<CircuitPlan, 'error' | 'format'>,
  name: string,
  values: Float64Array,
): OpenedFigure {
  const { scale, error } = program.outputs[name]!;
  const { absolute: planned, known } = plan.error[name]!;
  const absolute = Math.min(planned, error?.(plan.format.frac) ?? Number.POSITIVE_INFINITY);
  return { values: values.map((value) => value * scale), error: { absolute: absolute * scale, known } };
}

/** What all recipients of an output opened. */
function agreed(
  name: string,
  recipients: readonly string[],
  opened: Readonly<Record<string, Readonly<Record<string, Float64Array | undefined>>>>,
): Float64Array {
  const [first, ...others] = recipients.map((recipient) => opened[recipient]![name]!);
  if (others.some((values) => values.some((value, i) => value !== first![i]))) {
    throw new ProtocolError(`recipients of ${name} opened different numbers`, { name });
  }
  return first!;
}
