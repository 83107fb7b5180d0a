import { connect } from 'node:net'
import type { NatsCase } from './nats-cases.ts'

/** A client that speaks the protocol by hand: one connection, a reply subject for each request. */
export class RawNats {
  readonly #socket
  readonly #waiting = new Map<string, (payload: string) => void>()
  #buffer = Buffer.alloc(0)
  #next = 0

  private constructor(socket: ReturnType<typeof connect>) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('error', () => undefined)
  }

  static async open(url: string): Promise<RawNats> {
    const { hostname, port, username, password } = new URL(url)
    const socket = connect(Number(port), hostname)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    const client = new RawNats(socket)
    const login = username && { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
    const options = { verbose: false, pedantic: false, headers: true, no_responders: true, ...login }
    socket.write(`CONNECT ${JSON.stringify(options)}\r\nSUB ${INBOX}.> 1\r\nPING\r\n`)
    return client
  }

  /** @returns what the first answer says; '' for an empty one */
  request({ subject, payload, headers }: NatsCase, timeoutMs: number): Promise<string> {
    const reply = `${INBOX}.${this.#next++}`
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(reply)
        reject(new Error(`no answer within ${timeoutMs / 1000} s`))
      }, timeoutMs)
      this.#waiting.set(reply, (answer) => {
        clearTimeout(timer)
        this.#waiting.delete(reply)
        resolve(answer)
      })
      const head = Buffer.from(headers ?? '', 'latin1')
      const line = headers
        ? `HPUB ${subject} ${reply} ${head.length} ${head.length + payload.length}\r\n`
        : `PUB ${subject} ${reply} ${payload.length}\r\n`
      this.#socket.write(Buffer.concat([Buffer.from(line), head, payload, Buffer.from('\r\n')]))
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk])
    for (;;) {
      const end = this.#buffer.indexOf('\r\n')
      if (end < 0) return
      const words = this.#buffer.subarray(0, end).toString('latin1').split(' ')
      if (words[0] === 'PING') this.#socket.write('PONG\r\n')
      if (words[0] !== 'MSG' && words[0] !== 'HMSG') {
        this.#buffer = this.#buffer.subarray(end + 2)
        continue
      }
      const size = Number(words.at(-1))
      const headSize = words[0] === 'HMSG' ? Number(words.at(-2)) : 0
      if (this.#buffer.length < end + 2 + size + 2) return
      const body = this.#buffer.subarray(end + 2, end + 2 + size)
      this.#buffer = this.#buffer.subarray(end + 2 + size + 2)
      const head = body.subarray(0, headSize).toString('latin1')
      const text = head.startsWith('NATS/1.0 503')
        ? 'NO RESPONDERS'
        : body.subarray(headSize).toString('utf8')
      this.#waiting.get(words[1]!)?.(text)
    }
  }
}

const INBOX = '_INBOX.hostile'
