import { bytesOfHex, concatBytes, utf8 } from '../../base/bytes.ts';
import { sha256Of } from '../../base/digest.ts';
import type { FieldVector } from '../../kernels/field-vector.ts';
import { loadField61 } from '../../kernels/field61.ts';
import { loadField127 } from '../../kernels/field127.ts';
import type { Session } from '../session.ts';
import type { SharingScheme } from '../sharing.ts';

/**
 * Shares of random bits for comparisons, `rows` + 1 for each of `length` elements: signs modulo 2^61 - 1, row by row, and what they stand for modulo 2^127 - 1, piece by piece
 * (see randomBits). Verified when they were made; they depend on nothing secret but themselves, and serve once.
 */
export type PreparedBits = { readonly signs: FieldVector; readonly values: FieldVector };

/** How many of them: what comparisons of `length` elements with `rows` low bits take. */
export type BitsNeeded = { readonly rows: number; readonly length: number };

/** Bits that a party made ahead with the others, in chunks of the same sizes and order at all parties. */
export type BitStock = {
  /** 16 random bytes in hexadecimal digits that name the session in which all of it was made. */
  readonly run: string;
  readonly chunks: readonly BitsNeeded[];
  /** Chunks of which the share was ever handed out. */
  consumed(): ReadonlySet<number>;
  /** Hands out a chunk, once: that it is consumed is known for good before it is read. */
  consume(chunk: number): PreparedBits;
};

/** Rounds of the agreement on what is left of a stock. */
export const STOCK_ROUNDS = 2;

/** What protocols take from. */
export type TakeBits = (needed: BitsNeeded) => PreparedBits | undefined;

/** Chunks of a stock at most: what is said of them has one size. */
export const MOST_CHUNKS = 4096;

const DIGEST_BYTES = 32;
const NAME_BYTES = 16 + DIGEST_BYTES;

/** Payload bytes of the agreement, by round, from one party to another. */
export const STOCK_PAYLOADS: readonly number[] = [NAME_BYTES + MOST_CHUNKS / 8, DIGEST_BYTES];

/**
 * Agrees on what is left of a stock: what no party has ever handed out. Two rounds: every party says what it has consumed, and shows what it heard, so that nobody tells two parties different things.
 * @throws ProtocolError 'stock' if a peer's stock is another, or it said different things.
 */
export async function agreeOnStock(
  session: Session,
  { parties }: SharingScheme,
  stock: BitStock,
  firstRound: number,
): Promise<TakeBits> {
  const peers = Array.from({ length: parties }, (_, i) => i + 1).filter((party) => party !== session.self);
  const sizes = sha256Of(utf8(stock.chunks.map(({ rows, length }) => `${rows}x${length}`).join()));
  const name = concatBytes([bytesOfHex(stock.run), sizes]);
  const bitmap = new Uint8Array(MOST_CHUNKS / 8);
  for (const chunk of stock.consumed()) bitmap[chunk >> 3]! |= 1 << (chunk & 7);
  const heard = await swap(session, firstRound, peers, concatBytes([name, bitmap]));
  for (const [peer, bytes] of heard) {
    if (name.some((byte, i) => byte !== bytes[i])) {
      throw session.violation(
        peer,
        firstRound,
        'stock',
        'expected the stock of one session at all parties, found another',
      );
    }
  }
  const ordered = [...heard].toSorted(([a], [b]) => a - b).map(([, bytes]) => bytes);
  const digest = sha256Of(concatBytes([utf8('blindrisk/mpc-stock/1'), ...ordered]));
  for (const [peer, theirs] of await swap(session, firstRound + 1, peers, digest)) {
    if (digest.some((byte, i) => byte !== theirs[i])) {
      throw session.violation(
        peer,
        firstRound + 1,
        'stock',
        'expected all to have heard the same of the stock',
      );
    }
  }
  const used = (chunk: number): boolean =>
    ordered.some((bytes) => ((bytes[NAME_BYTES + (chunk >> 3)]! >> (chunk & 7)) & 1) === 1);
  return takeFrom(
    stock,
    stock.chunks.flatMap((_, chunk) => (used(chunk) ? [] : [chunk])),
  );
}

/** The same bytes to each peer, and as many from each; by party, one's own included. */
async function swap(
  session: Session,
  round: number,
  peers: readonly number[],
  mine: Uint8Array,
): Promise<Map<number, Uint8Array>> {
  const received = new Map([[session.self, mine]]);
  const sending = peers.map((peer) => session.sendBytes(peer, round, 'keys', mine));
  const receiving = peers.map(async (peer) => {
    const bytes = new Uint8Array(mine.length);
    await session.receiveBytes(peer, round, 'keys', bytes, 2);
    received.set(peer, bytes);
  });
  await Promise.all([...sending, ...receiving]);
  return received;
}

/** Takes whole chunks as they are needed, in their order; what is left of the last one is kept for the next time in this session. */
function takeFrom(stock: BitStock, free: readonly number[]): TakeBits {
  const left = new Map<number, number[]>();
  for (const chunk of free) {
    const { rows } = stock.chunks[chunk]!;
    left.set(rows, [...(left.get(rows) ?? []), chunk]);
  }
  const rest = new Map<number, { readonly bits: PreparedBits; readonly length: number }>();
  return ({ rows, length }) => {
    const chunks = left.get(rows) ?? [];
    const kept = rest.get(rows);
    const sizes = chunks.map((chunk) => stock.chunks[chunk]!.length);
    let have = kept?.length ?? 0;
    let count = 0;
    while (have < length && count < sizes.length) have += sizes[count++]!;
    // The same at all parties, who agree on what is left.
    if (have < length) return undefined;
    const parts = [
      ...(kept ? [kept] : []),
      ...chunks
        .splice(0, count)
        .map((chunk) => ({ bits: stock.consume(chunk), length: stock.chunks[chunk]!.length })),
    ];
    const columns = (from: number, to: number): PreparedBits => ({
      signs: gatherColumns(
        loadField61(),
        parts.map((part) => part.bits.signs),
        parts,
        have,
        from,
        to,
      ),
      values: gatherColumns(
        loadField127(),
        parts.map((part) => part.bits.values),
        parts,
        have,
        from,
        to,
      ),
    });
    const taken = columns(0, length);
    if (have > length) rest.set(rows, { bits: columns(length, have), length: have - length });
    else rest.delete(rows);
    for (const { bits } of parts) for (const vector of [bits.signs, bits.values]) vector.wipe();
    return taken;
  };
}

/** Columns `from` up to `to` of matrices that lie side by side, row by row. */
function gatherColumns(
  k: { concat(vectors: readonly FieldVector[]): FieldVector },
  vectors: readonly FieldVector[],
  parts: readonly { readonly length: number }[],
  total: number,
  from: number,
  to: number,
): FieldVector {
  const rows = vectors.reduce((sum, { length }) => sum + length, 0) / total;
  const pieces: FieldVector[] = [];
  for (let row = 0; row < rows; row++) {
    let start = 0;
    vectors.forEach((vector, i) => {
      const { length } = parts[i]!;
      const low = Math.max(from, start) - start;
      const high = Math.min(to, start + length) - start;
      if (low < high) pieces.push(vector.part(row * length + low, row * length + high));
      start += length;
    });
  }
  const out = k.concat(pieces);
  // A single piece is returned as it is, and its chunk is wiped.
  return pieces.length === 1 ? out.slice(0, out.length) : out;
}
