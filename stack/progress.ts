/** Tells the person who waits what is being done. */
export interface Progress {
  step<T>(title: string, work: () => Promise<T>): Promise<T>;
  note(text: string): void;
}

/** One line per step, with its time; on a terminal the line stands there while the step runs. */
export function consoleProgress(out: NodeJS.WriteStream = process.stdout): Progress {
  return {
    async step(title, work) {
      const began = performance.now();
      if (out.isTTY) out.write(`  … ${title}`);
      const finish = (mark: string) => {
        const seconds = ((performance.now() - began) / 1000).toFixed(1);
        out.write(`${out.isTTY ? "\r" : ""}  ${mark} ${title} (${seconds} s)\n`);
      };
      try {
        const result = await work();
        finish("✓");
        return result;
      } catch (error) {
        finish("✗");
        throw error;
      }
    },
    note(text) {
      out.write(`  · ${text}\n`);
    },
  };
}
