import { describe, expect, test } from 'vitest';
import { BlindRiskError } from '../../src/base/errors.ts';
import { randomBytes } from '../../src/base/random.ts';
import { bigintsOf, type FieldVector, fieldVectorOf } from '../../src/kernels/field-vector.ts';
import { loadField127 } from '../../src/kernels/field127.ts';
import { encodeFrame, parseFrame } from '../../src/mpc/frame.ts';
import { InProcessNetwork, type Intercept } from '../../src/mpc/in-process-transport.ts';
import { Session } from '../../src/mpc/session.ts';
import { dealShares, reconstructRobust, type SharingScheme } from '../../src/mpc/sharing.ts';
import {
  acceptShare,
  dealStored,
  helpRecover,
  openStored,
  recoverShare,
  refreshShare,
  type StoredShare,
  storedTerms,
} from '../../src/mpc/stored/index.ts';
import { commitmentTo } from '../../src/mpc/stored/stored-share.ts';

const schemes: SharingScheme[] = [
  { parties: 3, threshold: 1 },
  { parties: 4, threshold: 1 },
  { parties: 5, threshold: 2 },
  { parties: 7, threshold: 2 },
];
const k = loadField127();
const secret = [1n, 2n ** 126n, 0n, 77n];

/** Runs one part of a stored-share session a party; what each returned or threw. */
async function together<T>(
  purpose: 'accept' | 'refresh' | 'recover',
  shares: readonly StoredShare[],
  part: (session: Session, party: number) => Promise<T>,
  intercept?: Intercept,
): Promise<PromiseSettledResult<T>[]> {
  const terms = storedTerms(purpose, shares[0]!);
  const network = new InProcessNetwork(terms.parties, intercept);
  const nonce = randomBytes(16);
  return Promise.allSettled(
    Array.from({ length: terms.parties }, (_, i) =>
      part(new Session(terms, nonce, network.endpoint(i + 1), { timeoutMs: 300 }), i + 1),
    ),
  );
}

const valuesOf = <T>(settled: readonly PromiseSettledResult<T>[]): T[] =>
  settled.map((of) => {
    if (of.status === 'rejected') throw of.reason;
    return of.value;
  });

async function accepted(scheme: SharingScheme, shares?: StoredShare[]): Promise<StoredShare[]> {
  const dealt = shares ?? dealStored('book', fieldVectorOf(secret), scheme);
  return valuesOf(
    await together('accept', dealt, (session, party) => acceptShare(session, dealt[party - 1]!)),
  );
}

const refreshed = (shares: readonly StoredShare[], intercept?: Intercept) =>
  together('refresh', shares, (session, party) => refreshShare(session, shares[party - 1]!), intercept);

const changed = (v: FieldVector, at: number): FieldVector => {
  const out = v.slice(0, v.length);
  out.words[4 * at]! ^= 1;
  return out;
};

/** Changes an element of what one party sends another in a round. */
const tampering =
  (from: number, to: number | 'all', round: number, element: number): Intercept =>
  (transit) => {
    const frame = parseFrame(transit.bytes, 2 ** 20);
    if (transit.from !== from || (to !== 'all' && transit.to !== to) || frame.round !== round)
      return [transit];
    const payload = frame.payload.slice();
    payload[16 * element]! ^= 1;
    return [{ ...transit, bytes: encodeFrame({ ...frame, payload }) }];
  };

