import { existsSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Book } from '../domain/book.ts';
import type { Market } from '../domain/market.ts';
import { parsePositions } from '../domain/parse/positions.ts';
import { positionsCsv } from '../domain/write/csv.ts';
import { readBasis, writeBasis } from '../engine/exchange/basis-file.ts';
import {
  type RunDescription,
  readDescription,
  readPublicIdentity,
  writeDescription,
} from '../engine/exchange/description.ts';
import type { ProtectedBook } from '../engine/exchange/owner.ts';
import type { PublicFiles } from '../engine/exchange/public-side.ts';
import type { PublicIdentity } from '../trust/identity.ts';
import { UsageError } from './errors.ts';
import { readBinaryFile, readTextFile, writeFilesAtomically } from './files.ts';
import { loadRisk } from './load.ts';
import { readTable } from './tables.ts';
import type { Terminal } from './terminal.ts';

/** What an owner hands to an engine: a folder of three files. Where it proposes a basis, that too, and contracts only if any are outside. */
const CONTRACTS = 'contracts.csv';
const DESCRIPTION = 'run.json';
const REQUEST = 'request.brisk';
const BASIS = 'basis.json';

/** @throws UsageError where the folder holds a request already. */
export function writeRequest(
  folder: string,
  { contracts, proposal, description, request }: ProtectedBook,
): void {
  mkdirSync(folder, { recursive: true });
  const paths = [CONTRACTS, DESCRIPTION, REQUEST, BASIS].map((name) => join(folder, name));
  const taken = paths.find((path) => existsSync(path));
  if (taken !== undefined) {
    throw new UsageError(`${taken} is there already: name a new folder for each request`, { path: taken });
  }
  writeFilesAtomically([
    ...(contracts.positions.length === 0 ? [] : [[paths[0]!, positionsCsv(contracts)] as const]),
    [paths[1]!, writeDescription(description)],
    [paths[2]!, request],
    ...(proposal === undefined ? [] : [[paths[3]!, writeBasis(proposal)] as const]),
  ]);
}

export type LoadedRequest = PublicFiles & {
  readonly description: RunDescription;
  readonly request: Uint8Array;
};

/** Reads a request, and values its contracts with one's own market and scenarios. */
export async function readRequest(
  folder: string,
  own: { readonly market: string; readonly scenarios: string },
  terminal: Terminal,
): Promise<LoadedRequest> {
  const path = join(folder, DESCRIPTION);
  const description = readDescription(readTextFile(path), basename(path));
  const basis = join(folder, BASIS);
  const proposal = existsSync(basis) ? readBasis(readTextFile(basis), BASIS) : undefined;
  const list = join(folder, CONTRACTS);
  const positions = proposal !== undefined && !existsSync(list) ? undefined : list;
  const { book, market, scenarios } = await loadRisk({ positions, ...own }, terminal);
  return {
    contracts: contractsOf(book),
    proposal,
    market,
    scenarios,
    description,
    request: readBinaryFile(join(folder, REQUEST)),
  };
}

/** A list of contracts in the format of positions.csv, whose quantities are ignored. */
export async function readContracts(path: string, market: Market): Promise<PublicFiles['contracts']> {
  return contractsOf(parsePositions(await readTable(path), basename(path), market).book);
}

/** The terms of a book's positions, in its order. */
export function contractsOf(book: Book): PublicFiles['contracts'] {
  return book.positions.map(({ instrument }) => instrument);
}

/** A peer's public.json: pinned, because it was handed over by a way that is trusted. */
export function readPeer(path: string): PublicIdentity {
  return readPublicIdentity(readTextFile(path), basename(path));
}
