import { beforeAll, describe, expect, it } from 'vitest';
import type { Digest } from '../../src/base/brand.ts';
import {
  BlindRiskError,
  CustodyError,
  IntegrityError,
  ParseError,
  RangeError,
  ShapeError,
} from '../../src/base/errors.ts';
import type { Book } from '../../src/domain/book.ts';
import { PhaseClock } from '../../src/engine/clock.ts';
import { readBasis, writeBasis } from '../../src/engine/exchange/basis-file.ts';
import { evaluateRequest } from '../../src/engine/exchange/engine.ts';
import { makeOffer, readOffer } from '../../src/engine/exchange/offer.ts';
import { type ProtectedBook, protectBook, revealAnswer } from '../../src/engine/exchange/owner.ts';
import { rehearse } from '../../src/engine/rehearse.ts';
import { AuditLog } from '../../src/trust/audit.ts';
import { Vault } from '../../src/trust/custody/vault.ts';
import { createIdentity } from '../../src/trust/identity.ts';
import { memoryFiles, WEAK_SCRYPT } from '../support/memory-files.ts';
import { smallRequest } from '../support/small-risk.ts';

const PASSPHRASE = 'correct horse battery';
const { book, market, scenarios } = smallRequest(30, 40);
const log = () => new AuditLog('test');
const termsOf = (of: Book) => of.positions.map(({ instrument }) => instrument);

