/** The tally of a run, as tap counts assertions. */
export interface TapTally {
  passed: number
  failed: number
  skipped: number
}

/**
 * Reads tap's output and turns it into one line per test file, with the whole block of a file that failed.
 * tap writes the block of one file in one piece, also when files run side by side.
 */
export class TapProgress {
  #block: string[] = []
  #rest = ''
  #tally: TapTally = { passed: 0, failed: 0, skipped: 0 }
  readonly #failedFiles: string[] = []
  readonly #print: (line: string) => void

  constructor(print: (line: string) => void) {
    this.#print = print
  }

  get tally(): TapTally {
    return this.#tally
  }

  /** Paths of the test files that failed, in the order of their ends. */
  get failedFiles(): readonly string[] {
    return this.#failedFiles
  }

  write(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n')
    this.#rest = lines.pop()!
    for (const line of lines) this.#read(line)
  }

  #read(line: string): void {
    const total = /^# \{ total: \d+.*\}$/.exec(line)
    if (total) {
      this.#tally = parseTally(line)
      return
    }
    const end = /^(not )?ok \d+ - (.+?)(?: # time=([\d.]+m?s))?( # (?:SKIP|TODO).*)?(?: \{)?$/.exec(line)
    if (!end) {
      this.#block.push(line)
      return
    }
    const [, failed, file, time] = end
    if (failed) {
      for (const held of this.#block) this.#print(held)
      this.#failedFiles.push(file!)
    }
    this.#print(`${failed ? '✗' : '✓'} ${file}${time ? ` (${time})` : ''}`)
    this.#block = []
  }
}

function parseTally(line: string): TapTally {
  const count = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(line)?.[1] ?? 0)
  return { passed: count('pass'), failed: count('fail'), skipped: count('skip') + count('todo') }
}
