import { hex } from '../../base/bytes.ts';
import { type RunOptions, throwIfAborted } from '../../base/progress.ts';
import { randomBytes } from '../../base/random.ts';
import type { PrivacyLedger } from '../../domain/privacy.ts';
import type { Cost, Report } from '../../domain/report.ts';
import type { PricingOutput } from '../../risk/pricing/encrypted-black-scholes.ts';
import type { OptionMarket, OptionTerms } from '../../risk/pricing/features.ts';
import type { PricedColumn } from '../../risk/pricing/in-currency.ts';
import { AuditLog } from '../../trust/audit.ts';
import { PhaseClock } from '../clock.ts';
import { agreePricing, type PricingTerms } from './agreement.ts';
import { PricingEvaluator } from './evaluator.ts';
import { protectContracts, protectMarket } from './input-owners.ts';
import { PricingKeyOwner } from './key-owner.ts';
import { pricingLedger } from './ledger.ts';

export type PricingRequest<O extends PricingOutput> = RunOptions & {
  /** Public. */
  readonly terms: PricingTerms<O>;
  /** Secret, of their owner. */
  readonly contracts: OptionTerms;
  /** Secret, of its owner. */
  readonly market: OptionMarket;
};

export type PricingRun<O extends PricingOutput> = {
  /** In currency, an option each, with error bounds: what the key's owner reads. */
  readonly results: Readonly<Record<O, PricedColumn>>;
  /** Error bounds: series proved, noise modelled. */
  readonly known: 'modelled';
  /** Of the contracts' owner: strikes that it moved, and what that changes of a price at most as a fraction of the reference forward. */
  readonly clamped: number;
  readonly clampError: number;
  readonly cost: Cost & { readonly keyBytes: number; readonly evaluationMs: number };
  readonly ledger: PrivacyLedger;
  readonly parameters: Report['parameters'];
  readonly audit: Report['audit'];
};

/**
 * Encrypted Black-Scholes with all roles in this process: owners of contracts, of the market and of the key, and the evaluator, as separate
 * objects (and workers) that exchange only the signed envelopes that they would send.
 *
 * Who learns what: `ledger`. Cost: seconds of planning and keys, then some 100 microseconds an option; half a GiB of memory at N = 16384.
 * @throws RangeError, ShapeError for bad terms and options outside the agreed domain, before anything is encrypted; PrecisionError, PlanError;
 * IntegrityError; AbortError when the signal fires.
 */
export async function rehearsePricing<O extends PricingOutput>({
  terms,
  contracts,
  market,
  ...options
}: PricingRequest<O>): Promise<PricingRun<O>> {
  const clock = new PhaseClock();
  const log = new AuditLog(`blindrisk/pricing/${hex(randomBytes(8))}`);
  throwIfAborted(options.signal, 'planning');
  const agreement = await clock.time('prepare', () => agreePricing(terms));
  const { plan } = agreement;
  throwIfAborted(options.signal, 'making keys');
  using keyOwner = await clock.time('keys', () => PricingKeyOwner.create(agreement, log, options));
  const publicKey = await clock.time('keys', () => keyOwner.publicKey(options));
  const key = { owner: keyOwner, publicKey };
  const [own, quoted] = await clock.time('protect', async () => [
    await protectContracts(agreement, contracts, key, log, options),
    await protectMarket(agreement, market, key, log, options),
  ]);
  const keys = await clock.time('keys', () => keyOwner.evaluationKeys(options));
  using evaluator = await clock.time('prepare', () =>
    PricingEvaluator.create(agreement, keyOwner, keys, log, options),
  );
  const { answer, evaluationMs } = await clock.time('evaluate', () =>
    evaluator.price(
      { contracts: own.envelope, market: quoted.envelope },
      { contracts: own.identity, market: quoted.identity },
      options,
    ),
  );
  const sent = { contracts: own.digest, market: quoted.digest };
  const results = await clock.time('release', () => keyOwner.read(answer, evaluator.identity, sent, options));
  return {
    results,
    known: 'modelled',
    clamped: own.clamped,
    clampError: own.clampError,
    cost: {
      phasesMs: clock.phasesMs,
      bytesUp: own.envelope.length + quoted.envelope.length,
      bytesDown: answer.length,
      keyBytes: publicKey.length + keys.length,
      evaluationMs,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    },
    ledger: pricingLedger(agreement),
    parameters: {
      scheme: 'CKKS on slots, encrypted under a public key',
      evaluator: evaluator.runsOn,
      degree: plan.parameters.degree,
      dataPrimeBits: [...plan.parameters.dataPrimeBits],
      securityBits: plan.parameters.securityBits,
      options: agreement.reference.forward.length,
      agreement: agreement.digest,
    },
    audit: { checkpoint: log.checkpoint(), entries: log.entries.length },
  };
}
