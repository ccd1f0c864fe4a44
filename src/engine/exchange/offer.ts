import type { Digest } from '../../base/brand.ts';
import { IntegrityError } from '../../base/errors.ts';
import type { RunOptions } from '../../base/progress.ts';
import type { Identity, PublicIdentity } from '../../trust/identity.ts';
import { openNote, signNote } from '../../trust/note.ts';
import { type PublicFiles, publicSideOf } from './public-side.ts';

const FIRST_LINE = 'blindrisk/offer/1';

/**
 * An engine's word on the contracts, market and scenarios that it uses: a signed note of their digest, so that an owner with others
 * finds out before it protects anything.
 */
export async function makeOffer(
  files: PublicFiles,
  identity: Identity,
  options: RunOptions = {},
): Promise<string> {
  const { valuation } = await publicSideOf(files, options);
  return signNote(`${FIRST_LINE}\n${valuation.digest}\n`, identity);
}

/** The digest that the engine offers. @throws IntegrityError unless this engine signed it. */
export function readOffer(note: string, engine: PublicIdentity): Digest {
  const [first, digest, ...rest] = openNote(note, engine).split('\n');
  if (first !== FIRST_LINE || digest === undefined || rest.join() !== '') {
    throw new IntegrityError('the note is signed by the engine, but it is no offer');
  }
  return digest as Digest;
}
