import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { IntegrityError, ShapeError } from '../../../src/base/errors.ts';
import { createIdentity } from '../../../src/trust/identity.ts';
import { openNote, signNote } from '../../../src/trust/note.ts';

// Example of the C2SP signed-note specification.
const EXAMPLE_NAME = 'example.com/foo';

describe('signed notes', () => {
  const signer = createIdentity(EXAMPLE_NAME);
  const text = 'This is an example message.\n';
  const note = signNote(text, signer);

  it('have the form of C2SP signed-note, and another implementation of Ed25519 verifies them', () => {
    const lines = note.split('\n');
    expect(lines).toHaveLength(4);
    expect(lines.slice(0, 2)).toEqual(['This is an example message.', '']);
    const [dash, name, encoded] = lines[2]!.split(' ');
    expect([dash, name]).toEqual(['\u2014', EXAMPLE_NAME]);
    const bytes = Buffer.from(encoded!, 'base64');
    expect(bytes).toHaveLength(4 + 64);
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), signer.publicKey]);
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    expect(verify(null, Buffer.from(text), key, bytes.subarray(4))).toBe(true);
  });

  it('open to the text, beside signatures of others and of other kinds', () => {
    expect(openNote(note, signer)).toBe(text);
    const other = createIdentity('other.example');
    const both = `${note}${signNote(text, other).slice(text.length + 1)}`;
    expect(openNote(both, other)).toBe(text);
    expect(openNote(both, signer)).toBe(text);
  });

  it('are refused when changed anywhere, or from another key of the same name', () => {
    for (let i = 0; i < note.length - 1; i++) {
      const changed = note.slice(0, i) + String.fromCharCode(note.charCodeAt(i) ^ 1) + note.slice(i + 1);
      expect(() => openNote(changed, signer), `character ${i}`).toThrow(IntegrityError);
    }
    expect(() => openNote(note, createIdentity(EXAMPLE_NAME))).toThrow(IntegrityError);
    for (const none of ['', '\n\n', text, `${text}\n`, 'x'.repeat(1e6)]) {
      expect(() => openNote(none, signer)).toThrow(IntegrityError);
    }
  });

  it('are not made of what they cannot carry', () => {
    for (const bad of ['no newline', 'zero\0\n']) expect(() => signNote(bad, signer)).toThrow(ShapeError);
    expect(() => signNote(text, createIdentity('two words'))).toThrow(ShapeError);
  });
});
