import { describe, expect, it } from 'vitest';
import type { Digest, PartyId } from '../../../src/base/brand.ts';
import { bytesOfHex, concatBytes, hex, utf8 } from '../../../src/base/bytes.ts';
import { sha256Of } from '../../../src/base/digest.ts';
import { IntegrityError, ShapeError } from '../../../src/base/errors.ts';
import {
  type AuditEntry,
  AuditLog,
  auditLines,
  parseAuditLines,
  proveInclusion,
  verifyCheckpoint,
  verifyInclusion,
} from '../../../src/trust/audit.ts';
import { inclusionPath, merkleRoot } from '../../../src/trust/merkle.ts';

const owner = 'owner' as PartyId;
const subject = 'd'.repeat(64) as Digest;

/** Bottom-up: hash the leaves, pair neighbours, carry an odd one up. The same tree, by another route. */
function rootBottomUp(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256Of(new Uint8Array(0));
  let level = leaves.map((leaf) => sha256Of(concatBytes([Uint8Array.of(0), leaf])));
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const right = level[i + 1];
      next.push(
        right === undefined ? level[i]! : sha256Of(concatBytes([Uint8Array.of(1), level[i]!, right])),
      );
    }
    level = next;
  }
  return level[0]!;
}

/** Inputs, and below roots and paths, of the reference tests of Certificate Transparency (merkle_tree_test.cc). */
const referenceLeaves = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map(bytesOfHex);

