import type { Digest, KeyId } from '../../base/brand.ts';
import { utf8 } from '../../base/bytes.ts';
import { IntegrityError, RangeError, ShapeError, UnsupportedError } from '../../base/errors.ts';
import type { RunOptions } from '../../base/progress.ts';
import { CkksKeyHolder } from '../../ckks/key-holder.ts';
import type { Book, BookSource } from '../../domain/book.ts';
import type { Report } from '../../domain/report.ts';
import { grossValue, type ListedBasis, projectOnListed } from '../../risk/bases/listed.ts';
import { riskCircuit } from '../../risk/program.ts';
import { normaliseBook } from '../../risk/valuation.ts';
import type { AuditLog } from '../../trust/audit.ts';
import type { Vault } from '../../trust/custody/vault.ts';
import type { PublicIdentity } from '../../trust/identity.ts';
import { CkksOwner, describePlan, envelopeDigest, protectionOf } from '../ckks.ts';
import { PhaseClock } from '../clock.ts';
import { listedFacts, onChebyshev } from '../coordinates.ts';
import { assembleReport, ownResults } from '../report/assemble.ts';
import { type BookCoordinates, DEFAULT_PRECISION, type EngineRun } from '../task.ts';
import type { BasisProposal } from './basis-file.ts';
import { expectSame, type PublicDigests, type RunDescription } from './description.ts';
import {
  contractList,
  digestsOf,
  type PublicFiles,
  type PublicSide,
  planOf,
  publicSideOf,
  type RiskPlan,
} from './public-side.ts';

/** A book to protect, the public files it is valued with, and where the secrets of its owner are kept. */
export type ProtectRequest = Omit<PublicFiles, 'contracts' | 'proposal'> & {
  readonly vault: Vault;
  /** Read in blocks: only with the `chebyshev` basis. */
  readonly book: Book | BookSource;
  /** Contracts that may be held: a whole venue's, so that the engine does not learn which are. Default: those of the book. */
  readonly contracts?: PublicFiles['contracts'] | undefined;
  /** `chebyshev`: the terms are private too, and the owner proposes the basis. Default `listed`. */
  readonly basis?: 'listed' | 'chebyshev' | undefined;
  /** Wanted worst error of the P&L, as a fraction of gross. Default 1e-6. */
  readonly precision?: number | undefined;
  /** What an engine has said that it uses: refused before anything is protected where it differs. */
  readonly agreed?: Digest | undefined;
};

/** What the owner hands to an engine. */
export type ProtectedBook = {
  readonly description: RunDescription;
  /** Terms of the contracts, as positions of one unit each. */
  readonly contracts: Book;
  /** Where the book is not in the `listed` basis. */
  readonly proposal: BasisProposal | undefined;
  /** A signed envelope of ciphertexts. */
  readonly request: Uint8Array;
};

/** What the owner must still know when the answer comes. Secret. */
type PendingRun = {
  readonly l1: number;
  readonly positions: number;
  readonly bytesUp: number;
} & Pick<BookCoordinates, 'approximation' | 'description'>;

const pendingName = (request: Digest): string => `run-${request}`;

/**
 * Encrypts a book for an engine in another process. The key is the vault's newest enabled one for the plan's parameters, or a fresh one
 * that is sealed before anything leaves.
 *
 * Who learns what: whoever sees the result learns the contract list (or the proposed basis, and the terms of what is outside its domain), market, scenarios, {@link RunDescription.precision} and sizes;
 * nothing about quantities (RLWE, 128 bits).
 * @throws ShapeError, RangeError for a malformed request; IntegrityError where the agreed digest differs; CustodyError; PrecisionError.
 */
export async function protectBook(
  request: ProtectRequest,
  log: AuditLog,
  options: RunOptions = {},
): Promise<ProtectedBook> {
  const { vault, precision = DEFAULT_PRECISION } = request;
  if (!(precision > 0 && precision < 1)) {
    throw new RangeError(`expected a precision between 0 and 1 (a fraction of gross), found ${precision}`, {
      precision,
    });
  }
  const side = await ownSideOf(request, precision, options);
  if (request.agreed !== undefined && request.agreed !== side.valuation.digest) {
    throw new IntegrityError(
      `contracts, market or scenarios are not those of the engine: expected ${request.agreed}, found ${side.valuation.digest}; nothing was protected`,
    );
  }
  const { basis, x, gross, protocolError, approximation, description } = side;
  const { z, l1 } = normaliseBook(x, side.valuation.columnScale);
  const normalised = gross > 0 && l1 > 0 ? protocolError / l1 : precision;
  // A power of two: the exact ratio of gross to L1 is nobody's business.
  const published = 2 ** Math.floor(Math.log2(normalised));
  const plan = planOf(side, published);
  const keyHolder = await keyHolderFor(vault, plan, log, options);
  using owner = await CkksOwner.create(plan, log, { ...options, identity: vault.identity, keyHolder });
  const envelope = await owner.protect(z, options);
  const digest = envelopeDigest(envelope);
  const pending: PendingRun = {
    l1,
    positions: side.positions,
    bytesUp: envelope.length,
    approximation,
    description,
  };
  await vault.remember(pendingName(digest), utf8(JSON.stringify(pending)));
  return {
    description: { ...digestsOf(side, plan), precision: published, key: owner.keyId, request: digest },
    contracts: contractList(basis),
    proposal: basis.kind === 'listed' ? undefined : { settings: basis.settings, digest: basis.digest },
    request: envelope,
  };
}

