import type { Circuit } from '../../algebra/circuit.ts';
import type { Digest } from '../../base/brand.ts';
import { digestOf } from '../../base/digest.ts';
import { ShapeError } from '../../base/errors.ts';
import type { ReleaseBudget } from '../../ckks/flooding.ts';
import type { SlotCircuit } from '../../ckks/slots/circuit.ts';
import { planSlots, type SlotPlan } from '../../ckks/slots/plan.ts';
import {
  type BookOutput,
  encryptedBlackScholes,
  encryptedBookValue,
  encryptedContractsOnly,
  type PricingOutput,
} from '../../risk/pricing/encrypted-black-scholes.ts';
import {
  BOOK_FEATURES,
  type BookFeature,
  CONTRACT_FEATURES,
  type ContractFeature,
  MARKET_FEATURES,
  type MarketFeature,
  marketFeatures,
  marketOfReference,
} from '../../risk/pricing/features.ts';
import {
  checkReference,
  DEFAULT_PRICING_DOMAIN,
  type PricingDomain,
  type PricingReference,
} from '../../risk/pricing/reference.ts';

/** Figures of every option, or the value of the book and nothing of any option. */
export type AgreedOutput = PricingOutput | BookOutput;

/** What all roles agree on before anything is encrypted. Public. */
export type PricingTerms<O extends AgreedOutput = AgreedOutput> = {
  /** Names this batch, once: what was encrypted for another batch is refused. */
  readonly batch: string;
  readonly reference: PricingReference;
  /** Default {@link DEFAULT_PRICING_DOMAIN}. */
  readonly domain?: PricingDomain | undefined;
  /** `value` goes alone: beside it, prices would tell what it adds up. */
  readonly outputs: readonly O[];
  /**
   * `secret` (default): forwards and vols have an owner of their own. `public`: they are the reference, whose bands are 0; nobody encrypts them, and the
   * circuit takes a level less.
   */
  readonly market?: 'secret' | 'public' | undefined;
  /**
   * Wanted worst error of every output, as a fraction of the reference forward. Default 1e-7. Of a book's value: as a fraction of the book's largest
   * exposure, by default 2e-7 for each option.
   */
  readonly precision?: number | undefined;
  /** Where results go to somebody other than the key's owner. */
  readonly release?: ReleaseBudget | undefined;
};

/** Terms with all that follows from them; each role makes its own and they are compared by `digest` in every envelope. */
export type PricingAgreement<O extends AgreedOutput = AgreedOutput> = {
  readonly digest: Digest;
  readonly batch: string;
  readonly reference: PricingReference;
  readonly domain: PricingDomain;
  readonly outputs: readonly O[];
  readonly market: 'secret' | 'public';
  readonly plan: SlotPlan<PricingInput, O>;
  /** What each owner of inputs encrypts, in the order of its envelope. No market's owner where that is empty. */
  readonly inputs: {
    readonly contracts: readonly (ContractFeature | BookFeature)[];
    readonly market: readonly MarketFeature[];
  };
};

type PricingInput = MarketFeature | ContractFeature | BookFeature;

/** An agreement, whatever it computes. */
export type AnyAgreement = Omit<PricingAgreement, 'plan' | 'outputs'> & {
  readonly plan: SlotCircuit & Pick<SlotPlan, 'parameters'>;
  readonly outputs: readonly AgreedOutput[];
};

const DEFAULT_PRECISION = 1e-7;
/** For each option of a book. */
const DEFAULT_VALUE_PRECISION = 2e-7;

/**
 * Derives circuit, parameters and digest from the terms. Cost: a slot plan, seconds.
 * @throws RangeError, ShapeError for terms that are none; PrecisionError, PlanError where no parameters serve.
 */
export function agreePricing<O extends AgreedOutput>(terms: PricingTerms<O>): PricingAgreement<O> {
  const { batch, reference, domain = DEFAULT_PRICING_DOMAIN, outputs, market = 'secret', release } = terms;
  if (outputs.length === 0) throw new ShapeError('pricing: expected at least one output, found none');
  const ofBook = isBookValue(outputs);
  if (ofBook && outputs.length > 1) {
    throw new ShapeError('pricing: the value of a book goes alone: prices beside it are another batch');
  }
  const length = checkReference(reference, domain);
  if (length === 0) throw new ShapeError('pricing: the batch has no option');
  const { precision = ofBook ? DEFAULT_VALUE_PRECISION * length : DEFAULT_PRECISION } = terms;
  const circuit = circuitOf({ reference, domain, outputs, market }, length);
  const plan = planSlots(circuit, { precision, encryption: 'public', release });
  const read = new Set<string>(plan.program.inputs.map(({ name }) => name));
  const digest = digestOf('blindrisk/pricing/2', {
    batch,
    circuit: circuit.digest,
    parameters: plan.parameters.digest,
    reference,
    domain,
    outputs,
    market,
    flooding: plan.flooding,
  });
  const contracts = ofBook ? BOOK_FEATURES : CONTRACT_FEATURES;
  return {
    digest,
    batch,
    reference,
    domain,
    outputs,
    market,
    plan,
    inputs: {
      contracts: contracts.filter((name) => read.has(name)),
      market: MARKET_FEATURES.filter((name) => read.has(name)),
    },
  };
}

/** Whether a batch is summed into the value of a book. */
export const isBookValue = (outputs: readonly AgreedOutput[]): boolean => outputs.includes('value');

function circuitOf<O extends AgreedOutput>(
  {
    reference,
    domain,
    outputs,
    market,
  }: Pick<PricingAgreement<O>, 'reference' | 'domain' | 'outputs' | 'market'>,
  length: number,
): Circuit<PricingInput, O> {
  const known =
    market === 'public' ? marketFeatures(marketOfReference(reference), reference, domain) : undefined;
  const prices = { length, domain, outputs: outputs as readonly PricingOutput[] };
  const circuit = isBookValue(outputs)
    ? encryptedBookValue({ length, domain }, known)
    : known === undefined
      ? encryptedBlackScholes(prices)
      : encryptedContractsOnly(prices, known);
  // Its outputs are those that were asked for.
  return circuit as unknown as Circuit<PricingInput, O>;
}
