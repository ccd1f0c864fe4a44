import { digestOf } from '../../src/base/digest.ts';
import { BlindRiskError } from '../../src/base/errors.ts';
import { drive } from '../../src/mpc/engine/drive.ts';
import { Party } from '../../src/mpc/engine/party.ts';
import { FRAME_HEADER_BYTES } from '../../src/mpc/frame.ts';
import { type TlsOptions, TlsTransport } from '../../src/mpc/node/index.ts';
import { Session } from '../../src/mpc/session.ts';
import { timedProtocol } from './measure.ts';
import { SCHEME, works } from './works.ts';

/** Longest payload of a frame. */
export const FRAME_PAYLOAD: number = 2 ** 20;

/** What a party's process is told. */
export type Task = Omit<TlsOptions, 'plan' | 'frameBytes'> & { readonly only: string };

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Plays one party in all works, one session each over the same connections, and reports after each. */
async function play({ only, ...options }: Task): Promise<void> {
  const plan = digestOf('blindrisk/bench/1', only);
  const transport = await TlsTransport.connect({
    ...options,
    plan,
    frameBytes: FRAME_HEADER_BYTES + FRAME_PAYLOAD,
  });
  const chosen = (await works()).filter(({ name }) => new RegExp(only).test(name));
  for (const [index, work] of chosen.entries()) {
    const terms = {
      digest: digestOf('blindrisk/bench/1', [only, index]),
      parties: SCHEME.parties,
      frameElements: FRAME_PAYLOAD / 16,
      owners: [],
      recipients: [],
    };
    const party = await Party.join(new Session(terms, transport.nonce, transport), SCHEME, work.security);
    process.send!(await drive(timedProtocol(work, party.context, cpuSeconds), party));
  }
  await transport.close();
}

process.once('message', (task: Task) => {
  play(task).then(
    () => process.disconnect(),
    (error: unknown) => {
      console.error(error instanceof BlindRiskError ? error.message : error);
      process.exit(1);
    },
  );
});
