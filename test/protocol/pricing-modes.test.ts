import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyId } from '../../src/base/brand.ts';
import { IntegrityError, RangeError, ShapeError } from '../../src/base/errors.ts';
import {
  agreePricing,
  type PricingAgreement,
  type PricingTerms,
} from '../../src/engine/pricing/agreement.ts';
import { PricingEvaluator } from '../../src/engine/pricing/evaluator.ts';
import {
  bookValueOf,
  type ProtectedContracts,
  protectContracts,
  protectMarket,
} from '../../src/engine/pricing/input-owners.ts';
import { PricingKeyOwner } from '../../src/engine/pricing/key-owner.ts';
import { pricingLedger } from '../../src/engine/pricing/ledger.ts';
import { rehearsePricing } from '../../src/engine/pricing/rehearse.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { AuditLog } from '../../src/trust/audit.ts';
import { createIdentity } from '../../src/trust/identity.ts';
import { randomOptions, referenceOptions, withPublicMarket } from '../support/pricing-batches.ts';

const LIMIT = 300_000;
const log = () => new AuditLog('test');

describe('a public market', () => {
  const secret = referenceOptions();
  const batch = withPublicMarket(secret);
  const terms = {
    batch: 'public',
    reference: batch.reference,
    market: 'public',
    outputs: ['price', 'cashDelta', 'vega'],
  } as const;
  type Output = (typeof terms.outputs)[number];
  let agreement: PricingAgreement<Output>;
  let owner: PricingKeyOwner<Output>;
  let evaluator: PricingEvaluator;
  let contracts: ProtectedContracts;
  let key: { readonly owner: PricingKeyOwner<Output>; readonly publicKey: Uint8Array };

  beforeAll(async () => {
    agreement = agreePricing<Output>(terms);
    owner = await PricingKeyOwner.create(agreement, log());
    key = { owner, publicKey: await owner.publicKey() };
    contracts = await protectContracts(agreement, batch.terms, key, log());
    evaluator = await PricingEvaluator.create(agreement, owner, await owner.evaluationKeys(), log());
  }, LIMIT);
  afterAll(() => {
    owner[Symbol.dispose]();
    evaluator[Symbol.dispose]();
  });

  it(
    'prices the reference options with Greeks within their errors, at a level less',
    async () => {
      const { answer } = await evaluator.price(
        { contracts: contracts.envelope },
        { contracts: contracts.identity },
      );
      const sent = { contracts: contracts.digest };
      const results = await owner.read(answer, evaluator.identity, sent);
      const truth = {
        price: batch.expected.price,
        cashDelta: batch.expected.delta.map((delta, i) => delta * batch.spot[i]!),
        vega: batch.expected.vega,
      };
      for (const name of terms.outputs) {
        const { values, errors } = results[name];
        values.forEach((value, i) => {
          expect(Math.abs(value - truth[name][i]!), `${name} of option ${i}`).toBeLessThanOrEqual(errors[i]!);
        });
      }
      const off = results.price.values.map((p, i) => Math.abs(p - truth.price[i]!) / batch.spot[i]!);
      expect(Math.max(...off)).toBeLessThan(1.5e-8);
      expect(contracts.clampError).toBeLessThan(1e-9);
      const { parameters } = agreePricing({ ...terms, market: 'secret' }).plan;
      expect(agreement.plan.parameters.degree).toBe(parameters.degree);
      expect(agreement.plan.parameters.dataPrimeBits.length).toBeLessThan(parameters.dataPrimeBits.length);
      // An answer to other contracts, or to a market that somebody sent, is another answer.
      const stale = owner.read(answer, evaluator.identity, { ...sent, market: contracts.digest });
      await expect(stale).rejects.toThrow(IntegrityError);
    },
    LIMIT,
  );

  it('has no owner, and the ledger says so', () => {
    const { entries, limits } = pricingLedger(agreement);
    expect(entries.map(({ role }) => role)).toEqual(['contract owner', 'evaluator', 'key owner']);
    expect(limits.join()).toContain('could price its options itself');
    expect(agreement.inputs.market).toEqual([]);
  });

  it('is the reference: bands are refused, and so is anybody who encrypts it', async () => {
    expect(() => agreePricing({ ...terms, reference: secret.reference })).toThrow(RangeError);
    await expect(protectMarket(agreement, batch.market, key, log())).rejects.toThrow(ShapeError);
    const both = { contracts: contracts.envelope, market: contracts.envelope };
    const senders = { contracts: contracts.identity, market: contracts.identity };
    await expect(evaluator.price(both, senders)).rejects.toThrow(ShapeError);
    // Where the market is secret, the same key and envelopes are another batch's.
    const other = agreePricing({ ...terms, market: 'secret' });
    await expect(protectContracts(other, batch.terms, key, log())).rejects.toThrow(IntegrityError);
    const given = rehearsePricing({ terms, contracts: batch.terms, market: batch.market });
    await expect(given).rejects.toThrow(ShapeError);
    const missing = rehearsePricing({ terms: { ...terms, market: 'secret' }, contracts: batch.terms });
    await expect(missing).rejects.toThrow(ShapeError);
  });
});

// Encrypted and read: test/leaks/pricing.test.ts; with a public market: test/slow/pricing-release.test.ts.
describe('the value of a book', () => {
  const batch = randomOptions(new SeededRandom(21), 16);
  const terms = { batch: 'b', reference: batch.reference, outputs: ['value'] } as const;
  const held = { ...batch.terms, quantity: new Float64Array(16).fill(3) };
  const nobody = createIdentity('nobody');
  const key = {
    owner: { identity: nobody, keyId: 'f'.repeat(32) as KeyId },
    publicKey: new Uint8Array(0),
  };

  it('goes alone, and with quantities', async () => {
    const mixed: PricingTerms = { ...terms, outputs: ['price', 'value'] };
    expect(() => agreePricing(mixed)).toThrow(ShapeError);
    const value = agreePricing(terms);
    await expect(protectContracts(value, batch.terms, key, log())).rejects.toThrow(/needs the quantity/);
    const prices = agreePricing({ ...terms, outputs: ['price'] });
    await expect(protectContracts(prices, held, key, log())).rejects.toThrow(/do not take quantities/);
    // What is right so far ends at a key that is not the owner's.
    await expect(protectContracts(value, held, key, log())).rejects.toThrow(IntegrityError);
  });

  it('is told in currency by its owner, who alone knows the unit', () => {
    const sent = {
      envelope: new Uint8Array(0),
      digest: '' as ProtectedContracts['digest'],
      identity: nobody,
    };
    const column = { values: Float64Array.of(0.5), errors: Float64Array.of(1e-6) };
    const known = { ...sent, clamped: 0, clampError: 0 };
    expect(bookValueOf(column, { ...known, largest: 3000 })).toEqual({
      value: 1500,
      error: { absolute: 1e-6 * 3000, known: 'modelled' },
    });
    expect(() => bookValueOf(column, known)).toThrow(ShapeError);
    const [contractOwner, , , keyOwner] = pricingLedger(agreePricing(terms)).entries;
    expect(contractOwner!.learned.join()).toContain('the value of its book');
    expect(keyOwner!.learned.join()).toContain('in units of its largest exposure');
    expect(keyOwner!.notLearned.join()).toContain('quantities');
  });
});
