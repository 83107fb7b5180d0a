import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { z } from 'zod'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import { ERRORS, type ErrorCode } from '#schemas/problem.ts'
import type { Credential, EdgeTarget } from './edge-target.ts'
import type { RestRequest } from './rest-request.ts'

const REQUEST_TIMEOUT_MS = 10_000
/** The largest answer is a page of 500 tasks. */
const ANSWER_BYTES = 64 * 1024 * 1024
const EVENT_CHARS = 16 * 1024 * 1024
/** Deeper than what may be submitted: a task holds its plan, its inputs and its outputs. */
const ANSWER_DEPTH = 256

export interface CallOptions {
  headers?: Record<string, string>
  /** In place of JSON. */
  body?: ReadableStream<Uint8Array>
  signal?: AbortSignal | undefined
  /** As long as it takes. */
  isUnlimited?: boolean
}

/** HTTP to an edge: who asks is said in every call, and every answer is bounded and checked. */
export class EdgeHttp {
  readonly url: string
  readonly #credential: Credential | undefined

  constructor({ url, credential }: EdgeTarget) {
    this.url = url
    this.#credential = credential
  }

  /** A call that is answered with JSON. @throws MurmurError UNAVAILABLE, INTERNAL, and the problem it is answered with */
  async call<Schema extends z.ZodType>(
    request: RestRequest,
    schema: Schema,
    options: CallOptions = {},
  ): Promise<z.infer<Schema>> {
    const signal = options.isUnlimited ? undefined : AbortSignal.timeout(REQUEST_TIMEOUT_MS)
    const response = await this.open(request, { signal, ...options })
    const answer = parseBoundedJson(await this.#bytesOf(response), {
      maxBytes: ANSWER_BYTES,
      maxDepth: ANSWER_DEPTH,
      numbers: 'nearest',
    })
    const parsed = schema.safeParse(answer)
    if (parsed.success) return parsed.data
    throw new MurmurError(
      'INTERNAL',
      `${request.path} gave an answer of another form: ${parsed.error.message}`,
    )
  }

  /** The bytes of an answer. @throws MurmurError UNAVAILABLE, LIMIT_EXCEEDED, and the problem it is answered with */
  async bytes(request: RestRequest): Promise<Uint8Array> {
    return this.#bytesOf(await this.open(request))
  }

  /** An answer whose body is still to be read. @throws MurmurError UNAVAILABLE, and the problem it is answered with */
  async open(
    { method, path, query, json }: RestRequest,
    { headers, body, signal }: CallOptions = {},
  ): Promise<Response> {
    const url = new URL(`${this.url}${path}`)
    for (const [name, value] of Object.entries(query ?? {}))
      for (const one of [value].flat()) url.searchParams.append(name, one)
    const credential = typeof this.#credential === 'function' ? await this.#credential() : this.#credential
    const response = await this.#orUnavailable(
      fetch(url, {
        method,
        // Who we are is for this address and for no other.
        redirect: 'error',
        headers: {
          ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
          ...(json !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(json !== undefined && { body: JSON.stringify(json) }),
        ...(body && { body, duplex: 'half' }),
        ...(signal && { signal }),
      }),
    )
    if (response.ok) return response
    throw problemOf(response.status, await this.#bytesOf(response), this.url)
  }

  /** Server-sent events; `comment` for those that only show that the connection lives. Ends when the server ends it. */
  async *events(
    request: RestRequest,
    options: Omit<CallOptions, 'body'> & {
      onOpen?: () => void
      /** Also of marks that carry nothing else. */
      onId?: (id: string) => void
    },
  ): AsyncGenerator<EventSourceMessage | 'comment'> {
    const response = await this.open(request, {
      ...options,
      headers: { accept: 'text/event-stream', ...options.headers },
    })
    options.onOpen?.()
    if (!response.body) return
    const items: (EventSourceMessage | 'comment')[] = []
    const parser = createParser({
      onEvent: (message) => items.push(message),
      ...(options.onId && { onId: options.onId }),
      onComment: () => items.push('comment'),
      maxBufferSize: EVENT_CHARS,
    })
    const decoder = new TextDecoder()
    const reader = response.body.getReader()
    try {
      for (;;) {
        const { done, value } = await this.#orUnavailable(reader.read())
        if (done) return
        parser.feed(decoder.decode(value, { stream: true }))
        yield* items.splice(0)
      }
    } finally {
      // Also takes the connection down.
      await reader.cancel().catch(() => undefined)
    }
  }

  async #bytesOf(response: Response): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    let bytes = 0
    const read = async () => {
      for await (const chunk of response.body ?? []) {
        bytes += chunk.length
        if (bytes > ANSWER_BYTES)
          throw new MurmurError(
            'LIMIT_EXCEEDED',
            `the answer is larger than the ${ANSWER_BYTES} bytes that are read`,
          )
        chunks.push(chunk)
      }
      return Buffer.concat(chunks)
    }
    return this.#orUnavailable(read())
  }

  async #orUnavailable<T>(call: Promise<T>): Promise<T> {
    try {
      return await call
    } catch (error) {
      if (error instanceof MurmurError) throw error
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
      throw new MurmurError('UNAVAILABLE', `the edge at ${this.url} does not answer: ${messageOf(cause)}`, {
        cause: error,
      })
    }
  }
}

const problemSchema = z.object({
  code: z.string().max(64),
  detail: z.string(),
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  retryAfterMs: z.int().optional(),
})

/** What an answer that is no success says; something between us and the edge may have answered in its place. */
function problemOf(status: number, body: Uint8Array, url: string): MurmurError {
  const problem = problemIn(body)
  if (problem && Object.hasOwn(ERRORS, problem.code)) {
    const { issues, retryAfterMs } = problem
    return new MurmurError(problem.code as ErrorCode, problem.detail, {
      ...(issues && { issues }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    })
  }
  const isAway = status === 502 || status === 503 || status === 504
  return new MurmurError(
    isAway ? 'UNAVAILABLE' : 'INTERNAL',
    `${url} answered with status ${status}${problem ? `: ${problem.code}` : ', and not as an edge does'}`,
  )
}

function problemIn(body: Uint8Array): z.infer<typeof problemSchema> | undefined {
  try {
    return problemSchema.safeParse(parseBoundedJson(body)).data
  } catch {
    // A page of a proxy.
    return undefined
  }
}
