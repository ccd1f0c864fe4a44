import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyId, PartyId } from '../../src/base/brand.ts';
import { AbortError, IntegrityError, PolicyError, RangeError, ShapeError } from '../../src/base/errors.ts';
import {
  agreePricing,
  type PricingAgreement,
  type PricingTerms,
} from '../../src/engine/pricing/agreement.ts';
import { PricingEvaluator } from '../../src/engine/pricing/evaluator.ts';
import {
  type ProtectedInputs,
  protectContracts,
  protectMarket,
} from '../../src/engine/pricing/input-owners.ts';
import { PricingKeyOwner } from '../../src/engine/pricing/key-owner.ts';
import { rehearsePricing } from '../../src/engine/pricing/rehearse.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { AuditLog } from '../../src/trust/audit.ts';
import { createIdentity } from '../../src/trust/identity.ts';
import { mutate } from '../support/envelopes.ts';
import { randomOptions, referenceOptions } from '../support/pricing-batches.ts';

const log = () => new AuditLog('test');

describe('a batch of options priced by four roles', () => {
  const batch = randomOptions(new SeededRandom(11), 200);
  const terms = { batch: 'close of Wednesday', reference: batch.reference, outputs: ['price'] } as const;
  let agreement: PricingAgreement<'price'>;
  let owner: PricingKeyOwner<'price'>;
  let evaluator: PricingEvaluator;
  let publicKey: Uint8Array;
  let evaluationKeys: Uint8Array;
  let contracts: ProtectedInputs;
  let market: ProtectedInputs;
  let answer: Uint8Array;
  const key = () => ({ owner, publicKey });
  const other = (changes: Partial<PricingTerms<'price'>>) => agreePricing({ ...terms, ...changes });
  const envelopes = () => ({ contracts: contracts.envelope, market: market.envelope });
  const senders = () => ({ contracts: contracts.identity, market: market.identity });
  const sent = () => ({ contracts: contracts.digest, market: market.digest });

  beforeAll(async () => {
    agreement = agreePricing(terms);
    owner = await PricingKeyOwner.create(agreement, log());
    publicKey = await owner.publicKey();
    evaluationKeys = await owner.evaluationKeys();
    evaluator = await PricingEvaluator.create(agreement, owner, evaluationKeys, log());
    contracts = await protectContracts(agreement, batch.terms, key(), log());
    market = await protectMarket(agreement, batch.market, key(), log());
    ({ answer } = await evaluator.price(envelopes(), senders()));
  }, 120_000);
  afterAll(() => {
    owner[Symbol.dispose]();
    evaluator[Symbol.dispose]();
  });

  it('gives its key owner the prices, within their errors', async () => {
    const { price } = await owner.read(answer, evaluator.identity, sent());
    price.values.forEach((value, i) => {
      expect(Math.abs(value - batch.expected.price[i]!)).toBeLessThanOrEqual(price.errors[i]!);
    });
    expect(Math.max(...price.errors)).toBeLessThan(1.1e-7 * Math.max(...batch.reference.forward));
  }, 30_000);

  it('does not hand raw decryptions to anybody else', async () => {
    const releasing = owner.release(answer, evaluator.identity, sent(), 'auditor' as PartyId);
    await expect(releasing).rejects.toThrow(PolicyError);
  });

  it('refuses changed envelopes, all of them, before anything is parsed', async () => {
    const random = new SeededRandom(3);
    for (let i = 0; i < 2; i++) {
      const side = i % 2 === 0 ? 'contracts' : 'market';
      const changed = { ...envelopes(), [side]: mutate(envelopes()[side], random).bytes };
      await expect(evaluator.price(changed, senders())).rejects.toThrow(IntegrityError);
      const answered = owner.read(mutate(answer, random).bytes, evaluator.identity, sent());
      await expect(answered).rejects.toThrow(IntegrityError);
      const forged = { owner, publicKey: mutate(publicKey, random).bytes };
      await expect(protectMarket(agreement, batch.market, forged, log())).rejects.toThrow(IntegrityError);
      const keys = mutate(evaluationKeys, random).bytes;
      await expect(PricingEvaluator.create(agreement, owner, keys, log())).rejects.toThrow(IntegrityError);
    }
  }, 120_000);

  it('refuses envelopes of others, of the other side, of another key, and answers to other inputs', async () => {
    const stranger = createIdentity('market owner');
    const asked = envelopes();
    await expect(evaluator.price(asked, { ...senders(), market: stranger })).rejects.toThrow(IntegrityError);
    const swapped = { contracts: market.envelope, market: contracts.envelope };
    const by = { contracts: market.identity, market: contracts.identity };
    await expect(evaluator.price(swapped, by)).rejects.toThrow(IntegrityError);
    const seat = { identity: owner.identity, keyId: 'f'.repeat(32) as KeyId };
    const elsewhere = protectMarket(agreement, batch.market, { owner: seat, publicKey }, log());
    await expect(elsewhere).rejects.toThrow(IntegrityError);
    const again = await protectMarket(agreement, batch.market, key(), log());
    const read = owner.read(answer, evaluator.identity, { ...sent(), market: again.digest });
    await expect(read).rejects.toThrow(IntegrityError);
    await expect(owner.read(answer, stranger, sent())).rejects.toThrow(IntegrityError);
  }, 60_000);

  it('refuses another reference, batch or parameters before an owner encrypts anything', async () => {
    const forward = batch.reference.forward.slice();
    forward[7]! *= 1 + 2 ** -52;
    const agreements = [
      other({ reference: { ...batch.reference, forward } }),
      other({ batch: 'close of Thursday' }),
      other({ precision: 1e-5 }),
    ];
    for (const agreed of agreements) {
      expect(agreed.digest).not.toBe(agreement.digest);
      const own = log();
      await expect(protectContracts(agreed, batch.terms, key(), own)).rejects.toThrow(IntegrityError);
      expect(own.entries).toHaveLength(0);
      const evaluating = PricingEvaluator.create(agreed, owner, evaluationKeys, log());
      await expect(evaluating).rejects.toThrow(IntegrityError);
    }
  }, 60_000);

  it('refuses options outside the agreed domain and markets outside its bands, and names no value', async () => {
    const far = batch.terms.expiryYears.slice();
    far[3] = 4321.5;
    const contractsOut = protectContracts(agreement, { ...batch.terms, expiryYears: far }, key(), log());
    await expect(contractsOut).rejects.toThrow(/^option 3 lies outside/);
    const vol = batch.market.vol.slice();
    vol[5]! *= 1.7;
    const error = await protectMarket(agreement, { ...batch.market, vol }, key(), log()).catch((e) => e);
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toContain('1 of 200 options');
    expect(error.message).not.toContain(String(vol[5]));
  });

  it('refuses terms that are none', () => {
    const none = new Float64Array(0);
    const empty = { forward: none, vol: none, forwardBand: none, discount: none, volBand: 0 };
    expect(() => other({ reference: empty })).toThrow(ShapeError);
    expect(() => agreePricing({ ...terms, outputs: [] })).toThrow(ShapeError);
  });
});

