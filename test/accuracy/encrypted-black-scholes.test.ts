import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executePlain } from '../../src/algebra/execute.ts';
import { RangeError } from '../../src/base/errors.ts';
import { CkksEncryptor } from '../../src/ckks/encryptor.ts';
import { CkksKeyHolder } from '../../src/ckks/key-holder.ts';
import { slotEvaluator } from '../../src/ckks/slot-evaluator.ts';
import { planSlots, type SlotPlan } from '../../src/ckks/slots/plan.ts';
import { SeededRandom } from '../../src/numeric/seeded.ts';
import {
  encryptedBlackScholes,
  encryptedBookValue,
  encryptedContractsOnly,
} from '../../src/risk/pricing/encrypted-black-scholes.ts';
import { bookFeatures, contractFeatures, marketFeatures } from '../../src/risk/pricing/features.ts';
import {
  DEFAULT_PRICING_DOMAIN,
  type PricingDomain,
  WIDE_PRICING_DOMAIN,
} from '../../src/risk/pricing/reference.ts';
import { referenceOptions, sliceBatch } from '../support/pricing-batches.ts';

const domain: PricingDomain = DEFAULT_PRICING_DOMAIN;
const batch = referenceOptions();
const length = batch.spot.length;
const market = marketFeatures(batch.market, batch.reference, domain);
const contract = contractFeatures(batch.terms, batch.reference, domain);
const worst = (of: (i: number) => number): number =>
  batch.spot.reduce((most, _, i) => Math.max(most, Math.abs(of(i))), 0);
const { forward: F, vol } = batch.reference;

type Values = Readonly<Record<string, Float64Array>>;
/** Errors in units of spot: price, cash delta, vega, cash gamma. */
const errors = (out: Values) => ({
  ...(out['price'] && {
    price: worst((i) => (out['price']![i]! * F[i]! - batch.expected.price[i]!) / batch.spot[i]!),
  }),
  ...(out['cashDelta'] && {
    delta: worst((i) => (out['cashDelta']![i]! * F[i]!) / batch.spot[i]! - batch.expected.delta[i]!),
  }),
  ...(out['vega'] && {
    vega: worst((i) => ((out['vega']![i]! * F[i]!) / vol[i]! - batch.expected.vega[i]!) / batch.spot[i]!),
  }),
  ...(out['cashGamma'] && {
    gamma: worst(
      (i) =>
        (out['cashGamma']![i]! * F[i]!) / (domain.totalDeviation[0] * batch.spot[i]!) -
        batch.expected.gamma[i]! * batch.spot[i]!,
    ),
  }),
});

/** Those of the vectors that the plan reads. */
const used = (of: SlotPlan, from: Values): Values =>
  Object.fromEntries(
    of.program.inputs.filter(({ name }) => name in from).map(({ name }) => [name, from[name]!]),
  );

describe('the circuit of encrypted Black-Scholes, in the clear, on the reference options', () => {
  it('prices all of them within its series', () => {
    const outputs = ['price', 'cashDelta', 'vega', 'cashGamma'] as const;
    const circuit = encryptedBlackScholes({ length, outputs });
    const found = errors(executePlain(circuit, { ...market, ...contract.features }));
    expect(contract.clamped).toBeGreaterThan(400);
    expect(contract.clampError).toBeLessThan(1e-9);
    expect(found.price).toBeLessThan(7e-9);
    expect(found.delta).toBeLessThan(1e-8);
    expect(found.vega).toBeLessThan(2e-8);
    expect(found.gamma).toBeLessThan(2e-6);
  });

  it('prices all of them in the wide domain, where vols are known to 50 % and forwards to a standard deviation', () => {
    const rough = referenceOptions(0.4, 1);
    const { features, clamped, clampError } = contractFeatures(
      rough.terms,
      rough.reference,
      WIDE_PRICING_DOMAIN,
    );
    expect(clamped).toBeGreaterThan(300);
    expect(clampError).toBeLessThan(1e-9);
    const circuit = encryptedBlackScholes({ length, domain: WIDE_PRICING_DOMAIN });
    const quoted = marketFeatures(rough.market, rough.reference, WIDE_PRICING_DOMAIN);
    const { price } = executePlain(circuit, { ...quoted, ...features });
    const off = worst(
      (i) => (price[i]! * rough.reference.forward[i]! - rough.expected.price[i]!) / rough.spot[i]!,
    );
    expect(off).toBeLessThan(1e-8);
    // The usual domain refuses the reference before anything is encrypted.
    expect(() => contractFeatures(rough.terms, rough.reference, domain)).toThrow(RangeError);
    const plan = planSlots(circuit, { precision: 1e-6, encryption: 'public' });
    expect(plan.parameters.degree).toBe(32768);
  }, 60_000);

  it('gives the same with the market in the clear', () => {
    const circuit = encryptedContractsOnly({ length }, market);
    expect(Object.keys(circuit.inputs).sort()).toEqual(
      ['halfSign', 'inverseRootTime', 'logStrike', 'rootTime', 'strikeValue'].sort(),
    );
    expect(errors(executePlain(circuit, contract.features)).price).toBeLessThan(7e-9);
  });
});

