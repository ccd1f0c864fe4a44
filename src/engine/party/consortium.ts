import { checkInput } from '../../algebra/plain.ts';
import type { Digest } from '../../base/brand.ts';
import { digestOf } from '../../base/digest.ts';
import type { RunOptions } from '../../base/progress.ts';
import type { Json } from '../../domain/report.ts';
import { planCircuit } from '../../mpc/circuit/plan-circuit.ts';
import { ledgerOf } from '../consortium/ledger.ts';
import { SubmissionRound } from '../consortium/round.ts';
import { presented, recipientsOf } from '../consortium/run.ts';
import type { ConsortiumSpec } from '../consortium/spec.ts';
import type { SubmissionSource, ValuedContracts } from '../consortium/subjects.ts';
import { FRAME_BYTES, type Scheme, type SessionProgram, type Vectors } from './program.ts';

/** A consortium between processes: what is computed, planned, and what a firm deals. */
export type ConsortiumSession = SessionProgram & {
  /** Covers the plan, and what it says nothing of: names, units and the minimum of contributors. */
  readonly agreed: Digest;
  /** A firm's inputs, checked against what was agreed. @throws ShapeError, RangeError: they name a field and never its value. */
  readonly inputsOf: (firm: string, source: SubmissionSource) => Vectors;
};

/**
 * Plans a consortium's program for processes: each firm is a client that deals its numbers and opens the joint figures and what is its own, each
 * observer one that opens the joint figures. A firm that does not appear lets the session end before anything is opened.
 * @throws PolicyError for fewer firms than the minimum of contributors, or a minimum below three.
 */
export async function consortiumSession(
  { subject, firms, observers, minimumContributors }: ConsortiumSpec,
  valued: ValuedContracts | undefined,
  { parties, threshold, security }: Scheme,
  { signal }: RunOptions = {},
): Promise<ConsortiumSession> {
  const { program, inputsOf } = subject.program(firms, valued);
  const terms = new SubmissionRound(program, minimumContributors).digest;
  const plan = await planCircuit(program.circuit, {
    parties,
    threshold,
    security,
    owners: program.inputs,
    recipients: recipientsOf(program, observers),
    frameBytes: FRAME_BYTES,
    signal,
  });
  const scheme = { parties, threshold, security, observers, transport: 'tls' } as const;
  return {
    plan,
    agreed: digestOf('blindrisk/consortium-session/1', { plan: plan.digest, terms }),
    inputsOf: (firm, source) => {
      const inputs = inputsOf(firm, source);
      for (const [name, values] of Object.entries(inputs)) {
        checkInput(name, values, program.circuit.inputs[name]!);
      }
      return inputs;
    },
    present: (opened): Json => {
      const figures: Record<string, Json> = {};
      const own: Record<string, Json> = {};
      for (const [name, values] of Object.entries(opened)) {
        const { to, what } = program.outputs[name]!;
        const figure = presented(program, plan, name, values);
        (to === 'all' ? figures : own)[name] = {
          values: Array.from(figure.values),
          error: { ...figure.error },
          what,
        };
      }
      return { subject: program.name, figures, own, privacy: ledgerOf(program, scheme) as unknown as Json };
    },
  };
}
