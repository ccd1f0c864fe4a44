import type { Context, ExchangeAnswer, ExchangeRequest, LocalRequest, Protocol } from './protocol.ts';
import { verifyProducts } from './verify.ts';

/** Who carries out a protocol's requests: a party of a session, or the planner, which only counts. */
export type Host = {
  readonly context: Context;
  local(request: LocalRequest): unknown;
  /** One round. Results in the order of the requests. */
  exchange(requests: readonly ExchangeRequest[]): Promise<readonly ExchangeAnswer[]>;
};

/** Products that may wait for verification before it is made without an opening, to bound memory. */
const MOST_UNVERIFIED: number = 2 ** 22;

type Thread = {
  readonly protocol: Protocol<unknown>;
  readonly parent: Thread | undefined;
  /** Place among the parent's children. */
  readonly index: number;
  running: number;
  results: unknown[];
};

type Blocked = { readonly thread: Thread; readonly request: ExchangeRequest };

/**
 * Runs a protocol to its end: whatever can go on without a peer does, until everything waits; then all that
 * waits goes into one round. Before a round that opens anything, all products so far are verified.
 */
export async function drive<T>(root: Protocol<T>, host: Host): Promise<T> {
  const ready: { readonly thread: Thread; readonly value: unknown }[] = [];
  let blocked: Blocked[] = [];
  let result: { readonly value: unknown } | undefined;

  const finish = ({ parent, index }: Thread, value: unknown): void => {
    if (parent === undefined) {
      result = { value };
      return;
    }
    parent.results[index] = value;
    if (--parent.running === 0) ready.push({ thread: parent, value: parent.results });
  };

  const advance = async (thread: Thread, value: unknown): Promise<void> => {
    let sent = value;
    for (;;) {
      const { done, value: request } = thread.protocol.next(sent);
      if (done) return finish(thread, request);
      switch (request.op) {
        case 'reshare':
        case 'open':
        case 'permute':
        case 'and':
        case 'reveal':
          blocked.push({ thread, request });
          return;
        case 'join': {
          const { protocols } = request;
          if (protocols.length === 0) {
            sent = [];
            break;
          }
          thread.running = protocols.length;
          thread.results = new Array(protocols.length);
          protocols.forEach((protocol, index) => {
            ready.push({
              thread: { protocol, parent: thread, index, running: 0, results: [] },
              value: undefined,
            });
          });
          return;
        }
        case 'verify':
          if (host.context.products.size > 0) await drive(verifyProducts(host.context), host);
          sent = undefined;
          break;
        default:
          sent = host.local(request);
      }
    }
  };

  ready.push({
    thread: { protocol: root, parent: undefined, index: 0, running: 0, results: [] },
    value: undefined,
  });
  for (;;) {
    for (let next = ready.shift(); next !== undefined; next = ready.shift()) {
      await advance(next.thread, next.value);
    }
    if (result !== undefined) return result.value as T;
    const { products } = host.context;
    const opens = blocked.some(({ request }) => 'checked' in request && request.checked);
    if ((opens && products.size > 0) || products.size > MOST_UNVERIFIED) {
      await drive(verifyProducts(host.context), host);
    }
    const round = blocked;
    blocked = [];
    const answers = await host.exchange(round.map(({ request }) => request));
    round.forEach(({ thread }, i) => {
      ready.push({ thread, value: answers[i] });
    });
  }
}
