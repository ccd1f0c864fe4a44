/** Guards: signed envelopes, release of results, audit log. */
export { type AuditEntry, AuditLog, verifyCheckpoint } from './audit.ts';
export { createTlsIdentity, pinOf, type TlsIdentity } from './certificate.ts';
export {
  type EnvelopeExpectation,
  type EnvelopeHeader,
  type EnvelopeItem,
  openEnvelope,
  sealEnvelope,
} from './envelope.ts';
export { createIdentity, type Identity, type PublicIdentity } from './identity.ts';
export { ReleaseGuard, type ReleaseRequest } from './release.ts';
