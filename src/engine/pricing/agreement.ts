import type { Circuit } from '../../algebra/circuit.ts';
import type { Digest } from '../../base/brand.ts';
import { digestOf } from '../../base/digest.ts';
import { ShapeError } from '../../base/errors.ts';
import type { ReleaseBudget } from '../../ckks/flooding.ts';
import type { SlotCircuit } from '../../ckks/slots/circuit.ts';
import { planSlots, type SlotPlan } from '../../ckks/slots/plan.ts';
import { encryptedBlackScholes, type PricingOutput } from '../../risk/pricing/encrypted-black-scholes.ts';
import {
  CONTRACT_FEATURES,
  type ContractFeature,
  MARKET_FEATURES,
  type MarketFeature,
} from '../../risk/pricing/features.ts';
import {
  checkReference,
  DEFAULT_PRICING_DOMAIN,
  type PricingDomain,
  type PricingReference,
} from '../../risk/pricing/reference.ts';

/** What all roles agree on before anything is encrypted. Public. */
export type PricingTerms<O extends PricingOutput = PricingOutput> = {
  /** Names this batch, once: what was encrypted for another batch is refused. */
  readonly batch: string;
  readonly reference: PricingReference;
  /** Default {@link DEFAULT_PRICING_DOMAIN}. */
  readonly domain?: PricingDomain | undefined;
  readonly outputs: readonly O[];
  /** Wanted worst error of every output, as a fraction of the reference forward. Default 1e-7. */
  readonly precision?: number | undefined;
  /** Where results go to somebody other than the key's owner. */
  readonly release?: ReleaseBudget | undefined;
};

/** Terms with all that follows from them; each role makes its own and they are compared by `digest` in every envelope. */
export type PricingAgreement<O extends PricingOutput = PricingOutput> = {
  readonly digest: Digest;
  readonly batch: string;
  readonly reference: PricingReference;
  readonly domain: PricingDomain;
  readonly outputs: readonly O[];
  readonly plan: SlotPlan<MarketFeature | ContractFeature, O>;
  /** What each owner of inputs encrypts, in the order of its envelope. */
  readonly inputs: {
    readonly contracts: readonly ContractFeature[];
    readonly market: readonly MarketFeature[];
  };
};

/** An agreement, whatever it computes. */
export type AnyAgreement = Omit<PricingAgreement, 'plan' | 'outputs'> & {
  readonly plan: SlotCircuit & Pick<SlotPlan, 'parameters'>;
};

const DEFAULT_PRECISION = 1e-7;

/**
 * Derives circuit, parameters and digest from the terms. Cost: a slot plan, seconds.
 * @throws RangeError, ShapeError for terms that are none; PrecisionError, PlanError where no parameters serve.
 */
export function agreePricing<O extends PricingOutput>(terms: PricingTerms<O>): PricingAgreement<O> {
  const { batch, reference, domain = DEFAULT_PRICING_DOMAIN, outputs, release } = terms;
  const { precision = DEFAULT_PRECISION } = terms;
  if (outputs.length === 0) throw new ShapeError('pricing: expected at least one output, found none');
  const length = checkReference(reference, domain);
  if (length === 0) throw new ShapeError('pricing: the batch has no option');
  const circuit: Circuit<MarketFeature | ContractFeature, O> = encryptedBlackScholes({
    length,
    outputs,
    domain,
  });
  const plan = planSlots(circuit, { precision, encryption: 'public', release });
  const read = new Set(plan.program.inputs.map(({ name }) => name));
  const digest = digestOf('blindrisk/pricing/1', {
    batch,
    circuit: circuit.digest,
    parameters: plan.parameters.digest,
    reference,
    domain,
    outputs,
    flooding: plan.flooding,
  });
  return {
    digest,
    batch,
    reference,
    domain,
    outputs,
    plan,
    inputs: {
      contracts: CONTRACT_FEATURES.filter((name) => read.has(name)),
      market: MARKET_FEATURES.filter((name) => read.has(name)),
    },
  };
}
