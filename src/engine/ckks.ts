import type { Digest, KeyId } from '../base/brand.ts';
import { hex } from '../base/bytes.ts';
import { sha256Of } from '../base/digest.ts';
import type { RunOptions } from '../base/progress.ts';
import {
  type CoefficientContract,
  type CoefficientPlan,
  contractOf,
  planCoefficients,
  resultScaleBits,
} from '../ckks/coefficient-plan.ts';
import { type CkksEvaluator, ckksEvaluator } from '../ckks/evaluator.ts';
import { CkksKeyHolder } from '../ckks/key-holder.ts';
import { FAILURE_BITS } from '../ckks/noise.ts';
import { columnsOfChunk, rowsOfOutput } from '../ckks/packing.ts';
import { dataPrimesOf, modulusBits, primeBitsOf } from '../ckks/parameters.ts';
import { requestLength, responseLength } from '../ckks/response.ts';
import { publicKeyBytes } from '../ckks/slots/keys.ts';
import type { Json } from '../domain/report.ts';
import type { RiskInput, RiskOutput } from '../risk/program.ts';
import type { AuditLog } from '../trust/audit.ts';
import {
  type EnvelopeExpectation,
  type EnvelopeItem,
  openEnvelope,
  sealEnvelope,
} from '../trust/envelope.ts';
import { createIdentity, type Identity, type PublicIdentity } from '../trust/identity.ts';
import { ReleaseGuard } from '../trust/release.ts';
import type { PhaseClock } from './clock.ts';
import type { Protection } from './ledger/risk.ts';
import type { EngineRun, RiskTask } from './task.ts';

type RiskPlan = CoefficientPlan<RiskInput, RiskOutput>;
/** What an owner works from: a plan, or the contract of an engine that hides its matrix. */
type RiskContract = CoefficientContract<RiskInput, RiskOutput>;

/** Label of a run that never leaves this process. */
const RESIDENCY = 'local';

/** Names a request in the envelope that answers it. */
export const envelopeDigest = (bytes: Uint8Array): Digest => hex(sha256Of(bytes)) as Digest;

/** What an owner brings along instead of making it. */
export type OwnerOptions = RunOptions & {
  readonly identity?: Identity | undefined;
  /** A key for the plan's parameters, out of custody. The owner disposes of it. */
  readonly keyHolder?: CkksKeyHolder | undefined;
  /** The request that awaits its answer, where another process sent it. */
  readonly asked?: Digest | undefined;
};

/** What owner and engine compare on every message, derived by each from its own plan. */
function expectation(
  plan: CoefficientContract,
  key: KeyId,
  sender: PublicIdentity,
  answers: Digest | '',
): EnvelopeExpectation {
  const { packing, parameters } = plan;
  const upward = answers === '';
  const item = upward
    ? { level: parameters.dataPrimeBits.length - 1, scaleBits: plan.inputScaleBits }
    : { level: plan.response.primes - 1, scaleBits: resultScaleBits(plan) };
  const bytesUp = requestLength(dataPrimesOf(parameters), parameters.degree);
  const segments = upward
    ? Array.from({ length: packing.chunks }, (_, chunk) => columnsOfChunk(packing, chunk))
    : Array.from({ length: packing.outputs }, (_, output) => rowsOfOutput(packing, output));
  const items = segments.map(([from, to]) => ({
    name: upward ? `columns ${from}` : `rows ${from}`,
    length: to - from,
    bytes: upward ? bytesUp : responseLength(plan.response, parameters.degree, to - from),
    ...item,
  }));
  // What the engine encrypts zeros with, under the key of these ciphertexts and signed with them.
  if (upward && plan.hiding !== undefined) items.push(publicKeyItem(plan));
  return {
    kind: upward ? 'inputCiphertexts' : 'resultCiphertexts',
    sender,
    answers,
    parameters: parameters.digest,
    key,
    circuit: plan.circuit.digest,
    residency: RESIDENCY,
    items,
    mayBeAbsent: !upward,
  };
}

function publicKeyItem({ parameters }: CoefficientContract): EnvelopeItem {
  const dataPrimes = parameters.dataPrimeBits.length;
  const bytes = publicKeyBytes({ degree: parameters.degree, dataPrimes });
  return { name: 'public key', length: 0, level: dataPrimes, scaleBits: 0, bytes };
}

/** Holds the book and the key. Learns everything about its own book; sends ciphertexts only. */
export class CkksOwner implements Disposable {
  readonly identity: Identity;
  readonly #plan: RiskContract;
  readonly #keyHolder: CkksKeyHolder;
  readonly #guard: ReleaseGuard<RiskContract>;
  readonly #log: AuditLog;
  /** Made for the first request to an engine that hides its matrix. */
  #publicKey: Uint8Array | undefined;
  /** The request that awaits its answer. */
  #asked: Digest;

