import { hex } from '../../base/bytes.ts';
import { ShapeError } from '../../base/errors.ts';
import { type RunOptions, throwIfAborted } from '../../base/progress.ts';
import { randomBytes } from '../../base/random.ts';
import type { PrivacyLedger } from '../../domain/privacy.ts';
import type { Cost, Figure, Report } from '../../domain/report.ts';
import type { OptionBook, OptionMarket, OptionTerms } from '../../risk/pricing/features.ts';
import type { PricedColumn } from '../../risk/pricing/in-currency.ts';
import { AuditLog } from '../../trust/audit.ts';
import { PhaseClock } from '../clock.ts';
import { type AgreedOutput, agreePricing, type PricingTerms } from './agreement.ts';
import { PricingEvaluator } from './evaluator.ts';
import { bookValueOf, protectContracts, protectMarket } from './input-owners.ts';
import { PricingKeyOwner } from './key-owner.ts';
import { pricingLedger } from './ledger.ts';

export type PricingRequest<O extends AgreedOutput> = RunOptions & {
  /** Public. */
  readonly terms: PricingTerms<O>;
  /** Secret, of their owner; with quantities where the value of a book is agreed on. */
  readonly contracts: OptionTerms | OptionBook;
  /** Secret, of its owner. None where the terms say that the market is public. */
  readonly market?: OptionMarket | undefined;
};

export type PricingRun<O extends AgreedOutput> = {
  /** In currency, an option each, with error bounds: what the key's owner reads. A book's value in units of its largest exposure. */
  readonly results: Readonly<Record<O, PricedColumn>>;
  /** In currency: what the contracts' owner makes of it, where that was agreed on. */
  readonly bookValue?: Figure | undefined;
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
 * Encrypted Black-Scholes with all roles in this process: owners of contracts, of the market (where it is secret) and of the key, and the evaluator, as separate
 * objects (and workers) that exchange only the signed envelopes that they would send.
 *
 * Who learns what: `ledger`. Cost: seconds of planning and keys, then some 100 microseconds an option; half a GiB of memory at N = 16384.
 * @throws RangeError, ShapeError for bad terms and options outside the agreed domain, before anything is encrypted; PrecisionError, PlanError;
 * IntegrityError; AbortError when the signal fires.
 */
export async function rehearsePricing<O extends AgreedOutput>({
  terms,
  contracts,
  market,
  ...options
}: PricingRequest<O>): Promise<PricingRun<O>> {
  const clock = new PhaseClock();
  const log = new AuditLog(`blindrisk/pricing/${hex(randomBytes(8))}`);
  const isPublic = terms.market === 'public';
  if ((market === undefined) !== isPublic) {
    throw new ShapeError(
      isPublic
        ? 'the market is public, as the terms say: leave it out of the request'
        : 'the market is secret, as the terms say: expected its forwards and vols',
    );
  }
  throwIfAborted(options.signal, 'planning');
  const agreement = await clock.time('prepare', () => agreePricing(terms));
  const { plan } = agreement;
  throwIfAborted(options.signal, 'making keys');
  using keyOwner = await clock.time('keys', () => PricingKeyOwner.create(agreement, log, options));
  const publicKey = await clock.time('keys', () => keyOwner.publicKey(options));
  const key = { owner: keyOwner, publicKey };
  const own = await clock.time('protect', () => protectContracts(agreement, contracts, key, log, options));
  const quoted =
    market && (await clock.time('protect', () => protectMarket(agreement, market, key, log, options)));
  const keys = await clock.time('keys', () => keyOwner.evaluationKeys(options));
  using evaluator = await clock.time('prepare', () =>
    PricingEvaluator.create(agreement, keyOwner, keys, log, options),
  );
  const { answer, evaluationMs } = await clock.time('evaluate', () =>
    evaluator.price(
      { contracts: own.envelope, market: quoted?.envelope },
      { contracts: own.identity, market: quoted?.identity },
      options,
    ),
  );
  const sent = { contracts: own.digest, market: quoted?.digest };
  const results = await clock.time('release', () => keyOwner.read(answer, evaluator.identity, sent, options));
  const value = (results as Readonly<Record<string, PricedColumn>>)['value'];
  return {
    results,
    bookValue: value && bookValueOf(value, own),
    known: 'modelled',
    clamped: own.clamped,
    clampError: own.clampError,
    cost: {
      phasesMs: clock.phasesMs,
      bytesUp: own.envelope.length + (quoted?.envelope.length ?? 0),
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
