import { afterEach, beforeEach, describe, test } from 'vitest';
import { DEVIATIONS, expectAllAbort } from '../support/deviations.ts';
import { TestSession } from '../support/party-processes.ts';

const LIMIT = 120_000;

describe('one party of real processes deviates in the middle: all others abort, and nothing is opened', () => {
  let session: TestSession;
  beforeEach(async () => {
    session = await TestSession.create('figures');
  }, LIMIT);
  afterEach(() => session.end(), LIMIT);

  test.each(DEVIATIONS)('it %s', (_, deviate, said) => expectAllAbort(session, deviate, said), LIMIT);
});