  private constructor(
    plan: RiskContract,
    identity: Identity,
    keyHolder: CkksKeyHolder,
    asked: Digest | undefined,
    log: AuditLog,
  ) {
    this.identity = identity;
    this.#plan = plan;
    this.#keyHolder = keyHolder;
    this.#asked = asked ?? ('nothing' as Digest);
    this.#log = log;
    this.#guard = new ReleaseGuard(keyHolder, plan, identity.name, log);
  }

  /** With a fresh identity and key, or with those given. */
  static async create(plan: RiskContract, log: AuditLog, options: OwnerOptions = {}): Promise<CkksOwner> {
    const { identity = createIdentity('owner'), keyHolder, asked } = options;
    if (keyHolder !== undefined) return new CkksOwner(plan, identity, keyHolder, asked, log);
    const fresh = await CkksKeyHolder.create(plan.parameters, options);
    log.append(identity.name, 'keyCreated', plan.parameters.digest, `key ${fresh.keyId}`);
    return new CkksOwner(plan, identity, fresh, asked, log);
  }

  get keyId(): KeyId {
    return this.#keyHolder.keyId;
  }

  get guard(): ReleaseGuard<RiskContract> {
    return this.#guard;
  }

  /** Encrypts the normalised book into a signed envelope. */
  async protect(z: Float64Array, options: RunOptions = {}): Promise<Uint8Array> {
    const ciphertexts = await this.#keyHolder.encrypt(this.#plan, { book: z }, options);
    const hiding = this.#plan.hiding !== undefined;
    this.#publicKey ??= hiding ? await this.#keyHolder.publicKey(options) : undefined;
    const header = expectation(this.#plan, this.keyId, this.identity, '');
    this.#log.append(
      this.identity.name,
      'protected',
      this.#plan.circuit.digest,
      `${ciphertexts.length} ciphertexts`,
    );
    const envelope = sealEnvelope(
      header,
      this.#publicKey === undefined ? ciphertexts : [...ciphertexts, this.#publicKey],
      this.identity,
    );
    this.#asked = envelopeDigest(envelope);
    return envelope;
  }

  /** Verifies the engine's answer to the latest request and reads it. @throws IntegrityError */
  async read(
    answer: Uint8Array,
    engine: PublicIdentity,
    options: RunOptions = {},
  ): Promise<Record<RiskOutput, Float64Array>> {
    return this.#guard.readAsOwner(this.open(answer, engine), options);
  }