describe.each(['kernels', 'node-seal'] as const)('encrypted Black-Scholes on %s', (evaluator) => {
  const circuit = encryptedBlackScholes({ length, outputs: ['price', 'cashDelta', 'vega'] });
  let plan: SlotPlan;
  let holder: CkksKeyHolder;
  beforeAll(async () => {
    plan = planSlots(circuit, { precision: 1e-7 });
    holder = await CkksKeyHolder.create(plan.parameters);
  }, 60_000);
  afterAll(() => holder[Symbol.dispose]());

  /** Contracts by the key's owner, the market by another under its public key. */
  async function evaluate(of: SlotPlan, contracts: Values, others: Values | undefined): Promise<Values> {
    const keys = await holder.evaluationKeys(of, { form: 'full' });
    using engine = await slotEvaluator(of, { keys, evaluator });
    const inputs = { ...(await holder.encrypt(of, contracts)) };
    if (others !== undefined) {
      using marketOwner = await CkksEncryptor.create(of.parameters, await holder.publicKey());
      Object.assign(inputs, await marketOwner.encrypt(of, others));
    }
    return holder.decryptRaw(of, (await engine.evaluate(inputs)).outputs);
  }

  it('prices all reference options within 1.5e-8 of spot, and within what was promised', async () => {
    expect(plan.parameters.degree).toBe(16384);
    const out = await evaluate(plan, used(plan, contract.features), used(plan, market));
    const found = errors(out);
    expect(found.price).toBeLessThan(1.5e-8);
    expect(found.delta).toBeLessThan(5e-8);
    expect(found.vega).toBeLessThan(1e-7);
    // F' is at most 1.5 spots.
    expect(found.price).toBeLessThanOrEqual(1.5 * plan.error['price']!.absolute + contract.clampError);
  }, 120_000);

  it('the value of a book with secret quantities: one number', async () => {
    const some = sliceBatch(batch, 0, 512);
    const random = new SeededRandom(2);
    const quantity = some.spot.map((S) => (random.between(0.2, 1) * random.pick([-1, 1])) / S);
    const book = bookFeatures({ ...some.terms, quantity }, some.reference, domain);
    const valuation = planSlots(encryptedBookValue({ length: 512 }), { precision: 1e-2 });
    using own = await CkksKeyHolder.create(valuation.parameters);
    const keys = await own.evaluationKeys(valuation, { form: 'full' });
    using engine = await slotEvaluator(valuation, { keys, evaluator });
    const inputs = await own.encrypt(
      valuation,
      used(valuation, { ...marketFeatures(some.market, some.reference, domain), ...book.features }),
    );
    const out = await own.decryptRaw(valuation, (await engine.evaluate(inputs)).outputs);
    expect(out['value']!.length).toBe(1);
    const exact = quantity.reduce((sum, q, i) => sum + q * some.expected.price[i]!, 0);
    const off = Math.abs(out['value']![0]! * book.largest - exact);
    const exposure = quantity.reduce((sum, q, i) => sum + Math.abs(q) * some.spot[i]!, 0);
    expect(off).toBeLessThan(1e-6 * exposure);
    expect(off).toBeLessThanOrEqual(
      book.largest * (valuation.error['value']!.absolute + 512 * book.clampError),
    );
  }, 120_000);
});

describe('encrypted Black-Scholes in parts, on kernels', () => {
  it('gamma, in a circuit of its own', async () => {
    const gamma = planSlots(encryptedBlackScholes({ length, outputs: ['cashGamma'] }), { precision: 1e-7 });
    using own = await CkksKeyHolder.create(gamma.parameters);
    const keys = await own.evaluationKeys(gamma, { form: 'full' });
    using engine = await slotEvaluator(gamma, { keys });
    const inputs = await own.encrypt(gamma, used(gamma, { ...market, ...contract.features }));
    const out = await own.decryptRaw(gamma, (await engine.evaluate(inputs)).outputs);
    expect(errors(out).gamma).toBeLessThan(2e-5);
  }, 120_000);

  it('with the market in the clear', async () => {
    const open = planSlots(encryptedContractsOnly({ length }, market), { precision: 2e-7 });
    using own = await CkksKeyHolder.create(open.parameters);
    const keys = await own.evaluationKeys(open, { form: 'full' });
    using engine = await slotEvaluator(open, { keys });
    const inputs = await own.encrypt(open, used(open, contract.features));
    expect(errors(await own.decryptRaw(open, (await engine.evaluate(inputs)).outputs)).price).toBeLessThan(
      1.5e-8,
    );
  }, 120_000);
});
