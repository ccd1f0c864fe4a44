import { ShapeError } from '../base/errors.ts';
import { breathe, type RunOptions, throwIfAborted } from '../base/progress.ts';
import { randomBytes } from '../base/random.ts';
import type { CircuitPlan } from './circuit/plan-circuit.ts';
import { matrixOfPlan } from './evaluate.ts';
import { SESSION_BYTES } from './frame.ts';
import { InProcessNetwork, type Intercept } from './in-process-transport.ts';
import type { MpcCost, MpcPlan } from './plan.ts';
import { runOwner, runParty, runRecipient } from './roles.ts';
import { Session } from './session.ts';

/** What a run gave: the outputs, what each recipient saw of them, and what was counted on the wire. */
export type MpcResult<O extends string> = {
  readonly outputs: Readonly<Record<O, Float64Array>>;
  readonly opened: Readonly<Record<string, Readonly<Partial<Record<O, Float64Array>>>>>;
  readonly cost: MpcCost;
  /** Products that a party counted; 0 for a linear plan. */
  readonly fieldProducts: number;
};

export type InProcessOptions = RunOptions & {
  /** How long an endpoint waits for a frame: see SessionOptions. Default 30 s. */
  readonly timeoutMs?: number | undefined;
  /** What happens to frames in transit: for tests. */
  readonly intercept?: Intercept | undefined;
};

/**
 * Rehearses a session with all roles in this process: owners, n parties and recipients as separate objects
 * that share the transport and nothing else, so that the same code runs, the same bytes are counted and the
 * same checks fail as across a network. It protects nothing from this process.
 *
 * Cost: as the plan predicts, exactly; a 500 x 2000 matrix takes about 30 ms with three parties.
 * @throws ProtocolError, TransportError, AbortError: the first failure of any role; nothing is returned then.
 */
export async function runInProcess<I extends string, O extends string>(
  plan: MpcPlan<I, O> | CircuitPlan<I, O>,
  inputs: Readonly<Record<I, Float64Array>>,
  options: InProcessOptions = {},
): Promise<MpcResult<O>> {
  throwIfAborted(options.signal, 'preparing');
  for (const { name } of 'map' in plan ? plan.map.inputs : plan.inputs) {
    if (inputs[name as I] === undefined)
      throw new ShapeError(`expected an input named ${name}, found none`, { name });
  }
  if ('map' in plan) matrixOfPlan(plan);
  await breathe();
  const network = new InProcessNetwork(plan.endpoints, options.intercept);
  const nonce = randomBytes(SESSION_BYTES);
  const failed = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
  const sessions: Session[] = [];
  const join = (endpoint: number): Session => {
    const session = new Session(plan, nonce, network.endpoint(endpoint), {
      signal,
      timeoutMs: options.timeoutMs,
    });
    sessions.push(session);
    return session;
  };

  let fieldProducts = 0;
  const playParty = async (session: Session): Promise<void> => {
    if ('map' in plan) return runParty(session, plan);
    // Loaded where there is something to multiply: a linear run does not wait for it.
    const { runCircuitParty } = await import('./circuit/run-party.ts');
    const counted = await runCircuitParty(session, plan);
    fieldProducts = Math.max(fieldProducts, counted.fieldProducts);
  };

  const total = plan.owners.length + plan.parties + plan.recipients.length;
  let done = 0;
  let first: { readonly error: unknown } | undefined;
  const play = async <T>(phase: string, role: () => Promise<T>): Promise<T | undefined> => {
    try {
      const result = await role();
      options.onProgress?.({ phase, done: ++done, total });
      return result;
    } catch (error) {
      // The first failure explains the others, which it causes: it stops every other role at its next wait.
      first ??= { error };
      failed.abort(error);
      return undefined;
    }
  };
  const [seen] = await Promise.all([
    Promise.all(
      plan.recipients.map((role) => play('open', () => runRecipient(join(role.endpoint), plan, role))),
    ),
    ...Array.from({ length: plan.parties }, (_, i) => play('evaluate', () => playParty(join(i + 1)))),
    ...plan.owners.map((role) => play('share', () => runOwner(join(role.endpoint), plan, role, inputs))),
  ]);
  if (first !== undefined) throw first.error;

  const opened = Object.fromEntries(plan.recipients.map(({ name }, i) => [name, seen[i]!]));
  return {
    outputs: Object.assign({}, ...Object.values(opened)) as Record<O, Float64Array>,
    opened: opened as MpcResult<O>['opened'],
    cost: costOf(plan, network, sessions),
    fieldProducts,
  };
}

function costOf(
  plan: MpcPlan | CircuitPlan,
  network: InProcessNetwork,
  sessions: readonly Session[],
): MpcCost {
  const isParty = (endpoint: number) => endpoint <= plan.parties;
  return {
    rounds: Math.max(...sessions.map(({ round }) => round)),
    messages: network.traffic().messages,
    bytesUp: network.traffic((from, to) => !isParty(from) && isParty(to)).bytes,
    bytesBetween: network.traffic((from, to) => isParty(from) && isParty(to)).bytes,
    bytesDown: network.traffic((from, to) => isParty(from) && !isParty(to)).bytes,
  };
}
