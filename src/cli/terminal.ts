import type { Progress } from '../base/progress.ts';

/** Where a command prints: results on stdout, everything else on stderr. */
export type Terminal = {
  readonly print: (text: string) => void;
  readonly note: (text: string) => void;
  /** Draws a bar on a terminal, nothing on a pipe. */
  readonly progress: ((label: string) => (progress: Progress) => void) | undefined;
  /** Removes the bar. */
  readonly clear: () => void;
};

const BAR = 24;

export function createTerminal(options: { readonly quiet: boolean }): Terminal {
  const { stdout, stderr } = process;
  const draws = stderr.isTTY && !options.quiet;
  let drawn = false;
  const clear = () => {
    if (drawn) stderr.write('\r\x1b[2K');
    drawn = false;
  };
  const draw = (label: string, { phase, done, total }: Progress) => {
    const share = total > 0 ? Math.min(1, done / total) : 0;
    const filled = Math.round(share * BAR);
    stderr.write(
      `\r\x1b[2K${label} ${phase} ${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${Math.round(share * 100)} %`,
    );
    drawn = true;
  };
  return {
    print: (text) => {
      clear();
      stdout.write(text);
    },
    note: (text) => {
      clear();
      if (!options.quiet) stderr.write(text);
    },
    progress: draws ? (label) => (progress) => draw(label, progress) : undefined,
    clear,
  };
}
