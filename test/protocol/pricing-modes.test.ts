import { describe, expect, it } from 'vitest';
import { IntegrityError, RangeError, ShapeError } from '../../src/base/errors.ts';
import type { PrivacyLedger } from '../../src/domain/privacy.ts';
import { agreePricing, type PricingTerms } from '../../src/engine/pricing/agreement.ts';
import { PricingEvaluator } from '../../src/engine/pricing/evaluator.ts';
import { bookValueOf, protectContracts, protectMarket } from '../../src/engine/pricing/input-owners.ts';
import { PricingKeyOwner } from '../../src/engine/pricing/key-owner.ts';
import { rehearsePricing } from '../../src/engine/pricing/rehearse.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { AuditLog } from '../../src/trust/audit.ts';
import { randomOptions, referenceOptions, sliceBatch, withPublicMarket } from '../support/pricing-batches.ts';

const log = () => new AuditLog('test');
const batch = randomOptions(new SeededRandom(21), 16);
const open = withPublicMarket(batch);
const random = new SeededRandom(4);
const quantity = batch.spot.map(() => random.pick([-1, 1]) * Math.exp(random.between(0, 6)));
const worth = quantity.reduce((sum, q, i) => sum + q * batch.expected.price[i]!, 0);
const exposure = quantity.reduce((sum, q) => sum + Math.abs(q), 0);
const roles = ({ ledger }: { readonly ledger: PrivacyLedger }): string[] =>
  ledger.entries.map(({ role }) => role);

describe('a public market', () => {
  it('prices the reference options with Greeks within their errors, at a level less, and has no owner', async () => {
    const all = withPublicMarket(referenceOptions());
    const run = await rehearsePricing({
      terms: {
        batch: 'public',
        reference: all.reference,
        market: 'public',
        outputs: ['price', 'cashDelta', 'vega'],
      },
      contracts: all.terms,
    });
    const truth = {
      price: all.expected.price,
      cashDelta: all.expected.delta.map((delta, i) => delta * all.spot[i]!),
      vega: all.expected.vega,
    };
    for (const name of ['price', 'cashDelta', 'vega'] as const) {
      const { values, errors } = run.results[name];
      values.forEach((value, i) => {
        expect(Math.abs(value - truth[name][i]!), `${name} of option ${i}`).toBeLessThanOrEqual(errors[i]!);
      });
    }
    const off = run.results.price.values.map((p, i) => Math.abs(p - truth.price[i]!) / all.spot[i]!);
    expect(Math.max(...off)).toBeLessThan(1.5e-8);
    expect(run.clampError).toBeLessThan(1e-9);
    const secret = agreePricing({ batch: 'b', reference: batch.reference, outputs: ['price'] });
    expect((run.parameters['dataPrimeBits'] as number[]).length).toBeLessThan(
      secret.plan.parameters.dataPrimeBits.length,
    );
    expect(run.parameters['degree']).toBe(16384);
    expect(roles(run)).toEqual(['contract owner', 'evaluator', 'key owner']);
    expect(JSON.stringify(run.ledger)).toContain('could price its options itself');
  }, 300_000);

  const terms = { batch: 'b', reference: open.reference, market: 'public', outputs: ['price'] } as const;
  it('is the reference: bands are refused, and so is anybody who encrypts it', async () => {
    expect(() => agreePricing({ ...terms, reference: batch.reference })).toThrow(RangeError);
    const agreement = agreePricing(terms);
    expect(agreement.inputs.market).toEqual([]);
    using owner = await PricingKeyOwner.create(agreement, log());
    const key = { owner, publicKey: await owner.publicKey() };
    await expect(protectMarket(agreement, open.market, key, log())).rejects.toThrow(ShapeError);
    const contracts = await protectContracts(agreement, open.terms, key, log());
    using evaluator = await PricingEvaluator.create(agreement, owner, await owner.evaluationKeys(), log());
    const both = { contracts: contracts.envelope, market: contracts.envelope };
    const senders = { contracts: contracts.identity, market: contracts.identity };
    await expect(evaluator.price(both, senders)).rejects.toThrow(ShapeError);
    // Where the market is secret, the same key and envelopes are another batch's.
    const secret = agreePricing({ ...terms, market: 'secret' });
    await expect(protectContracts(secret, open.terms, key, log())).rejects.toThrow(IntegrityError);
  }, 300_000);

  it('is said in the terms: a market beside it, or none without it, is refused', async () => {
    const contracts = open.terms;
    await expect(rehearsePricing({ terms, contracts, market: open.market })).rejects.toThrow(ShapeError);
    const secret = { ...terms, market: 'secret' } as const;
    await expect(rehearsePricing({ terms: secret, contracts })).rejects.toThrow(ShapeError);
  }, 300_000);
});

describe('the value of a book', () => {
  // With a secret market: test/leaks/pricing.test.ts.
  it('is one number, within its error, with quantities encrypted and the market public', async () => {
    const run = await rehearsePricing({
      terms: { batch: 'book', reference: open.reference, market: 'public', outputs: ['value'] },
      contracts: { ...batch.terms, quantity },
    });
    expect(run.results.value.values).toHaveLength(1);
    const { value, error } = run.bookValue!;
    expect(Math.abs(value - worth)).toBeLessThanOrEqual(error.absolute);
    // The bound is for the worst signs of all errors.
    expect(error.absolute).toBeLessThan(16 * 2.1e-7 * Math.max(...quantity.map(Math.abs)) * 1.5);
    expect(Math.abs(value - worth)).toBeLessThan(1e-7 * exposure);
    const [contractOwner] = run.ledger.entries;
    expect(contractOwner!.learned.join()).toContain('the value of its book');
    const keyOwner = run.ledger.entries.at(-1)!;
    expect(keyOwner.learned.join()).toContain('in units of its largest exposure');
    expect(keyOwner.notLearned.join()).toContain('quantities');
  }, 300_000);

  it('goes alone, with quantities, and is told in currency by its owner only', async () => {
    const some = sliceBatch(batch, 0, 16);
    const terms = { batch: 'b', reference: some.reference, outputs: ['value'] } as const;
    const mixed: PricingTerms = { ...terms, outputs: ['price', 'value'] };
    expect(() => agreePricing(mixed)).toThrow(ShapeError);
    const agreement = agreePricing(terms);
    using owner = await PricingKeyOwner.create(agreement, log());
    const key = { owner, publicKey: await owner.publicKey() };
    await expect(protectContracts(agreement, some.terms, key, log())).rejects.toThrow(/quantity/);
    const prices = agreePricing({ ...terms, outputs: ['price'] });
    const held = { ...some.terms, quantity: quantity.slice(0, 16) };
    await expect(protectContracts(prices, held, key, log())).rejects.toThrow(/quantities/);
    const sent = await protectContracts(agreement, held, key, log());
    const { largest: _, ...ofPrices } = sent;
    const column = { values: Float64Array.of(0.5), errors: Float64Array.of(1e-6) };
    expect(bookValueOf(column, sent).value).toBe(0.5 * sent.largest!);
    expect(() => bookValueOf(column, ofPrices)).toThrow(ShapeError);
  }, 300_000);
});