type OwnSide = PublicSide &
  Omit<BookCoordinates, 'basis'> & { readonly x: Float64Array; readonly positions: number };

/** The public side as the owner makes it, and its book in it. */
async function ownSideOf(
  { book, contracts: listed, market, scenarios, basis: kind = 'listed' }: ProtectRequest,
  precision: number,
  options: RunOptions,
): Promise<OwnSide> {
  if (kind === 'chebyshev') {
    const request = { book, market, scenarios, ...options };
    const clock = new PhaseClock();
    const { basis, x, positions, valuedIn } = await onChebyshev(request, precision, clock);
    const coordinates = await valuedIn(scenarios, clock);
    return { ...coordinates, basis, x, positions, circuit: riskCircuit(coordinates.valuation) };
  }
  if ('read' in book) {
    throw new UnsupportedError(
      'a book that is read in blocks is encrypted in the chebyshev basis; give the listed one a book in memory',
    );
  }
  if (book.positions.length === 0) throw new ShapeError('the book is empty: there is nothing to protect');
  const contracts = listed ?? book.positions.map(({ instrument }) => instrument);
  const side = await publicSideOf({ contracts, market, scenarios }, options);
  const basis = side.basis as ListedBasis;
  const projected = projectOnListed(book, basis);
  const gross = grossValue(book, projected, side.valuation.unitValue);
  const { x } = projected;
  const positions = book.positions.length;
  return { ...side, x, positions, gross, protocolError: precision * gross, description: listedFacts(basis) };
}

/** An engine's answer and what it answers. */
export type RevealRequest = PublicFiles & {
  readonly vault: Vault;
  readonly description: RunDescription;
  readonly answer: Uint8Array;
  /** The engine, as pinned. */
  readonly engine: PublicIdentity;
  readonly open?: 'pnl' | 'figures' | undefined;
};

/**
 * Verifies an answer, decrypts it and reports. May be repeated: it is the owner's own result, read by the owner.
 * @throws IntegrityError for an answer that is not this engine's to this request, or other public files; CustodyError for a key that
 * is not enabled, or a request that this vault did not make.
 */
export async function revealAnswer(
  request: RevealRequest,
  log: AuditLog,
  clock: PhaseClock,
  options: RunOptions = {},
): Promise<Report> {
  const { vault, description, answer, engine } = request;
  const pending = JSON.parse(
    new TextDecoder().decode(await vault.recall(pendingName(description.request))),
  ) as PendingRun;
  const { side, plan } = await clock.time('prepare', async () => {
    const derived = await publicSideOf(request, options);
    return { side: derived, plan: planOf(derived, description.precision) };
  });
  const digests: PublicDigests = digestsOf(side, plan);
  expectSame(description, digests);
  const keyHolder = await clock.time('keys', () => openKey(vault, description.key, plan, options));
  using owner = await CkksOwner.create(plan, log, {
    ...options,
    identity: vault.identity,
    keyHolder,
    asked: description.request,
  });
  const outputs = await clock.time('release', () => owner.read(answer, engine, options));
  const run: EngineRun = {
    opened: 'pnl',
    outputs,
    error: plan.error,
    protection: protectionOf(plan, 'files'),
    parameters: describePlan(plan),
    cost: { bytesUp: pending.bytesUp, bytesDown: answer.length, rotations: plan.cost.rotations },
  };
  return assembleReport({
    engine: 'ckks',
    open: request.open,
    positions: pending.positions,
    scenarios: side.valuation.pnl.rows,
    basis: side.basis,
    coordinates: { approximation: pending.approximation, description: pending.description },
    results: ownResults(side.valuation, run, pending.l1),
    run,
    clock,
    log,
  });
}

async function keyHolderFor(
  vault: Vault,
  plan: RiskPlan,
  log: AuditLog,
  options: RunOptions,
): Promise<CkksKeyHolder> {
  const known = await vault.keyFor(plan.parameters.digest);
  if (known !== undefined) return openKey(vault, known.id, plan, options);
  const fresh = await CkksKeyHolder.create(plan.parameters, options);
  try {
    const secret = await fresh.exportKey(options);
    await vault.addKey(fresh.keyId, plan.parameters.digest, secret);
    secret.fill(0);
    log.append(vault.identity.name, 'keyCreated', plan.parameters.digest, `key ${fresh.keyId}`);
    return fresh;
  } catch (error) {
    fresh[Symbol.dispose]();
    throw error;
  }
}

async function openKey(vault: Vault, id: KeyId, plan: RiskPlan, options: RunOptions): Promise<CkksKeyHolder> {
  const secret = await vault.secretOf(id);
  try {
    return await CkksKeyHolder.import(id, plan.parameters, secret, {
      ...options,
      recover: () => vault.secretOf(id),
    });
  } finally {
    secret.fill(0);
  }
}
