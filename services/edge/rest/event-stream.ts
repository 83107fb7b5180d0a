import type { ServerResponse } from 'node:http'

/** A client that takes nothing for this long while data waits for it is cut off; it can come back where it was. */
const SLOWEST_MS = 30_000

/** Server-sent events on a response: headers first, then one item after the other, as fast as the client takes them. */
export class EventStream {
  readonly #response: ServerResponse
  readonly #gone = new AbortController()

  constructor(response: ServerResponse) {
    this.#response = response
    response.once('close', () => this.#gone.abort())
  }

  /** Aborted when the client is gone. */
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