/** Owner and engine that share nothing but what they hand over. */
describe('a run by exchange of files', () => {
  const files = memoryFiles();
  const engine = createIdentity('cloud');
  let vault: Vault;
  let sent: ProtectedBook;
  let answer: Uint8Array;

  const evaluate = (over: object = {}) =>
    evaluateRequest(
      {
        contracts: termsOf(sent.contracts),
        market,
        scenarios,
        identity: engine,
        description: sent.description,
        request: sent.request,
        owner: vault.identity,
        ...over,
      },
      log(),
      new PhaseClock(),
    );
  const reveal = (over: object = {}) =>
    revealAnswer(
      {
        vault,
        contracts: termsOf(sent.contracts),
        market,
        scenarios,
        description: sent.description,
        answer,
        engine,
        ...over,
      },
      log(),
      new PhaseClock(),
    );

  beforeAll(async () => {
    vault = await Vault.create(files, 'desk', PASSPHRASE, WEAK_SCRYPT);
    sent = await protectBook({ vault, book, market, scenarios }, log());
    answer = await evaluate();
  });

  it('gives the figures of the plaintext engine, within the promised error, from a vault opened anew', async () => {
    const report = await reveal({ vault: await Vault.open(files, PASSPHRASE) });
    const plain = await rehearse('plain', { book, market, scenarios });
    report.pnl!.forEach((value, s) => {
      expect(Math.abs(value - plain.pnl![s]!)).toBeLessThanOrEqual(report.figures.worst.error.absolute);
    });
    const { value } = report.figures;
    expect(Math.abs(value.value - plain.figures.value.value)).toBeLessThanOrEqual(value.error.absolute);
    expect(report.positions).toBe(30);
    expect(report.cost.bytesUp).toBe(sent.request.length);
  });

  it('hides what is held in a longer list of contracts', async () => {
    const held = { positions: book.positions.slice(0, 3) };
    const hidden = await protectBook(
      { vault, book: held, contracts: termsOf(book), market, scenarios },
      log(),
    );
    expect(hidden.contracts.positions.map(({ instrument }) => instrument)).toEqual(termsOf(sent.contracts));
    expect(hidden.contracts.positions.every(({ quantity, multiplier }) => quantity * multiplier === 1)).toBe(
      true,
    );
    expect(hidden.description.valuation).toBe(sent.description.valuation);
  });

  it('publishes of the precision its power of two', () => {
    const { precision } = sent.description;
    expect(Math.log2(precision)).toBe(Math.round(Math.log2(precision)));
  });

  it('makes one key for one set of parameters', async () => {
    const again = await protectBook({ vault, book, market, scenarios }, log());
    expect(again.description.key).toBe(sent.description.key);
    expect(again.request).not.toEqual(sent.request);
  });

  it('protects nothing where the engine offers other files', async () => {
    const contracts = termsOf(sent.contracts);
    const offer = await makeOffer({ contracts, market, scenarios }, engine);
    const agreed = readOffer(offer, engine);
    const same = await protectBook({ vault, book, market, scenarios, agreed }, log());
    expect(same.description.valuation).toBe(agreed);
    const other = { ...market, underlyings: market.underlyings.map((u) => ({ ...u, rate: u.rate + 1e-9 })) };
    const stored = new Map(files.stored);
    await expect(protectBook({ vault, book, market: other, scenarios, agreed }, log())).rejects.toThrow(
      /nothing was protected/,
    );
    expect(files.stored).toEqual(stored);
    expect(() => readOffer(offer, createIdentity('cloud'))).toThrow(IntegrityError);
    expect(() => readOffer(offer.replace(agreed, '0'.repeat(64)), engine)).toThrow(IntegrityError);
  });

  it('is refused by the engine: other files, a changed description, another owner, a changed request', async () => {
    const other = {
      ...scenarios,
      moves: { ...scenarios.moves, data: scenarios.moves.data.map((m) => m * 1.01) },
    };
    await expect(evaluate({ scenarios: other })).rejects.toThrow(/market or scenarios differ/);
    const contracts = termsOf(sent.contracts).slice(1);
    await expect(evaluate({ contracts })).rejects.toThrow(/contracts, market or scenarios differ/);
    const changed = (over: object) => ({ description: { ...sent.description, ...over } });
    await expect(evaluate(changed({ precision: 2 ** -42 }))).rejects.toThrow(
      /parameters differ|other parameters/,
    );
    await expect(evaluate(changed({ key: '0'.repeat(32) }))).rejects.toThrow(IntegrityError);
    await expect(evaluate({ owner: createIdentity('desk') })).rejects.toThrow(/signature/);
    const request = sent.request.with(500, sent.request[500]! ^ 1);
    await expect(evaluate({ request })).rejects.toThrow(IntegrityError);
  });

  it('is refused by the owner: another engine, a changed answer, an answer to another request', async () => {
    await expect(reveal({ engine: createIdentity('cloud') })).rejects.toThrow(/signature/);
    await expect(reveal({ answer: answer.with(900, answer[900]! ^ 1) })).rejects.toThrow(IntegrityError);
    await expect(reveal({ answer: answer.slice(0, -1) })).rejects.toThrow(IntegrityError);
    const again = await protectBook({ vault, book, market, scenarios }, log());
    await expect(reveal({ description: again.description })).rejects.toThrow(IntegrityError);
    const unknown = { ...sent.description, request: '0'.repeat(64) as Digest };
    await expect(reveal({ description: unknown })).rejects.toThrow(CustodyError);
  });

  it('opens nothing while the key is disabled, and the next request is under another', async () => {
    await Vault.setStatus(files, sent.description.key, 'disabled');
    await expect(reveal()).rejects.toThrow(/disabled/);
    const next = await protectBook({ vault, book, market, scenarios }, log());
    expect(next.description.key).not.toBe(sent.description.key);
    await Vault.setStatus(files, sent.description.key, 'enabled');
    await expect(reveal()).resolves.toMatchObject({ engine: 'ckks' });
  });

  it('refuses books and precisions that make no sense', async () => {
    const none = { positions: [] };
    await expect(protectBook({ vault, book: none, market, scenarios }, log())).rejects.toThrow(ShapeError);
    for (const precision of [0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(protectBook({ vault, book, market, scenarios, precision }, log())).rejects.toThrow(
        RangeError,
      );
    }
    const unlisted = { vault, book, contracts: termsOf(book).slice(1), market, scenarios };
    await expect(protectBook(unlisted, log())).rejects.toThrow(/does not list/);
  });
});

describe('a run by exchange of files in a basis that its owner proposes', () => {
  const files = memoryFiles();
  const engine = createIdentity('cloud');
  const precision = 1e-4;
  let vault: Vault;
  let sent: ProtectedBook;
  let answer: Uint8Array;
  /** As the other side reads it. */
  const received = () => ({
    contracts: termsOf(sent.contracts),
    proposal: readBasis(writeBasis(sent.proposal!), 'basis.json'),
    market,
    scenarios,
    description: sent.description,
  });
  const evaluate = (over: object = {}) =>
    evaluateRequest(
      { ...received(), identity: engine, request: sent.request, owner: vault.identity, ...over },
      log(),
      new PhaseClock(),
    );

  beforeAll(async () => {
    vault = await Vault.create(files, 'desk', PASSPHRASE, WEAK_SCRYPT);
    sent = await protectBook({ vault, book, market, scenarios, basis: 'chebyshev', precision }, log());
    answer = await evaluate();
  }, 120_000);

  it('sends settings and what lies outside the domain, no other term of the book', () => {
    expect(sent.proposal).toEqual(received().proposal);
    expect(sent.contracts.positions.length).toBeLessThan(book.positions.length);
    const sentText = writeBasis(sent.proposal!) + JSON.stringify(sent.contracts);
    const inside = book.positions.filter(
      ({ instrument }) =>
        'strike' in instrument && !JSON.stringify(sent.contracts).includes(JSON.stringify(instrument)),
    );
    expect(inside.length).toBeGreaterThan(10);
    for (const { instrument } of inside) {
      expect(sentText).not.toContain(`"strike":${(instrument as { strike: number }).strike},`);
    }
  });

  it('gives the figures of the plaintext engine within the promised error, projection included', async () => {
    const report = await revealAnswer({ ...received(), vault, answer, engine }, log(), new PhaseClock());
    const plain = await rehearse('plain', { book, market, scenarios });
    expect(report.basis).toBe('chebyshev');
    report.pnl!.forEach((value, s) => {
      expect(Math.abs(value - plain.pnl![s]!)).toBeLessThanOrEqual(report.figures.worst.error.absolute);
    });
    expect(report.figures.worst.error.known).toBe('measured');
    const told = report.privacy.entries.find(({ role }) => role === 'engine')!;
    expect(told.learned.join()).toContain('smile of the marks');
    expect(report.privacy.limits.join()).not.toContain('one process');
  });

  it('refuses settings or a digest that were changed, and files that are none', async () => {
    const { settings, digest } = sent.proposal!;
    const wider = { ...settings, deviations: settings.deviations + 1 };
    await expect(evaluate({ proposal: { settings: wider, digest } })).rejects.toThrow(IntegrityError);
    const other = '0'.repeat(64) as Digest;
    await expect(evaluate({ proposal: { settings, digest: other } })).rejects.toThrow(IntegrityError);
    const listed = evaluate({ proposal: undefined, contracts: termsOf(book) });
    await expect(listed).rejects.toThrow(IntegrityError);
    const text = writeBasis(sent.proposal!);
    const broken: [string, string][] = [
      ['"kind": "chebyshev"', '"kind": "listed"'],
      ['"deviations": ', '"deviations": -'],
      ['"marks": [', '"marks": [1,'],
      ['"american": [', '"american": [7'],
      ['"moneyness": ', '"moneyness": 1e9, "mark": '],
    ];
    for (const [from, to] of broken) {
      expect(text).toContain(from);
      const bad = text.replace(from, to);
      expect(() => readBasis(bad, 'basis.json'), from).toThrow(BlindRiskError);
    }
    const nothing = text.replace(/"referenceVols": \{[\s\S]*?\n \},/, '"referenceVols": {"X": null},');
    expect(nothing).not.toBe(text);
    expect(() => readBasis(nothing, 'basis.json')).toThrow(ParseError);
  }, 30_000);
});
