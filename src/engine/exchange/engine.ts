import type { RunOptions } from '../../base/progress.ts';
import type { AuditLog } from '../../trust/audit.ts';
import type { Identity, PublicIdentity } from '../../trust/identity.ts';
import { CkksEngine } from '../ckks.ts';
import type { PhaseClock } from '../clock.ts';
import { expectSame, type RunDescription } from './description.ts';
import { digestsOf, type PublicFiles, planOf, publicSideOf } from './public-side.ts';

/** A request from an owner in another process, with the engine's own public files. */
export type EvaluateRequest = PublicFiles & {
  readonly identity: Identity;
  readonly description: RunDescription;
  readonly request: Uint8Array;
  /** The owner, as pinned. */
  readonly owner: PublicIdentity;
};

/**
 * Evaluates on ciphertexts of an owner in another process.
 * @returns a signed envelope of ciphertexts.
 * @throws IntegrityError for other public files than the owner's, or a request that is not this owner's, before anything is evaluated.
 */
export async function evaluateRequest(
  { identity, description, request, owner, ...files }: EvaluateRequest,
  log: AuditLog,
  clock: PhaseClock,
  options: RunOptions = {},
): Promise<Uint8Array> {
  const { plan } = await clock.time('prepare', async () => {
    const side = await publicSideOf(files, options);
    const derived = planOf(side, description.precision);
    expectSame(digestsOf(side, derived), description);
    return { plan: derived };
  });
  using engine = await clock.time('prepare', () => CkksEngine.create(plan, log, { ...options, identity }));
  const client = { identity: owner, keyId: description.key };
  const { answer } = await clock.time('evaluate', () => engine.serve(request, client, options));
  return answer;
}
