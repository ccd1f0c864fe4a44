import { afterEach, expect, it, vi } from 'vitest';
import { AbortError, BackendError } from '../../../src/base/errors.ts';
import { ckksParameters } from '../../../src/ckks/parameters.ts';
import type { KeyHolderCommands } from '../../../src/ckks/worker/messages.ts';
import { SupervisedWorker } from '../../../src/ckks/worker/supervised.ts';

const small = ckksParameters(2048, [49]);
/** Its context takes seconds, in which SEAL hears nothing. */
const large = ckksParameters(32768, [48, ...Array<number>(14).fill(45)], 49);

afterEach(() => {
  vi.useRealTimers();
});

it('ends a worker that does not hear an abort within its grace, and the next call works on another', async () => {
  using worker = new SupervisedWorker<KeyHolderCommands>('keyHolder', async (fresh) => {
    await fresh.call('open', { parameters: small });
  });
  await worker.start();
  // Ten seconds pass at once; the worker and its SEAL are real.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const abort = new AbortController();
  const deaf = worker.call('open', { parameters: large }, { signal: abort.signal, interruptible: true });
  const refused = expect(deaf).rejects.toThrow(AbortError);
  // Once it has been posted.
  await new Promise((resolve) => setImmediate(resolve));
  abort.abort(new Error('enough'));
  await refused;

  const behind = worker.call('createKey', null);
  const ended = expect(behind).rejects.toThrow(/did not stop open: it was ended/);
  await new Promise((resolve) => setImmediate(resolve));
  vi.advanceTimersByTime(9_999);
  expect(worker.restarts).toBe(0);
  vi.advanceTimersByTime(1);
  await ended;
  await expect(behind).rejects.toThrow(BackendError);

  vi.useRealTimers();
  await worker.call('createKey', null);
  expect((await worker.call('exportKey', null)).bytes.length).toBeGreaterThan(1000);
  expect(worker.restarts).toBe(1);
}, 60_000);
