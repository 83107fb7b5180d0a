import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { StepMessage } from '#schemas/step-message.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { jsonFault } from './json-fault.ts'

export interface ChunkEmitterDeps {
  bus: Pick<Bus, 'publishCore' | 'serveSubject'>
  clock: Pick<Clock, 'nowMs' | 'sleep'>
  log: Pick<Log, 'warn'>
  metrics?: Pick<Metrics, 'counter'> | undefined
}

/** What is emitted within it travels in one message: twenty a second are as smooth as anybody sees. */
export const WINDOW_MS = 50
/** A character takes six bytes of JSON at most. */
const TEXT_PIECE = Math.floor((LIMITS.chunkBytes - 2) / 6)
const REPLAY_QUEUE = 'chunk-replay'
const TOO_MUCH = `more than ${LIMITS.chunkWindowBytes} bytes were emitted within ${WINDOW_MS} ms`

/** A chunk as JSON, with its number. */
interface Chunk {
  readonly n: number
  readonly json: string
  readonly bytes: number
}

/**
 * Tells watchers what one run of a step emits, on core NATS: nobody is waited for, and nothing is sent as long as nothing is emitted.
 * Keeps the latest of it, so that who comes late can ask for it. Each bound has a behaviour: long text is cut into pieces, text
 * within a window is put together, and what is too large, too much or no JSON is left out, but has its number, so that watchers know.
 */
export class ChunkEmitter {
  readonly #step: StepMessage
  readonly #delivery: number
  readonly #deps: ChunkEmitterDeps
  readonly #kept: Chunk[] = []
  #keptBytes = 0
  /** The number of the last chunk. */
  #last = 0
  #pending: Chunk[] = []
  #pendingBytes = 0
  /** Text that waits for more of it. */
  #text = ''
  /** Set as long as messages have to wait: one was sent just now. */
  #window: AbortController | undefined
  #unserve: (() => void) | undefined
  #isOver = false
  #hasWarned = false

  /** @param delivery how often the attempt had been handed out when this run began */
  constructor(step: StepMessage, delivery: number, deps: ChunkEmitterDeps) {
    this.#step = step
    this.#delivery = delivery
    this.#deps = deps
  }

  /** Never throws: what it can't send must not end a step. After the end of the run it does nothing. */
  emit(value: unknown): void {
    if (this.#isOver) return
    this.#unserve ??= this.#serve()
    if (typeof value === 'string') this.#addText(value)
    else this.#addValue(value)
    if (!this.#window) this.#flush()
  }

  /** Sends what waits. The run is over: its output says what counts, and nothing is kept. */
  end(): void {
    if (this.#isOver) return
    this.#flush()
    this.#isOver = true
    this.#window?.abort()
    this.#unserve?.()
    this.#kept.length = 0
  }

  #addText(text: string): void {
    // Characters, not bytes: a window bounds how much is told, and text is what there is most of.
    if (this.#pendingBytes + this.#text.length + text.length <= LIMITS.chunkWindowBytes) this.#text += text
    else {
      this.#closeText()
      this.#leaveOut(TOO_MUCH)
    }
  }

  #addValue(value: unknown): void {
    this.#closeText()
    const json = jsonOf(value)
    if ('fault' in json) this.#leaveOut(json.fault)
    else if (this.#pendingBytes + json.bytes > LIMITS.chunkWindowBytes) this.#leaveOut(TOO_MUCH)
    else this.#add({ n: ++this.#last, ...json })
  }

  /** Its number is used up: a watcher sees the gap. */
  #leaveOut(why: string): void {
    this.#last++
    this.#deps.metrics?.counter('murmur_chunks_left_out_total').labels(this.#step.agent).inc()
    if (this.#hasWarned) return
    this.#hasWarned = true
    this.#deps.log.warn({ why }, 'a chunk was left out; this is said once a run')
  }

  /** What was put together becomes chunks, cut between characters. */
  #closeText(): void {
    let rest = this.#text
    this.#text = ''
    while (rest !== '') {
      const isSplit = isLowSurrogate(rest.charCodeAt(TEXT_PIECE))
      const piece = rest.slice(0, isSplit ? TEXT_PIECE - 1 : TEXT_PIECE)
      rest = rest.slice(piece.length)
      // A half of a character that came alone is escaped: well-formed JSON.
      const json = JSON.stringify(piece)
      this.#add({ n: ++this.#last, json, bytes: Buffer.byteLength(json) })
    }
  }

  #add(chunk: Chunk): void {
    this.#pending.push(chunk)
    this.#pendingBytes += chunk.bytes
    this.#kept.push(chunk)
    this.#keptBytes += chunk.bytes
    while (this.#keptBytes > LIMITS.chunkBufferBytes || this.#kept.length > LIMITS.chunkBufferCount)
      this.#keptBytes -= this.#kept.shift()!.bytes
  }

  #flush(): void {
    this.#closeText()
    if (this.#pending.length === 0) return
    const { bus, clock, metrics } = this.#deps
    metrics?.counter('murmur_chunks_total').labels(this.#step.agent).inc(this.#pending.length)
    const subject = SUBJECTS.chunks(this.#step)
    for (const message of this.#messages(this.#pending)) bus.publishCore(subject, message)
    this.#pending = []
    this.#pendingBytes = 0
    const window = new AbortController()
    this.#window = window
    void clock.sleep(WINDOW_MS, window.signal).then(() => {
      if (window.signal.aborted) return
      this.#window = undefined
      this.#flush()
    })
  }

  /** Who watches late asks the process that runs the step; with it goes what it has kept, and the next run starts anew. */
  #serve(): () => void {
    const subject = SUBJECTS.chunkReplay(this.#step, this.#step.attempt)
    const answer = () => new TextEncoder().encode(`{"parts":[${this.#messages(this.#kept).join(',')}]}`)
    return this.#deps.bus.serveSubject(subject, answer, { queue: REPLAY_QUEUE, always: true })
  }

  /** One for each row of chunks without a gap. */
  #messages(chunks: readonly Chunk[]): string[] {
    const { taskId, stepId, attempt } = this.#step
    const about = { v: 1, taskId, stepId, attempt, delivery: this.#delivery, atMs: this.#deps.clock.nowMs() }
    const head = JSON.stringify(about).slice(0, -1)
    const messages: string[] = []
    let begin = 0
    for (let i = 1; i <= chunks.length; i++) {
      if (i < chunks.length && chunks[i]!.n === chunks[i - 1]!.n + 1) continue
      const row = chunks.slice(begin, i)
      messages.push(`${head},"from":${row[0]!.n},"chunks":[${row.map(({ json }) => json).join(',')}]}`)
      begin = i
    }
    return messages
  }
}

/** A value as it travels, or why it can't. */
function jsonOf(value: unknown): { json: string; bytes: number } | { fault: string } {
  try {
    const fault = jsonFault(value)
    if (fault) return { fault }
    const json = JSON.stringify(value)
    const bytes = Buffer.byteLength(json)
    if (bytes > LIMITS.chunkBytes)
      return { fault: `it has ${bytes} bytes, at most ${LIMITS.chunkBytes} are told` }
    if (depthOf(JSON.parse(json)) > LIMITS.chunkDepth)
      return { fault: `it is nested more than ${LIMITS.chunkDepth} levels deep` }
    return { json, bytes }
  } catch (error) {
    return { fault: messageOf(error) }
  }
}

/** Levels of a value that came out of JSON, and so is bounded. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Object.values(value).reduce<number>((deepest, item) => Math.max(deepest, depthOf(item)), 0)
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff
}
