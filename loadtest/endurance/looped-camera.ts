import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Who falls further behind than this is let go, as cameras do. Bytes. */
const MAX_BEHIND = 4_000_000

/**
 * A camera in a world that goes on whether somebody looks or not: a clip in a loop, at the pace of the clock, as MPEG-TS over HTTP. Whoever
 * connects joins at the moment that it is.
 */
export class LoopedCamera {
  readonly #viewers = new Set<ServerResponse>()
  readonly #server: Server
  #encoder: ChildProcess | undefined
  #port = 0
  /** When the clip began for the first time. Unix milliseconds. */
  startedAtMs = 0

  constructor() {
    this.#server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'video/mp2t' })
      this.#viewers.add(response)
      response.once('close', () => this.#viewers.delete(response))
    })
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/live.ts`
  }

  /** @param clip its key frames are a second or so apart: a viewer waits for one */
  async start(ffmpeg: string, clip: string): Promise<void> {
    await this.restore()
    const loop = ['-re', '-stream_loop', '-1', '-i', clip, '-c', 'copy']
    const live = ['-muxdelay', '0', '-flush_packets', '1', '-f', 'mpegts', 'pipe:1']
    const encoder = spawn(ffmpeg, ['-v', 'error', ...loop, ...live], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#encoder = encoder
    encoder.stdout.on('data', (part: Buffer) => this.#show(part))
    await once(encoder.stdout, 'data')
    this.startedAtMs = Date.now()
  }

  /** It is not there: connections end, and none is taken. */
  async cut(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  /** It is there again, at the same address. */
  async restore(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    this.#encoder?.kill('SIGKILL')
    if (this.#server.listening) await this.cut()
  }

  #show(part: Buffer): void {
    for (const viewer of this.#viewers) {
      if (viewer.writableLength > MAX_BEHIND) viewer.destroy()
      else viewer.write(part)
    }
  }
}
