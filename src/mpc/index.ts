/**
 * Circuits on Shamir shares: plan one (`planMpc` for a linear one, `planCircuit` for any), then rehearse it in this process or play its roles
 * over a transport.
 */

export { FieldVector } from '../kernels/field-vector.ts';
export type { Field127Kernels, FieldMatrix } from '../kernels/field127.ts';
export { loadField127 } from '../kernels/field127.ts';
export type { CircuitOptions, CircuitPlan } from './circuit/plan-circuit.ts';
export { planCircuit } from './circuit/plan-circuit.ts';
export type { MadeBits } from './circuit/prepare-bits.ts';
export { prepareBits } from './circuit/prepare-bits.ts';
export type { CircuitFormat } from './circuit/run-circuit.ts';
export type { PartyCount } from './circuit/run-party.ts';
export { runCircuitParty } from './circuit/run-party.ts';
export type { BitStock, BitsNeeded, PreparedBits } from './engine/bit-stock.ts';
export type { Security } from './engine/protocol.ts';
export { decodeFixed, encodeFixed } from './field.ts';
export type { Frame, FrameKind } from './frame.ts';
export { encodeFrame, FRAME_HEADER_BYTES, MAX_FRAME_BYTES, parseFrame } from './frame.ts';
export type { Intercept, Traffic, Transit } from './in-process-transport.ts';
export { InProcessNetwork } from './in-process-transport.ts';
export type { MpcCost, MpcOptions, MpcPlan, MpcSecurity, OutsideRole } from './plan.ts';
export { planMpc } from './plan.ts';
export { runOwner, runParty, runRecipient } from './roles.ts';
export type { InProcessOptions, MpcResult } from './run.ts';
export { runInProcess } from './run.ts';
export type { SessionOptions } from './session.ts';
export { Session } from './session.ts';
export type { Corrected, Share, SharingScheme } from './sharing.ts';
export { dealShares, reconstruct, reconstructRobust } from './sharing.ts';
export type { LostShare, Opened, StoredShare } from './stored/index.ts';
export {
  acceptShare,
  dealStored,
  helpRecover,
  openStored,
  recoverShare,
  refreshShare,
  storedTerms,
} from './stored/index.ts';
export type { Transport } from './transport.ts';
