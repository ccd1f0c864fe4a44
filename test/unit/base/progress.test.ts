import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { AbortError } from '../../../src/base/errors.ts';
import { breathe, throwIfAborted } from '../../../src/base/progress.ts';

describe('throwIfAborted', () => {
  it('passes without a signal and before it fires', () => {
    expect(() => throwIfAborted(undefined, 'testing')).not.toThrow();
    expect(() => throwIfAborted(new AbortController().signal, 'testing')).not.toThrow();
  });

  it('throws an AbortError that says what was going on and why it ended', () => {
    const controller = new AbortController();
    const reason = new Error('the user left');
    controller.abort(reason);
    let caught: unknown;
    try {
      throwIfAborted(controller.signal, 'testing');
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(AbortError);
    const { message, facts, cause, code } = caught as AbortError;
    expect(message).toContain('aborted while testing');
    expect([facts, code]).toEqual([{ during: 'testing' }, 'abort']);
    expect(cause).toBe(reason);
  });
});

describe('breathe', () => {
  it('lets a timer that is due fire an abort', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 0);
    for (let round = 0; round < 100 && !controller.signal.aborted; round++) await breathe();
    expect(() => throwIfAborted(controller.signal, 'testing')).toThrow(AbortError);
  });

  it('lets messages between threads arrive', async () => {
    const { port1, port2 } = new MessageChannel();
    let arrived = false;
    port2.on('message', () => {
      arrived = true;
    });
    port1.postMessage(null);
    for (let round = 0; round < 100 && !arrived; round++) await breathe();
    port1.close();
    expect(arrived).toBe(true);
  });
});
