/** Some whole rows of a CSV file under its header, as a text of its own. */
export type CsvBlock = {
  readonly text: string;
  /** Lines of the file between the header and the first of these rows. */
  readonly linesBefore: number;
};

/** Characters of a block: some ten thousand positions. */
const BLOCK_CHARS = 2 ** 20;
/** A longer record is given to the parser as it is, which refuses it: a quote was not closed. */
const LONGEST_RECORD = 2 ** 24;

/**
 * Cuts a CSV file into blocks of whole rows as it is read: memory does not grow with the file. Every block has the header, so that it is read like a
 * file. Quoted fields may hold line ends. A file without rows, or without anything, is one block.
 */
export async function* csvBlocks(
  chunks: AsyncIterable<string>,
  blockChars: number = BLOCK_CHARS,
): AsyncGenerator<CsvBlock, void, undefined> {
  const cutter = new BlockCutter();
  let pending = '';
  for await (const chunk of chunks) {
    pending += chunk;
    while (pending.length >= blockChars) {
      const end = cutter.endOfBlock(pending, pending.length < LONGEST_RECORD);
      if (end === undefined) break;
      yield cutter.take(pending.slice(0, end));
      pending = pending.slice(end);
    }
  }
  const rest = cutter.endOfLastLine(pending, pending.length);
  if (rest > 0 || !cutter.started) yield cutter.take(pending.slice(0, rest));
}

class BlockCutter {
  #header: string | undefined;
  /** Physical lines of the header, and of the file before the next row. */
  #headerLines = 0;
  #linesRead = 0;

  get started(): boolean {
    return this.#header !== undefined;
  }

  /** Where the last whole row ends that is followed by something. Undefined: read on. */
  endOfBlock(text: string, mayWait: boolean): number | undefined {
    const [first, last] = lineEndsOutsideQuotes(text);
    // Blank lines at the end go to the next block: whether they are the file's last is not known yet.
    const end = last === undefined ? 0 : this.endOfLastLine(text, last + 1);
    const hasRow = end > 0 && (this.started || (first !== undefined && end > first + 1));
    if (hasRow) return text.startsWith('\r\n', end) ? end + 2 : end + 1;
    return mayWait ? undefined : text.length;
  }

  /** `end` without the line ends before it. */
  endOfLastLine(text: string, end: number): number {
    let at = end;
    while (at > 0 && (text[at - 1] === '\n' || text[at - 1] === '\r')) at--;
    return at;
  }

  take(text: string): CsvBlock {
    const linesBefore = this.started ? this.#linesRead - this.#headerLines : 0;
    const withHeader = this.#header === undefined ? text : `${this.#header}\n${text}`;
    if (this.#header === undefined) {
      this.#header = text.slice(0, lineEndsOutsideQuotes(text)[0] ?? text.length).replace(/\r$/, '');
      this.#headerLines = 1 + countLineEnds(this.#header);
    }
    this.#linesRead += countLineEnds(text);
    return { text: withHeader, linesBefore };
  }
}

/** Positions of the first and the last line end that is not inside a quoted field. */
function lineEndsOutsideQuotes(text: string): readonly [first: number | undefined, last: number | undefined] {
  let first: number | undefined;
  let last: number | undefined;
  for (let from = 0; from <= text.length; ) {
    const opening = text.indexOf('"', from);
    const to = opening < 0 ? text.length : opening;
    const found = text.lastIndexOf('\n', to - 1);
    if (to > from && found >= from) {
      last = found;
      first ??= text.indexOf('\n', from);
    }
    if (opening < 0) break;
    const closing = text.indexOf('"', opening + 1);
    if (closing < 0) break;
    from = closing + 1;
  }
  return [first, last];
}

function countLineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
