/** Guards: custody of keys, signed envelopes, release of results, audit log. */
export {
  type AuditEntry,
  AuditLog,
  auditLines,
  type InclusionProof,
  parseAuditLines,
  proveInclusion,
  verifyCheckpoint,
  verifyInclusion,
} from './audit.ts';
export { createTlsIdentity, pinOf, type TlsIdentity } from './certificate.ts';
export { packVault, unpackVault } from './custody/backup.ts';
export { SCRYPT_COST, type ScryptCost } from './custody/sealing.ts';
export { type KeyRecord, type KeyStatus, Vault, type VaultFiles } from './custody/vault.ts';
export {
  type EnvelopeExpectation,
  type EnvelopeHeader,
  type EnvelopeItem,
  openEnvelope,
  sealEnvelope,
} from './envelope.ts';
export { createIdentity, type Identity, type PublicIdentity } from './identity.ts';
export { openNote, signNote } from './note.ts';
export {
  type OutputOf,
  type ReleasablePlan,
  ReleaseGuard,
  type ReleaseRequest,
  type ResultsOf,
} from './release.ts';