describe('rehearsing all roles in one process', () => {
  it('prices the reference options with Greeks, within their errors, and says who learned what', async () => {
    const batch = referenceOptions();
    const phases = new Set<string>();
    const run = await rehearsePricing({
      terms: { batch: 'reference', reference: batch.reference, outputs: ['price', 'cashDelta', 'vega'] },
      contracts: batch.terms,
      market: batch.market,
      onProgress: ({ phase }) => phases.add(phase),
    });
    const { expected, spot } = batch;
    const truth = {
      price: expected.price,
      cashDelta: expected.delta.map((delta, i) => delta * spot[i]!),
      vega: expected.vega,
    };
    for (const name of ['price', 'cashDelta', 'vega'] as const) {
      const { values, errors } = run.results[name];
      values.forEach((value, i) => {
        expect(Math.abs(value - truth[name][i]!), `${name} of option ${i}`).toBeLessThanOrEqual(errors[i]!);
      });
    }
    const worst = Math.max(
      ...run.results.price.values.map((p, i) => Math.abs(p - truth.price[i]!) / spot[i]!),
    );
    expect(worst).toBeLessThan(1.5e-8);
    expect(run.clamped).toBeGreaterThan(400);
    expect(run.clampError).toBeLessThan(1e-9);
    expect(run.cost.evaluationMs).toBeGreaterThan(0);
    expect(phases.size).toBeGreaterThan(0);
    const role = (name: string) => run.ledger.entries.find((entry) => entry.role === name)!;
    expect(role('evaluator').notLearned).toContain('strikes, expiries, types');
    expect(role('evaluator').assumption).toContain('collude');
    expect(role('key owner').learned.join()).toContain('price, cashDelta, vega');
    expect(role('market owner').notLearned).toContain('any result');
    expect(JSON.stringify(run.ledger)).not.toContain(String(batch.terms.strike[0]));
  }, 120_000);

  it('stops when it is told to', async () => {
    const batch = randomOptions(new SeededRandom(1), 10);
    const stop = new AbortController();
    const run = rehearsePricing({
      terms: { batch: 'stopped', reference: batch.reference, outputs: ['price'] },
      contracts: batch.terms,
      market: batch.market,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(run).rejects.toThrow(AbortError);
  }, 60_000);
});
