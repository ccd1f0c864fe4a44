import { hex } from '../../base/bytes.ts';
import type { BitsNeeded, PreparedBits } from '../engine/bit-stock.ts';
import { drive } from '../engine/drive.ts';
import { Party } from '../engine/party.ts';
import { type Context, type Protocol, type Security, verify } from '../engine/protocol.ts';
import { makeBits, publicCoin } from '../protocols/low-part.ts';
import { guarded, partiesOf } from '../roles.ts';
import type { Session } from '../session.ts';
import type { SharingScheme } from '../sharing.ts';

/** What a party keeps of random bits that were made ahead: `writeBitStore` stores it. */
export type MadeBits = {
  readonly run: string;
  readonly chunks: readonly (BitsNeeded & { readonly bits: PreparedBits })[];
};

/**
 * A party's part of making random bits ahead: what comparisons of these sizes will take (`plan.comparisonBits`), in one chunk each. Everything is verified before it is returned.
 * Who learns what: nobody anything. Cost: two thirds of what the comparisons cost. @throws ProtocolError, TransportError, AbortError: nothing is to be kept then.
 */
export async function prepareBits(
  session: Session,
  scheme: SharingScheme,
  security: Security,
  needed: readonly BitsNeeded[],
): Promise<MadeBits> {
  const peers = partiesOf(scheme).filter((party) => party !== session.self);
  return guarded(session, peers, async () => {
    const party = await Party.join(session, scheme, security);
    return drive(makeAll(party.context, needed), party);
  });
}

function* makeAll(context: Context, needed: readonly BitsNeeded[]): Protocol<MadeBits> {
  const chunks: (BitsNeeded & { bits: PreparedBits })[] = [];
  for (const { rows, length } of needed) {
    chunks.push({ rows, length, bits: yield* makeBits(context, { rows, length }) });
  }
  yield* verify();
  // Opened after all has been verified by all: whoever has it may keep what it has.
  const coin = yield* publicCoin(context);
  return { run: hex(new Uint8Array(16).map((_, i) => Number((coin >> BigInt(8 * i)) & 255n))), chunks };
}
