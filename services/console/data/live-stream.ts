import { createParser } from 'eventsource-parser'
import { chance, monotonicMs, sleep } from './clock.ts'
import { connection as theConnection } from './connection.ts'
import { ProblemError, problemOf, toProblemError } from './problem.ts'

/** One event of a stream. */
export interface LiveEvent {
  readonly event: string
  readonly data: unknown
  readonly id?: string | undefined
}

export interface LiveStreamOptions {
  /** Path and query on the edge. */
  readonly url: string
  /** Everything that came since the last call, in its order, at most once a frame. */
  readonly onEvents: (events: readonly LiveEvent[]) => void
  /** It is over for good: `undefined` when the edge said `end`. */
  readonly onEnd?: (problem: ProblemError | undefined) => void
  readonly onState?: (state: 'open' | 'broken' | 'over') => void
  /** The events with an id of which a repeated one is dropped. */
  readonly fetch?: typeof globalThis.fetch
  readonly connection?: Pick<typeof theConnection, 'streamIs' | 'heard'>
  /** When events are handed on; the next frame unless given. */
  readonly schedule?: (run: () => void) => void
  readonly firstRetryMs?: number
}

const FIRST_RETRY_MS = 500
const MAX_RETRY_MS = 15_000
/** The edge sends something every 15 s: a connection that is silent for longer is dead. Milliseconds. */
const SILENCE_MS = 40_000
/** What waits to be handed on. More comes only while the page is hidden or stands still: then the stream is read on later, from there. */
const MAX_WAITING = 5000
/** Ids that were seen, so that one that comes again after a reconnect is told once. */
const MAX_SEEN = 5000

/**
 * A stream of server-sent events that goes on by itself: with `Last-Event-ID`, so that nothing is lost, and without those that come twice.
 * Built on fetch: it has the page's cookie, sees statuses and problems, and can be ended.
 */
export class LiveStream {
  readonly #options: LiveStreamOptions
  readonly #end = new AbortController()
  #lastId: string | undefined
  #waiting: LiveEvent[] = []
  #isScheduled = false
  readonly #seen = new Set<string>()
  #drained: (() => void) | undefined

  constructor(options: LiveStreamOptions) {
    this.#options = options
    void this.#run()
  }

  /** Nothing is told any more. */
  close(): void {
    this.#end.abort()
    this.#state('over')
  }

  /** Asks at once where it waits for its next try. */
  wake(): void {
    this.#wakeUp()
  }

  #wakeUp: () => void = () => {}

  async #run(): Promise<void> {
    const first = this.#options.firstRetryMs ?? FIRST_RETRY_MS
    let waitMs = first
    while (!this.#end.signal.aborted) {
      const startedAtMs = monotonicMs()
      const outcome = await this.#readOnce()
      if (this.#end.signal.aborted) return
      if (outcome === 'end' || (outcome instanceof ProblemError && !mayPass(outcome))) {
        this.#flush()
        this.#state('over')
        this.#end.abort()
        this.#options.onEnd?.(outcome === 'end' ? undefined : outcome)
        return
      }
      this.#state('broken')
      if (monotonicMs() - startedAtMs > MAX_RETRY_MS) waitMs = first
      const asked = outcome instanceof ProblemError ? (outcome.retryAfterMs ?? 0) : 0
      await this.#pause(Math.max(asked, waitMs * (0.7 + 0.6 * chance())))
      waitMs = Math.min(MAX_RETRY_MS, waitMs * 2)
    }
  }

  async #pause(ms: number): Promise<void> {
    const awake = new AbortController()
    this.#wakeUp = () => awake.abort()
    await sleep(ms, AbortSignal.any([this.#end.signal, awake.signal]))
  }

  /** @returns `end` when the edge said so, else why it broke off */
  async #readOnce(): Promise<'end' | 'broken' | ProblemError> {
    const silence = new AbortController()
    let timer = setTimeout(() => silence.abort(), SILENCE_MS)
    const signal = AbortSignal.any([this.#end.signal, silence.signal])
    const heard = () => {
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), SILENCE_MS)
    }
    try {
      const response = await (this.#options.fetch ?? fetch)(this.#options.url, {
        headers: {
          accept: 'text/event-stream',
          ...(this.#lastId !== undefined && { 'last-event-id': this.#lastId }),
        },
        cache: 'no-store',
        signal,
      })
      if (!response.ok || !response.body)
        return problemOf(await response.json().catch(() => undefined), response.status)
      this.#state('open')
      return await this.#readBody(response.body, heard)
    } catch (error) {
      return signal.aborted ? 'broken' : toProblemError(error)
    } finally {
      clearTimeout(timer)
    }
  }

  async #readBody(
    body: ReadableStream<Uint8Array>,
    heard: () => void,
  ): Promise<'end' | 'broken' | ProblemError> {
    let outcome: 'end' | ProblemError | undefined
    const parser = createParser({
      onEvent: ({ event = 'message', data, id }) => {
        if (event === 'end') outcome = 'end'
        else if (event === 'problem') outcome = problemIn(data)
        else this.#take({ event, data: parsed(data), id })
      },
    })
    const reader = body
      .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
      .getReader()
    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return outcome ?? 'broken'
        heard()
        parser.feed(value)
        if (outcome) return outcome
        if (this.#waiting.length > MAX_WAITING) await this.#drain()
      }
    } finally {
      void reader.cancel().catch(() => undefined)
    }
  }

  #take(event: LiveEvent): void {
    if (event.id !== undefined) {
      const key = `${event.id} ${event.event} ${stepOf(event.data)}`
      if (this.#seen.has(key)) return
      this.#seen.add(key)
      if (this.#seen.size > MAX_SEEN) this.#seen.delete(this.#seen.values().next().value!)
      this.#lastId = event.id
    }
    this.#waiting.push(event)
    if (this.#isScheduled) return
    this.#isScheduled = true
    const schedule = this.#options.schedule ?? nextFrame
    schedule(() => this.#flush())
  }

  /** Whoever reads faster than the page shows waits, and so does the edge. */
  #drain(): Promise<void> {
    return new Promise((resolve) => {
      this.#drained = resolve
      this.#end.signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  #flush(): void {
    this.#isScheduled = false
    const events = this.#waiting
    this.#waiting = []
    if (events.length > 0 && !this.#end.signal.aborted) this.#options.onEvents(events)
    this.#drained?.()
    this.#drained = undefined
  }

  #state(state: 'open' | 'broken' | 'over'): void {
    const connection = this.#options.connection ?? theConnection
    connection.streamIs(this, state)
    if (state === 'open') connection.heard(true)
    this.#options.onState?.(state)
  }
}

/** A hidden page has no frames: then once a second will do. */
function nextFrame(run: () => void): void {
  if (document.visibilityState === 'visible') requestAnimationFrame(run)
  else setTimeout(run, 1000)
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}

/** One change may be told by two events of the same id that are about two steps. */
function stepOf(data: unknown): string {
  const { stepId, kind } = (data ?? {}) as { stepId?: string; kind?: string }
  return `${kind ?? ''} ${stepId ?? ''}`
}

function problemIn(data: string): ProblemError {
  const { problem } = (parsed(data) ?? {}) as { problem?: { status?: number } }
  return problemOf(problem, problem?.status ?? 0)
}

function mayPass({ status }: ProblemError): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500
}
