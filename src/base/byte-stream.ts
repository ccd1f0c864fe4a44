import { IntegrityError, UnsupportedError } from './errors.ts';

/** Bytes that are read once, in order: a file, or what arrives from elsewhere. */
export interface ByteStream {
  /** All of them. */
  readonly length: number;
  /** Fills the array with the next bytes. @throws IntegrityError where there are fewer. */
  read(into: Uint8Array): Promise<void>;
}

/** A file, where the platform has files (Node, Deno). @throws UnsupportedError elsewhere. */
export async function openFile(path: string): Promise<ByteStream & AsyncDisposable> {
  const files = globalThis.process?.getBuiltinModule?.('node:fs/promises');
  if (files === undefined)
    throw new UnsupportedError('this platform has no files: give the bytes themselves');
  const handle = await files.open(path, 'r');
  let length: number;
  try {
    length = (await handle.stat()).size;
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    length,
    async read(into) {
      for (let done = 0; done < into.length; ) {
        const { bytesRead } = await handle.read(into, done, into.length - done);
        if (bytesRead === 0) {
          throw new IntegrityError(`expected ${into.length - done} bytes more, found the end of the file`);
        }
        done += bytesRead;
      }
    },
    async [Symbol.asyncDispose]() {
      await handle.close();
    },
  };
}
