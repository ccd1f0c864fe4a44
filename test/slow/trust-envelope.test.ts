import { describe, expect, it } from 'vitest';
import { IntegrityError } from '../../src/base/errors.ts';
import { openMutations } from '../support/envelopes.ts';

describe('ten thousand random mutations of a signed envelope', () => {
  // A verification takes some milliseconds, hence not among the default tests.
  it.each(Array.from({ length: 10 }, (_, seed) => seed))('seed %d: a thousand are refused', (seed) => {
    const survivors = openMutations(seed, 1000).filter(({ error }) => !(error instanceof IntegrityError));
    expect(survivors).toEqual([]);
  });
});
