import { expect, it } from 'vitest';
import type { PartyId } from '../../src/base/brand.ts';
import { agreePricing } from '../../src/engine/pricing/agreement.ts';
import { PricingEvaluator } from '../../src/engine/pricing/evaluator.ts';
import { protectContracts, protectMarket } from '../../src/engine/pricing/input-owners.ts';
import { PricingKeyOwner } from '../../src/engine/pricing/key-owner.ts';
import { rehearsePricing } from '../../src/engine/pricing/rehearse.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { WIDE_PRICING_DOMAIN } from '../../src/risk/pricing/reference.ts';
import { AuditLog } from '../../src/trust/audit.ts';
import { randomOptions, referenceOptions, withPublicMarket } from '../support/pricing-batches.ts';

// N = 32768: SEAL takes many seconds for a context, and three roles have one.
it('prices for somebody else are flooded, within the promised error, under the default budget', async () => {
  const batch = randomOptions(new SeededRandom(5), 100);
  const release = { queries: 1024, statisticalBits: 40 };
  const { reference } = batch;
  const agreement = agreePricing({ batch: 'b', reference, outputs: ['price'], precision: 1e-4, release });
  const log = new AuditLog('test');
  using owner = await PricingKeyOwner.create(agreement, log);
  const key = { owner, publicKey: await owner.publicKey() };
  const contracts = await protectContracts(agreement, batch.terms, key, log);
  const market = await protectMarket(agreement, batch.market, key, log);
  using evaluator = await PricingEvaluator.create(agreement, owner, await owner.evaluationKeys(), log);
  const { answer } = await evaluator.price(
    { contracts: contracts.envelope, market: market.envelope },
    { contracts: contracts.identity, market: market.identity },
  );
  const sent = { contracts: contracts.digest, market: market.digest };
  const { price } = await owner.release(answer, evaluator.identity, sent, 'auditor' as PartyId);
  const raw = await owner.read(answer, evaluator.identity, sent);
  price.values.forEach((value, i) => {
    expect(Math.abs(value - batch.expected.price[i]!)).toBeLessThanOrEqual(price.errors[i]!);
  });
  const distance = price.values.map((value, i) => Math.abs(value - raw.price.values[i]!));
  expect(Math.max(...distance)).toBeGreaterThan(agreement.plan.flooding!.sigma * 0.9);
  expect(log.entries.map(({ event }) => event)).toContain('released');
}, 600_000);

it('prices in the wide domain, with vols known to 50 %', async () => {
  const batch = referenceOptions(0.4, 1);
  const run = await rehearsePricing({
    terms: {
      batch: 'wide',
      reference: batch.reference,
      domain: WIDE_PRICING_DOMAIN,
      outputs: ['price'],
      precision: 1e-6,
    },
    contracts: batch.terms,
    market: batch.market,
  });
  const { values, errors } = run.results.price;
  let worst = 0;
  values.forEach((value, i) => {
    const off = Math.abs(value - batch.expected.price[i]!);
    expect(off).toBeLessThanOrEqual(errors[i]!);
    worst = Math.max(worst, off / batch.spot[i]!);
  });
  console.log(
    `wide: worst ${worst.toExponential(1)} of spot, ${run.cost.evaluationMs.toFixed(0)} ms for ${values.length} options`,
  );
  expect(worst).toBeLessThan(2e-7);
}, 600_000);

it('the value of a book of 256 options with a public market: one number, within its error', async () => {
  const batch = withPublicMarket(randomOptions(new SeededRandom(21), 256));
  const random = new SeededRandom(4);
  const quantity = batch.spot.map(() => random.pick([-1, 1]) * Math.exp(random.between(0, 6)));
  const run = await rehearsePricing({
    terms: { batch: 'book', reference: batch.reference, market: 'public', outputs: ['value'] },
    contracts: { ...batch.terms, quantity },
  });
  const worth = quantity.reduce((sum, q, i) => sum + q * batch.expected.price[i]!, 0);
  const exposure = quantity.reduce((sum, q) => sum + Math.abs(q), 0);
  expect(run.results.value.values).toHaveLength(1);
  const { value, error } = run.bookValue!;
  expect(Math.abs(value - worth)).toBeLessThanOrEqual(error.absolute);
  expect(Math.abs(value - worth)).toBeLessThan(1e-7 * exposure);
  // The bound is for the worst signs of 256 errors.
  expect(error.absolute).toBeLessThan(256 * 3.2e-7 * Math.max(...quantity.map(Math.abs)));
}, 600_000);
