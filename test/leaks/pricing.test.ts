import { expect, it } from 'vitest';
import { agreePricing } from '../../src/engine/pricing/agreement.ts';
import { PricingEvaluator } from '../../src/engine/pricing/evaluator.ts';
import { bookValueOf, protectContracts, protectMarket } from '../../src/engine/pricing/input-owners.ts';
import { PricingKeyOwner } from '../../src/engine/pricing/key-owner.ts';
import { pricingLedger } from '../../src/engine/pricing/ledger.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import { AuditLog } from '../../src/trust/audit.ts';
import { randomOptions } from '../support/pricing-batches.ts';

/** A number as people print it, and as programs store it. */
function spellings(value: number): readonly Buffer[] {
  const bits = Buffer.alloc(8);
  bits.writeDoubleLE(value);
  const text = String(Math.abs(value));
  return [Buffer.from(text), Buffer.from(text.slice(0, 8)), bits, Buffer.from(bits).reverse()];
}

it('no message, log or ledger of encrypted pricing holds a strike, an expiry, a quantity or a vol; the value comes out', async () => {
  const batch = randomOptions(new SeededRandom(9), 8);
  const quantity = batch.spot.map((_, i) => 73_519.84627 + 1000.123 * i);
  const planted = [batch.terms.strike, batch.terms.expiryYears, quantity, batch.market.vol].flatMap(
    (column) => [...column.slice(0, 3)],
  );
  const log = new AuditLog('test');
  const agreement = agreePricing({ batch: 'b', reference: batch.reference, outputs: ['value'] });
  using owner = await PricingKeyOwner.create(agreement, log);
  const key = { owner, publicKey: await owner.publicKey() };
  const keys = await owner.evaluationKeys();
  const contracts = await protectContracts(agreement, { ...batch.terms, quantity }, key, log);
  const quoted = await protectMarket(agreement, batch.market, key, log);
  using evaluator = await PricingEvaluator.create(agreement, owner, keys, log);
  const { answer } = await evaluator.price(
    { contracts: contracts.envelope, market: quoted.envelope },
    { contracts: contracts.identity, market: quoted.identity },
  );
  const sent = { contracts: contracts.digest, market: quoted.digest };
  const { value } = await owner.read(answer, evaluator.identity, sent);
  const found = bookValueOf(value, contracts);
  const worth = quantity.reduce((sum, q, i) => sum + q * batch.expected.price[i]!, 0);
  expect(Math.abs(found.value - worth)).toBeLessThanOrEqual(found.error.absolute);
  const tooFar = { ...batch.terms, quantity, expiryYears: batch.terms.expiryYears.map((t) => 1e4 * t) };
  const refused = await protectContracts(agreement, tooFar, key, log).catch((error: Error) => error);
  const said: Readonly<Record<string, Uint8Array>> = {
    contracts: contracts.envelope,
    market: quoted.envelope,
    answer,
    log: Buffer.from(JSON.stringify(log.entries)),
    ledger: Buffer.from(JSON.stringify(pricingLedger(agreement))),
    error: Buffer.from(`${(refused as Error).stack} ${JSON.stringify(refused)}`),
  };
  for (const [where, bytes] of Object.entries(said)) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const value of planted) {
      for (const spelling of spellings(value))
        expect(text.includes(spelling), `a secret in ${where}`).toBe(false);
    }
  }
}, 300_000);
