import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import { toProblem } from '#platform/errors/murmur-error.ts'
import { type CredentialEnd, credentialEnded } from '../access/credential-end.ts'

/** A client that takes nothing for this long while data waits for it is cut off; it can come back where it was. */
const SLOWEST_MS = 30_000
/** Who is sent away may take the reason within this. Milliseconds. */
const FAREWELL_MS = 1000

/** Server-sent events on a response: headers first, then one item after the other, as fast as the client takes them. */
export class EventStream {
  readonly #response: ServerResponse
  readonly #gone = new AbortController()
  readonly #ended: AbortSignal | undefined

  /** @param credential of who reads: when it holds no more, the stream ends at once with a `problem` */
  constructor(response: ServerResponse, credential?: CredentialEnd) {
    this.#response = response
    this.#ended = credential?.signal
    response.once('close', () => this.#gone.abort())
    this.#ended?.addEventListener('abort', () => this.#sendAway(), { once: true })
  }

  /** Aborted when the client is gone, or sent away. */
  get signal(): AbortSignal {
    return this.#gone.signal
  }

  /** @param headers beside those of the format */
  open(headers: Record<string, string | number>): void {
    this.#response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // For nginx, which otherwise collects what it should pass on.
      'x-accel-buffering': 'no',
    })
    this.#response.write('retry: 1000\n\n')
    if (this.#ended?.aborted) this.#sendAway()
  }

  async send(event: string, data: unknown, id?: string): Promise<void> {
    const lines = `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
    await this.#write(lines)
  }

  /** Says where the stream is before there is anything to tell: who comes back goes on from here. */
  async mark(id: string): Promise<void> {
    await this.#write(`id: ${id}\n\n`)
  }

  /** Shows that the connection lives, to both sides and to those between. */
  async comment(): Promise<void> {
    await this.#write(':\n\n')
  }

  end(): void {
    this.#response.end()
  }

  #sendAway(): void {
    const isOpen = this.#response.headersSent
    if (isOpen && !this.#response.writableEnded) {
      const problem = toProblem(credentialEnded())
      this.#response.end(`event: problem\ndata: ${JSON.stringify({ problem })}\n\n`)
      // What waits for a client that takes nothing would hold the connection.
      const timer = setTimeout(() => this.#response.destroy(), FAREWELL_MS)
      this.#response.once('close', () => clearTimeout(timer))
    }
    if (isOpen) this.#gone.abort()
  }

  async #write(text: string): Promise<void> {
    if (this.#gone.signal.aborted || this.#response.write(text)) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#response.destroy(), SLOWEST_MS)
      const done = () => {
        clearTimeout(timer)
        this.#response.off('drain', done)
        this.#response.off('close', done)
        resolve()
      }
      this.#response.on('drain', done)
      this.#response.on('close', done)
    })
  }
}

/**
 * Sends what `fill` sends, over a reply that is the stream's from here on; what goes wrong then is told as a `problem`. What is wrong with
 * the request has to show before, while a status can still be sent.
 */
export async function sendStream(
  reply: FastifyReply,
  stream: EventStream,
  fill: () => Promise<void>,
): Promise<void> {
  reply.hijack()
  stream.open(reply.getHeaders() as Record<string, string>)
  try {
    await fill()
  } catch (error) {
    await stream.send('problem', { problem: toProblem(error) })
  }
  stream.end()
}
