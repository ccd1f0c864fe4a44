import { BackendError, type BlindRiskError, RangeError } from '../base/errors.ts';
import { hasWorkers, moduleBeside, processorCount, startWorker, type WorkerHandle } from '../base/worker.ts';
import { reviveError } from './errors.ts';
import type { AnswerMessage, TaskMessage, TaskName, Tasks } from './messages.ts';

type Job = {
  readonly task: TaskName;
  readonly request: unknown;
  readonly resolve: (response: unknown) => void;
  readonly reject: (error: BlindRiskError) => void;
  /** Jobs of an aborted run are dropped before they start. */
  readonly isWanted: () => boolean;
};

type Member = { readonly handle: WorkerHandle<TaskMessage>; job: Job | undefined };

/**
 * Workers of this machine that share a queue of tasks. They start with the first task, keep the process alive only
 * while they work, and end when the pool is disposed. A worker that dies fails its task and is replaced by the next
 * one asked for.
 */
export class WorkerPool implements Disposable {
  /** Workers at most; 0 where the platform has none, and callers must do the tasks themselves. */
  readonly size: number;
  readonly #members: Member[] = [];
  readonly #queue: Job[] = [];
  #disposed = false;

  /** @throws RangeError unless `size` is an integer from 1 to 1024. */
  constructor(size: number = processorCount()) {
    if (!(Number.isInteger(size) && size >= 1 && size <= 1024)) {
      throw new RangeError(`expected 1 to 1024 workers, found ${size}`, { size });
    }
    this.size = hasWorkers() ? size : 0;
  }

  /**
   * Does a task on the next free worker.
   * @param isWanted asked before the task starts; a task that is not wanted any more never settles.
   * @throws the worker's typed error; BackendError if the worker died or the pool was disposed.
   */
  run<Name extends TaskName>(
    task: Name,
    request: Tasks[Name]['request'],
    isWanted: () => boolean = () => true,
  ): Promise<Tasks[Name]['response']> {
    if (this.#disposed) return Promise.reject(new BackendError('this pool of workers was disposed'));
    return new Promise<unknown>((resolve, reject) => {
      this.#queue.push({ task, request, resolve, reject, isWanted });
      this.#dispatch();
    }) as Promise<Tasks[Name]['response']>;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    const reason = new BackendError('this pool of workers was disposed');
    for (const { handle, job } of this.#members.splice(0)) {
      job?.reject(reason);
      handle.terminate();
    }
    for (const { reject } of this.#queue.splice(0)) reject(reason);
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      if (!this.#queue[0]!.isWanted()) {
        this.#queue.shift();
        continue;
      }
      const member = this.#members.find(({ job }) => job === undefined) ?? this.#hire();
      if (member === undefined) return;
      const job = this.#queue.shift()!;
      member.job = job;
      member.handle.holdProcess(true);
      try {
        member.handle.post({ id: 0, task: job.task, request: job.request });
      } catch (error) {
        // Only what cannot be copied to another thread, a function for example, ends here.
        member.job = undefined;
        member.handle.holdProcess(false);
        job.reject(
          new RangeError(`expected plain data in a ${job.task} task: ${String(error)}`, {}, { cause: error }),
        );
      }
    }
  }

  #hire(): Member | undefined {
    if (this.#members.length >= this.size) return undefined;
    const member: Member = {
      handle: startWorker<TaskMessage, AnswerMessage>(
        moduleBeside(import.meta.url, 'entry'),
        (message) => this.#receive(member, message),
        (reason) => this.#bury(member, reason),
      ),
      job: undefined,
    };
    member.handle.holdProcess(false);
    this.#members.push(member);
    return member;
  }

  #receive(member: Member, message: AnswerMessage): void {
    const { job } = member;
    member.job = undefined;
    member.handle.holdProcess(false);
    if (job !== undefined) {
      if ('error' in message) job.reject(reviveError(message.error));
      else job.resolve(message.response);
    }
    this.#dispatch();
  }

  #bury(member: Member, reason: string): void {
    const index = this.#members.indexOf(member);
    if (index < 0) return;
    this.#members.splice(index, 1);
    member.job?.reject(new BackendError(`a worker died during ${member.job.task}: ${reason}`));
    this.#dispatch();
  }
}