describe('merkleRoot', () => {
  it.each([
    [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
    [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
    [4, 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
    [5, '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
    [6, '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
    [7, 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
    [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
  ])('known answer of %d leaves', (n, root) => {
    expect(hex(merkleRoot(referenceLeaves.slice(0, n)))).toBe(root);
  });

  it('equals the bottom-up construction for every size to 70 and around powers of two', () => {
    for (const n of [...Array.from({ length: 71 }, (_, i) => i), 127, 128, 129, 255, 256, 257, 1000]) {
      const many = Array.from({ length: n }, (_, i) => utf8(`leaf ${i}`));
      expect(hex(merkleRoot(many)), `${n} leaves`).toBe(hex(rootBottomUp(many)));
    }
  });

  it('a leaf is never taken for a node', () => {
    const [a, b] = [utf8('a'), utf8('b')].map((leaf) => sha256Of(concatBytes([Uint8Array.of(0), leaf])));
    const forged = concatBytes([Uint8Array.of(1), a!, b!]);
    expect(merkleRoot([forged])).not.toEqual(merkleRoot([utf8('a'), utf8('b')]));
  });
});

describe('AuditLog', () => {
  const log = new AuditLog('example.org/run/1');
  const events = [
    'planned',
    'keyCreated',
    'protected',
    'received',
    'evaluated',
    'opened',
    'released',
  ] as const;
  for (const event of events) log.append(owner, event, subject, event === 'opened' ? 'detail' : undefined);
  const checkpoint = log.checkpoint();
  const entries: readonly AuditEntry[] = [...log.entries];

  it('numbers its entries and dates them in UTC', () => {
    expect(entries.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(entries.map(({ event }) => event)).toEqual(events);
    for (const { at } of entries) expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect('detail' in entries[0]!).toBe(false);
    expect(entries[5]!.detail).toBe('detail');
  });

  it('makes checkpoints of origin, size and base64 root, a line each', () => {
    const root = rootBottomUp(entries.map((entry) => utf8(JSON.stringify(entry))));
    expect(checkpoint).toBe(`example.org/run/1\n7\n${Buffer.from(root).toString('base64')}\n`);
    expect(new AuditLog('empty').checkpoint()).toBe(
      'empty\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n',
    );
  });

  it('verifies its own checkpoint, and after a round trip through JSON', () => {
    expect(() => verifyCheckpoint(checkpoint, entries)).not.toThrow();
    expect(() => verifyCheckpoint(checkpoint, JSON.parse(JSON.stringify(entries)))).not.toThrow();
  });

  it.each(['sequence', 'at', 'actor', 'event', 'subject', 'detail'] as const)(
    'a changed %s is noticed',
    (field) => {
      entries.forEach((entry, i) => {
        const changed = entries.with(i, {
          ...entry,
          [field]: field === 'sequence' ? 99 : 'changed',
        } as AuditEntry);
        expect(() => verifyCheckpoint(checkpoint, changed), `entry ${i}`).toThrow(IntegrityError);
      });
    },
  );

  it('so is an entry that is removed, inserted, repeated or moved', () => {
    for (let i = 0; i < entries.length; i++) {
      const mutants = [
        entries.toSpliced(i, 1),
        entries.toSpliced(i, 0, { ...entries[0]!, sequence: 50 }),
        entries.toSpliced(i, 0, entries[i]!),
        entries.slice(0, i),
        [...entries.slice(i + 1), ...entries.slice(0, i + 1)],
      ];
      mutants.forEach((mutant, m) => {
        if (m === 4 && i === entries.length - 1) return;
        expect(() => verifyCheckpoint(checkpoint, mutant), `entry ${i}, mutant ${m}`).toThrow(IntegrityError);
      });
    }
  });

  it('and a checkpoint that was changed, or is none', () => {
    for (const other of [
      checkpoint.replace('run/1', 'run/1\n'),
      checkpoint.replace('\n7\n', '\n8\n'),
      checkpoint.slice(0, -1),
      `${checkpoint}\n`,
      checkpoint.toLowerCase(),
      '',
    ]) {
      expect(() => verifyCheckpoint(other, entries), other).toThrow(IntegrityError);
    }
  });

  it('an older checkpoint is that of the entries then', () => {
    const growing = new AuditLog('grow');
    growing.append(owner, 'planned', subject);
    const before = growing.checkpoint();
    growing.append(owner, 'refused', subject);
    expect(() => verifyCheckpoint(before, growing.entries)).toThrow(IntegrityError);
    expect(() => verifyCheckpoint(before, growing.entries.slice(0, 1))).not.toThrow();
  });

  it.each(['', 'a\nb', 'a\r'])('refuses the origin %j, which would make checkpoints ambiguous', (origin) => {
    expect(() => new AuditLog(origin)).toThrow(ShapeError);
  });
});

describe('inclusion proofs', () => {
  it('lead from every entry of every size to the root, and from nothing else', () => {
    for (let size = 1; size <= 20; size++) {
      const log = new AuditLog('proofs');
      for (let i = 0; i < size; i++) log.append(owner, 'planned', subject, `entry ${i}`);
      const checkpoint = log.checkpoint();
      for (let i = 0; i < size; i++) {
        const proof = proveInclusion(log.entries, i);
        expect(() => verifyInclusion(checkpoint, proof)).not.toThrow();
        expect(proof.path.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
        const wrong = [
          { ...proof, entry: { ...proof.entry, detail: 'another' } },
          { ...proof, entry: { ...proof.entry, sequence: i + 1 } },
          {
            ...proof,
            path: [...proof.path, proof.path[0] ?? '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='],
          },
          ...proof.path.map((_, k) => ({ ...proof, path: proof.path.toSpliced(k, 1) })),
        ];
        for (const other of wrong) expect(() => verifyInclusion(checkpoint, other)).toThrow(IntegrityError);
      }
      expect(() => proveInclusion(log.entries, size)).toThrow(ShapeError);
    }
  });

  it('are those of the reference tests', () => {
    const path = (size: number, leaf: number) => inclusionPath(referenceLeaves.slice(0, size), leaf).map(hex);
    expect(path(1, 0)).toEqual([]);
    expect(path(8, 0)).toEqual([
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ]);
    expect(path(3, 2)).toEqual(['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']);
  });
});

describe('lines of a log', () => {
  it('are read back as they were written, and nothing else is', () => {
    const log = new AuditLog('lines');
    for (let i = 0; i < 5; i++) log.append(owner, 'planned', subject, i % 2 === 0 ? 'x "y" \n z' : undefined);
    const text = auditLines(log.entries);
    expect(parseAuditLines(text)).toEqual(log.entries);
    expect(AuditLog.resume('lines', parseAuditLines(text)).checkpoint()).toBe(log.checkpoint());
    const lines = text.split('\n');
    const broken = [
      text.slice(0, -1),
      lines.toSpliced(2, 1).join('\n'),
      text.replace('{"sequence":1', '{"sequence":1,"sequence":1'),
      text.replace('{', '{ '),
      `${text}x\n`,
    ];
    for (const wrong of broken) expect(() => parseAuditLines(wrong), wrong).toThrow(IntegrityError);
    expect(() => AuditLog.resume('lines', log.entries.slice(1))).toThrow(IntegrityError);
  });
});