describe.each(schemes)('n = $parties, t = $threshold', (scheme) => {
  const { parties, threshold } = scheme;

  test('wrong and missing shares are corrected as far as they can be, and never give a wrong secret', () => {
    const shares = dealShares(k, fieldVectorOf(secret), scheme).map((vector, i) => ({
      party: i + 1,
      vector,
    }));
    for (let wrong = 0; wrong <= threshold; wrong++) {
      for (let missing = 0; missing + wrong <= threshold; missing++) {
        const given = shares
          .slice(missing)
          .map((share, i) => (i < wrong ? { ...share, vector: changed(share.vector, i) } : share));
        const open = () => reconstructRobust(k, given, scheme);
        if (parties - missing >= threshold + 1 + 2 * wrong) {
          const { secret: found, wrong: who } = open();
          expect(bigintsOf(found)).toEqual(secret);
          expect(who).toEqual(Array.from({ length: missing + wrong }, (_, i) => i + 1));
        } else expect(open).toThrow(BlindRiskError);
      }
    }
  });

  test('stored, accepted, refreshed twice, opened', async () => {
    let shares = await accepted(scheme);
    for (let epoch = 1; epoch <= 2; epoch++) {
      const before = shares;
      shares = valuesOf(await refreshed(shares));
      shares.forEach((share, i) => {
        expect(share.epoch).toBe(epoch);
        expect(bigintsOf(share.vector).some((v, j) => v === bigintsOf(before[i]!.vector)[j])).toBe(false);
      });
      expect(bigintsOf(openStored(shares).secret)).toEqual(secret);
      // Old and new shares do not fit together.
      const mixed = [...before.slice(0, threshold), ...shares.slice(threshold)];
      const opened = openStored(mixed);
      expect(bigintsOf(opened.secret)).toEqual(secret);
      expect(opened.wrong).toEqual(before.slice(0, threshold).map(({ party }) => party));
    }
  });

  test('up to t wrong shares are told by their commitments', async () => {
    const shares = await accepted(scheme);
    const bad = shares.map((share, i) =>
      i < threshold ? { ...share, vector: changed(share.vector, 1) } : share,
    );
    const { secret: found, wrong } = openStored(bad);
    expect(bigintsOf(found)).toEqual(secret);
    expect(wrong).toEqual(Array.from({ length: threshold }, (_, i) => i + 1));
    // A party that also names other commitments is outvoted.
    const liars = bad.map((share, i) =>
      i < threshold ? { ...share, commitments: share.commitments.with(i, commitmentTo(share)) } : share,
    );
    expect(bigintsOf(openStored(liars).secret)).toEqual(secret);
    expect(() => openStored(shares.slice(0, threshold))).toThrow(BlindRiskError);
  });

  test('a lost share is recovered, the same as it was', async () => {
    const shares = valuesOf(await refreshed(await accepted(scheme)));
    const lost = 2;
    const { party, label, epoch } = shares[lost - 1]!;
    const outcome = valuesOf(
      await together('recover', shares, async (session, self) => {
        if (self !== lost) {
          await helpRecover(session, shares[self - 1]!, lost);
          return undefined;
        }
        return recoverShare(session, { ...scheme, party, label, epoch, length: secret.length });
      }),
    );
    const back = outcome[lost - 1]!;
    expect(bigintsOf(back.vector)).toEqual(bigintsOf(shares[lost - 1]!.vector));
    expect(bigintsOf(openStored(shares.with(lost - 1, back)).secret)).toEqual(secret);
  });

  test('a helper that sends, or deals, anything wrong makes the recovery fail and nothing else', async () => {
    const shares = await accepted(scheme);
    const lost = 1;
    const { party, label, epoch } = shares[0]!;
    for (const intercept of [
      tampering(parties, lost, 2, 0),
      tampering(parties, 2, 1, 1),
      // Its commitments.
      tampering(parties, lost, 2, secret.length + 3),
    ]) {
      const outcome = await together(
        'recover',
        shares,
        async (session, self) =>
          self === lost
            ? recoverShare(session, { ...scheme, party, label, epoch, length: secret.length })
            : helpRecover(session, shares[self - 1]!, lost),
        intercept,
      );
      expect(outcome[0]!.status).toBe('rejected');
      if (outcome[0]!.status === 'rejected') {
        expect(['commitment', 'degree']).toContain((outcome[0]!.reason as BlindRiskError).facts['check']);
      }
    }
  });

  test('a dealer of a refresh that deals wrongly is found by all others', async () => {
    const shares = await accepted(scheme);
    for (const intercept of [tampering(1, 3, 1, 2), tampering(1, 'all', 5, 0)]) {
      const outcome = await refreshed(shares, intercept);
      for (const of of outcome.slice(1)) {
        expect(of.status).toBe('rejected');
        if (of.status === 'rejected') expect((of.reason as BlindRiskError).code).toBe('protocol');
      }
      // What was stored is unchanged.
      expect(bigintsOf(openStored(shares).secret)).toEqual(secret);
    }
  });

  test('shares that were dealt off the polynomial, or with other commitments, are not accepted', async () => {
    const dealt = dealStored('book', fieldVectorOf(secret), scheme);
    const off = dealt.map((share, i) => (i === 1 ? { ...share, vector: changed(share.vector, 0) } : share));
    const commitments = off.map(commitmentTo);
    const consistent = off.map((share) => ({ ...share, commitments }));
    const cases = [
      off,
      dealt.map((share, i) => (i === 0 ? { ...share, commitments: commitments } : share)),
      ...(parties > 2 ? [consistent] : []),
    ];
    for (const shares of cases) {
      const outcome = await together('accept', shares, (session, party) =>
        acceptShare(session, shares[party - 1]!),
      );
      expect(outcome.every(({ status }) => status === 'rejected')).toBe(true);
    }
    const once = await accepted(scheme);
    await expect(
      together('accept', once, (session, party) => acceptShare(session, once[party - 1]!)).then(valuesOf),
    ).rejects.toThrow(/used up/);
  });
});

test('a dealer of a refresh that deals another secret, consistently, is named', async () => {
  const scheme = schemes[0]!;
  const shares = await accepted(scheme);
  // One more in the first element, to everybody alike: a polynomial of degree 0 that is 1 at zero. Its own share changes in what it opens.
  const outcome = await refreshed(shares, (transit) => {
    const frame = parseFrame(transit.bytes, 2 ** 20);
    if (transit.from !== 1 || frame.round !== 1) return [transit];
    const vector = fieldVectorOf(new Array<bigint>(frame.payload.length / 16).fill(0n));
    vector.bytes.set(frame.payload);
    const moved = k.add(vector, fieldVectorOf([1n, ...new Array<bigint>(vector.length - 1).fill(0n)]));
    return [{ ...transit, bytes: encodeFrame({ ...frame, payload: moved.bytes }) }];
  });
  for (const of of outcome) expect(of.status).toBe('rejected');
});