  /** Verifies an answer without decrypting it. @throws IntegrityError */
  open(answer: Uint8Array, engine: PublicIdentity): readonly (Uint8Array | null)[] {
    return openEnvelope(answer, expectation(this.#plan, this.keyId, engine, this.#asked));
  }

  /** SEAL objects that a call has forgotten to free: zero, always. */
  liveObjects(): Promise<number> {
    return this.#keyHolder.liveObjects();
  }

  /** Ends this owner's part and hands its key on. */
  surrenderKey(): CkksKeyHolder {
    return this.#keyHolder;
  }

  [Symbol.dispose](): void {
    this.#keyHolder[Symbol.dispose]();
  }
}

/** Evaluates on ciphertexts. Learns the public contracts, the size of the plan and nothing about quantities. */
export class CkksEngine implements Disposable {
  readonly identity: Identity;
  readonly #plan: RiskPlan;
  readonly #contract: RiskContract;
  readonly #evaluator: CkksEvaluator;
  readonly #log: AuditLog;

  private constructor(plan: RiskPlan, identity: Identity, evaluator: CkksEvaluator, log: AuditLog) {
    this.identity = identity;
    this.#plan = plan;
    this.#contract = plan.hiding === undefined ? plan : contractOf(plan);
    this.#evaluator = evaluator;
    this.#log = log;
  }

  /** Encodes the plan's matrix once, for any number of clients. */
  static async create(
    plan: RiskPlan,
    log: AuditLog,
    options: RunOptions & { readonly identity?: Identity | undefined } = {},
  ): Promise<CkksEngine> {
    const { identity = createIdentity('engine') } = options;
    return new CkksEngine(plan, identity, await ckksEvaluator(plan, options), log);
  }

  /** What owners work from: the plan, or all of it but a matrix that is hidden from them. */
  get contract(): RiskContract {
    return this.#contract;
  }

  get products(): number {
    return this.#evaluator.products;
  }

  /** Kernels of our own, or node-seal: the same responses to the bit. */
  get runsOn(): string {
    return this.#evaluator.runsOn;
  }

  /** Verifies an owner's envelope, evaluates, and signs the answer. @throws IntegrityError */
  async serve(
    envelope: Uint8Array,
    client: { readonly identity: PublicIdentity; readonly keyId: KeyId },
    options: RunOptions = {},
  ): Promise<{ readonly answer: Uint8Array; readonly productMs: number }> {
    const expected = expectation(this.contract, client.keyId, client.identity, '');
    // None is absent: the expectation says so.
    const items = openEnvelope(envelope, expected) as readonly Uint8Array[];
    const inputs = items.slice(0, this.#plan.packing.chunks);
    const publicKey = items[inputs.length];
    this.#log.append(
      this.identity.name,
      'received',
      this.#plan.circuit.digest,
      `${inputs.length} ciphertexts`,
    );
    const { ciphertexts, productMs } = await this.#evaluator.evaluate(inputs, { ...options, publicKey });
    this.#log.append(this.identity.name, 'evaluated', this.#plan.circuit.digest, `${this.products} products`);
    const header = expectation(this.contract, client.keyId, this.identity, envelopeDigest(envelope));
    return { answer: sealEnvelope(header, ciphertexts, this.identity), productMs };
  }

  /** SEAL objects that a call has forgotten to free: zero, always. */
  liveObjects(): Promise<number> {
    return this.#evaluator.liveObjects();
  }

  [Symbol.dispose](): void {
    this.#evaluator[Symbol.dispose]();
  }
}

/** Owner and engine in one process, each with its own SEAL in its own worker; only envelopes pass between them. */
export async function runCkks(task: RiskTask): Promise<EngineRun> {
  const { circuit, outputPrecision, clock, log, book, request, keys } = task;
  const options: RunOptions = { signal: request.signal, onProgress: request.onProgress };
  const plan = await clock.time('prepare', () => planCoefficients(circuit, { precision: outputPrecision }));
  log.append(createdBy, 'planned', circuit.digest, `parameters ${plan.parameters.digest}`);
  const keyHolder = keys?.take(plan.parameters.digest);
  const { owner, engine } = await setUp(plan, clock, log, { ...options, keyHolder });
  let done = false;
  try {
    const envelope = await clock.time('protect', () => owner.protect(book.z, options));
    const { answer } = await clock.time('evaluate', () => engine.serve(envelope, owner, options));
    const outputs = await clock.time('release', () => owner.read(answer, engine.identity, options));
    done = true;
    return {
      opened: 'pnl',
      outputs,
      error: plan.error,
      protection: protectionOf(plan, 'oneProcess'),
      parameters: describePlan(plan, engine),
      cost: { bytesUp: envelope.length, bytesDown: answer.length, rotations: plan.cost.rotations },
    };
  } finally {
    if (done && keys !== undefined) keys.giveBack(owner.surrenderKey());
    else owner[Symbol.dispose]();
    engine[Symbol.dispose]();
  }
}

const createdBy = 'engine' as Identity['name'];

/** Both sides start at the same time; if one fails, the other is not left running. */
async function setUp(
  plan: RiskPlan,
  clock: PhaseClock,
  log: AuditLog,
  options: OwnerOptions,
): Promise<{ readonly owner: CkksOwner; readonly engine: CkksEngine }> {
  const [owner, engine] = await Promise.allSettled([
    clock.time('keys', () => CkksOwner.create(plan, log, options)),
    clock.time('prepare', () =>
      CkksEngine.create(plan, log, { signal: options.signal, onProgress: options.onProgress }),
    ),
  ]);
  if (owner.status === 'fulfilled' && engine.status === 'fulfilled')
    return { owner: owner.value, engine: engine.value };
  if (owner.status === 'fulfilled') owner.value[Symbol.dispose]();
  if (engine.status === 'fulfilled') engine.value[Symbol.dispose]();
  throw owner.status === 'rejected' ? owner.reason : (engine as PromiseRejectedResult).reason;
}

/** How a plan protects, for the privacy ledger. */
export function protectionOf({ parameters }: RiskPlan, roles: 'oneProcess' | 'files'): Protection {
  return { kind: 'ciphertexts', securityBits: parameters.securityBits, roles };
}

/** A plan as a report states it; with what only the engine knows, where it is at hand. */
export function describePlan(
  plan: RiskPlan,
  engine?: Pick<CkksEngine, 'products' | 'runsOn'>,
): Record<string, Json> {
  const { parameters, packing, response, flooding } = plan;
  return {
    scheme: 'CKKS, coefficient packing, symmetric seeded encryption',
    ...(engine === undefined ? {} : { evaluator: engine.runsOn }),
    degree: parameters.degree,
    primes: [...primeBitsOf(parameters)],
    modulusBits: modulusBits(parameters),
    securityBits: parameters.securityBits,
    scale: { inputBits: plan.inputScaleBits, matrixBits: plan.matrixScaleBits },
    packing: {
      ciphertextsUp: packing.chunks,
      ciphertextsDown: packing.outputs,
      ...(engine === undefined ? {} : { products: engine.products }),
    },
    response: {
      primes: response.primes,
      bytesPerCoefficient: response.coefficients.reduce((sum, { bytes }) => sum + bytes, 0),
    },
    errorFailureProbability: `2^-${FAILURE_BITS}`,
    flooding: flooding === undefined ? 'none: read by the key owner' : { ...flooding },
    parametersDigest: parameters.digest,
    circuit: plan.circuit.digest,
  };
}
