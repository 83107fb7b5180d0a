import type { WriteStream } from 'node:tty'
import { type Paint, paintFor } from './paint.ts'

const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
/** Without wrapping, a line that is wider than it looks cannot upset the count of lines to go back. */
const NO_WRAP = '\x1b[?7l'
const WRAP = '\x1b[?7h'
const CLEAR_BELOW = '\x1b[J'

/** A terminal, or anything else that text can be written to. */
export type OutputStream = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>

/**
 * Where a command writes: results to standard output, everything about the way there to standard error, so that
 * results can be piped. On a terminal the lower end of the latter is a live region that is drawn again and again.
 */
export class Terminal {
  readonly paint: Paint
  readonly outPaint: Paint
  /** Whether a live region is shown at all. */
  readonly isLive: boolean
  readonly #out: OutputStream
  readonly #err: OutputStream
  #live: readonly string[] = []
  /** A line about what goes on is not whole yet. */
  #isLineOpen = false

  constructor(options: { json: boolean; out?: OutputStream; err?: OutputStream }) {
    this.#out = options.out ?? process.stdout
    this.#err = options.err ?? process.stderr
    this.paint = paintFor(this.#err)
    this.outPaint = paintFor(this.#out)
    this.isLive = Boolean(this.#err.isTTY) && !options.json
  }

  /** Whether somebody sits in front of the results. */
  get isInteractive(): boolean {
    return Boolean(this.#out.isTTY)
  }

  /** Of standard output; undefined where lines have no end. */
  get columns(): number | undefined {
    return this.#out.columns
  }

  get liveColumns(): number {
    return this.#err.columns ?? 80
  }

  get liveRows(): number {
    return this.#err.rows ?? 24
  }

  /** A result. */
  print(...lines: readonly string[]): void {
    this.#closeLine()
    this.clearLive()
    for (const line of lines) this.#out.write(`${line}\n`)
  }

  /** A result for programs: one document, one line. */
  printJson(value: unknown): void {
    this.print(JSON.stringify(value))
  }

  /** A line about what goes on, above the live region. */
  log(...lines: readonly string[]): void {
    this.#closeLine()
    const live = this.#live
    this.clearLive()
    for (const line of lines) this.#err.write(`${line}\n`)
    if (live.length > 0) this.drawLive(live)
  }

  /**
   * Text about what goes on as it comes, where there is no live region.
   * @param options.goesOn on the line that was written last; otherwise a new one begins
   */
  stream(text: string, { goesOn = false }: { goesOn?: boolean } = {}): void {
    if (!goesOn) this.#closeLine()
    this.#err.write(text)
    this.#isLineOpen = !text.endsWith('\n')
  }

  /** Draws the live region anew, in one write. Does nothing where there is none. */
  drawLive(lines: readonly string[]): void {
    if (!this.isLive) return
    const start = this.#live.length === 0 ? HIDE_CURSOR : back(this.#live.length)
    this.#err.write(`${start}${CLEAR_BELOW}${NO_WRAP}${lines.map((line) => `${line}\n`).join('')}${WRAP}`)
    this.#live = lines
  }

  #closeLine(): void {
    if (this.#isLineOpen) this.#err.write('\n')
    this.#isLineOpen = false
  }

  /** Takes the live region away. */
  clearLive(): void {
    if (this.#live.length === 0) return
    this.#err.write(`${back(this.#live.length)}${CLEAR_BELOW}${SHOW_CURSOR}`)
    this.#live = []
  }
}

function back(lines: number): string {
  return `\x1b[${lines}A\r`
}
