import type { EventSourceMessage } from 'eventsource-parser'
import { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import { problemSchema } from '#schemas/problem.ts'
import type { EdgeHttp } from './edge-http.ts'
import type { RestRequest } from './rest-request.ts'

/** How long the edge may be away, as during a restart, before that ends a stream. */
const RESUME_TIMEOUT_MS = 30_000
const RETRY_INTERVAL_MS = 500
/** A connection that carries nothing for so long is none any more: the edge says something every 15 s. */
const SILENCE_TIMEOUT_MS = 45_000
const DATA_BYTES = 16 * 1024 * 1024
const DATA_DEPTH = 256
const problemDataSchema = z.object({ problem: problemSchema })

export interface StreamOptions {
  clock: Clock
  signal: AbortSignal
  /** Each time the stream is open: from then on nothing is missing. */
  onOpen?: () => void
}

/**
 * The events of a stream that is taken up again after each interruption, until whoever reads them stops.
 * @throws MurmurError the problem that the stream tells; UNAVAILABLE when the edge is away for too long
 */
export async function* resumedEvents(
  http: EdgeHttp,
  request: RestRequest,
  { clock, signal, onOpen }: StreamOptions,
): AsyncGenerator<EventSourceMessage | 'comment'> {
  let lastId: string | undefined
  let awaySinceMs: number | undefined
  let wasOpen = false
  while (!signal.aborted) {
    const silence = new AbortController()
    let timer = setTimeout(() => silence.abort(), SILENCE_TIMEOUT_MS)
    try {
      const stream = http.events(request, {
        headers: { ...(lastId !== undefined && { 'last-event-id': lastId }) },
        signal: AbortSignal.any([signal, silence.signal]),
        onId: (id) => {
          lastId = id
        },
        onOpen: () => {
          wasOpen = true
          awaySinceMs = undefined
          onOpen?.()
        },
      })
      for await (const message of stream) {
        clearTimeout(timer)
        timer = setTimeout(() => silence.abort(), SILENCE_TIMEOUT_MS)
        if (message !== 'comment' && message.event === 'problem')
          throw MurmurError.fromProblem(dataOf(message, problemDataSchema).problem)
        yield message
      }
    } catch (error) {
      if (signal.aborted) return
      const mayPass =
        error instanceof MurmurError && (error.code === 'UNAVAILABLE' || error.code === 'OVERLOADED')
      awaySinceMs ??= clock.monotonicMs()
      // Who was never let in should hear of it at once.
      if (!mayPass || !wasOpen || clock.monotonicMs() - awaySinceMs > RESUME_TIMEOUT_MS) throw error
    } finally {
      clearTimeout(timer)
    }
    await clock.sleep(RETRY_INTERVAL_MS, signal).catch(() => undefined)
  }
}

/** What an event carries. @throws MurmurError INTERNAL when it is of another form */
export function dataOf<Schema extends z.ZodType>(
  message: EventSourceMessage,
  schema: Schema,
): z.infer<Schema> {
  const bytes = new TextEncoder().encode(message.data)
  const parsed = schema.safeParse(
    parseBoundedJson(bytes, { maxBytes: DATA_BYTES, maxDepth: DATA_DEPTH, numbers: 'nearest' }),
  )
  if (parsed.success) return parsed.data
  throw new MurmurError(
    'INTERNAL',
    `an event "${message.event ?? ''}" has another form: ${parsed.error.message}`,
  )
}
