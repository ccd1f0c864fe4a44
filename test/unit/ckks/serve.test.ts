import { describe, expect, it } from 'vitest';
import { PlanError } from '../../../src/base/errors.ts';
import { breathe } from '../../../src/base/progress.ts';
import type { ResponseMessage } from '../../../src/ckks/worker/messages.ts';
import { type Handlers, serve } from '../../../src/ckks/worker/serve.ts';

type TestCommands = {
  wait: { readonly request: number; readonly response: string };
  fail: { readonly request: 'typed' | 'untyped'; readonly response: null };
};

/** Requests to handlers without a worker between; what was posted. */
function serving() {
  const posted: ResponseMessage[] = [];
  const begun: number[] = [];
  const handlers: Handlers<TestCommands> = {
    async wait(turns, progress, signal) {
      begun.push(turns);
      for (let i = 0; i < turns && !signal.aborted; i++) {
        progress(i + 1, turns);
        await breathe();
      }
      return signal.aborted ? 'stopped' : 'done';
    },
    fail(how) {
      if (how === 'typed') throw new PlanError('does not fit', { needed: 3 });
      throw new Error('a defect');
    },
  };
  const receive = serve(Promise.resolve(handlers), (message) => posted.push(message));
  const settled = async (count: number) => {
    while (posted.filter((message) => !('progress' in message)).length < count) await breathe();
    return posted.filter((message) => !('progress' in message));
  };
  return { receive, posted, begun, settled };
}

describe('serve', () => {
  it('answers in the order asked, one at a time, with progress', async () => {
    const { receive, posted, settled } = serving();
    receive({ id: 1, command: 'wait', request: 3 });
    receive({ id: 2, command: 'wait', request: 0 });
    expect(await settled(2)).toEqual([
      { id: 1, response: 'done' },
      { id: 2, response: 'done' },
    ]);
    expect(posted.slice(0, 3)).toEqual([1, 2, 3].map((done) => ({ id: 1, progress: { done, total: 3 } })));
  });

  it('interrupts what runs, and does not begin what still waits', async () => {
    const { receive, begun, settled } = serving();
    receive({ id: 1, command: 'wait', request: 1000 });
    receive({ id: 2, command: 'wait', request: 7 });
    receive({ id: 3, command: 'wait', request: 1 });
    await breathe();
    receive({ abort: 2 });
    receive({ abort: 1 });
    receive({ abort: 99 });
    const answers = await settled(3);
    expect(answers[0]).toEqual({ id: 1, response: 'stopped' });
    expect(answers[1]).toMatchObject({ id: 2, error: { code: 'abort' } });
    expect(answers[2]).toEqual({ id: 3, response: 'done' });
    expect(begun).toEqual([1000, 1]);
  });

  it('carries errors with their class and facts, and goes on', async () => {
    const { receive, settled } = serving();
    receive({ id: 1, command: 'fail', request: 'typed' });
    receive({ id: 2, command: 'fail', request: 'untyped' });
    receive({ id: 3, command: 'unknown', request: null });
    receive({ id: 4, command: 'wait', request: 0 });
    const answers = await settled(4);
    expect(answers[0]).toEqual({
      id: 1,
      error: { code: 'plan', message: 'does not fit', facts: { needed: 3 } },
    });
    expect(answers[1]).toMatchObject({ error: { code: 'backend', message: 'the worker failed: a defect' } });
    expect(answers[2]).toMatchObject({ id: 3, error: { code: 'backend' } });
    expect(answers[3]).toEqual({ id: 4, response: 'done' });
  });

  it('tells everybody where the handlers could not be made', async () => {
    const posted: ResponseMessage[] = [];
    const receive = serve<TestCommands>(Promise.reject(new Error('no SEAL')), (message) =>
      posted.push(message),
    );
    receive({ id: 1, command: 'wait', request: 0 });
    receive({ id: 2, command: 'wait', request: 0 });
    while (posted.length < 2) await breathe();
    for (const message of posted) expect('error' in message && message.error.message).toMatch(/no SEAL/);
  });
});
