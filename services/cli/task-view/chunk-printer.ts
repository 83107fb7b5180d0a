import type { WatchedChunks } from '#schemas/step-chunks.ts'
import type { Terminal } from '../output/terminal.ts'
import { printable } from '../output/terminal-text.ts'
import { stepMark } from './render-task.ts'

/** Text without a line break is told as a line of its own when it is so long. Characters. */
const LONGEST_LINE = 4000

type Out = Pick<Terminal, 'isLive' | 'log' | 'stream'>

/**
 * What steps emit, as people read it: text as it comes, behind the name of its step; other JSON on lines of its own; and what is
 * missing or starts again is said. Lines go above the live region, which shows those that are not whole yet; without one,
 * text is written as it comes.
 */
export class ChunkPrinter {
  readonly #out: Out
  /** By step: what came since its last line break. */
  readonly #open = new Map<string, string>()
  /** Without a live region: whose line is being written. */
  #writing: string | undefined

  constructor(out: Out) {
    this.#out = out
  }

  add({ stepId, attempt, chunks, cut, restarts }: WatchedChunks): void {
    if (restarts) {
      this.endOf(stepId)
      this.#note(`${stepMark('backoff').mark} ${stepId} attempt ${attempt}: starts again`)
    }
    if (cut !== undefined) {
      this.endOf(stepId)
      this.#note(`… ${stepId}: ${cut} ${cut === 1 ? 'chunk' : 'chunks'} not shown`)
    }
    for (const chunk of chunks) {
      if (typeof chunk === 'string') this.#text(stepId, chunk)
      else {
        this.endOf(stepId)
        this.#text(stepId, `${JSON.stringify(chunk)}\n`)
      }
    }
  }

  /** The lines that are not whole yet, for the live region. */
  get openLines(): string[] {
    return [...this.#open].map(([stepId, text]) => lineOf(stepId, text))
  }

  /** The step emits nothing more: its last line is whole. */
  endOf(stepId: string): void {
    if (this.#open.has(stepId)) this.#text(stepId, '\n')
  }

  end(): void {
    for (const stepId of [...this.#open.keys()]) this.endOf(stepId)
  }

  /** Something else was written: a line that was begun goes on behind the name of its step. */
  interrupted(): void {
    this.#writing = undefined
  }

  #note(text: string): void {
    this.#out.log(text)
    this.interrupted()
  }

  #text(stepId: string, text: string): void {
    const [first = '', ...more] = text.split(/\r?\n/)
    this.#append(stepId, first)
    for (const line of more) {
      this.#close(stepId)
      if (line !== '') this.#append(stepId, line)
    }
  }

  #append(stepId: string, text: string): void {
    const open = this.#open.get(stepId) ?? ''
    this.#open.set(stepId, open + text)
    if (!this.#out.isLive && text !== '') {
      const isOwn = this.#writing === stepId
      this.#out.stream(isOwn ? printable(text) : lineOf(stepId, open + text), { goesOn: isOwn })
      this.#writing = stepId
    }
    if (open.length + text.length > LONGEST_LINE) this.#close(stepId)
  }

  #close(stepId: string): void {
    const text = this.#open.get(stepId) ?? ''
    this.#open.delete(stepId)
    if (this.#out.isLive) this.#out.log(lineOf(stepId, text))
    // What was begun is there already.
    else if (this.#writing === stepId) this.#out.stream('\n', { goesOn: true })
    else if (text === '') this.#out.stream(`${lineOf(stepId, text)}\n`)
    if (!this.#out.isLive) this.interrupted()
  }
}

function lineOf(stepId: string, text: string): string {
  return `${printable(stepId)} │ ${printable(text)}`
}
