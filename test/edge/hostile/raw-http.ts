import { connect, type Socket } from 'node:net'

/** What came back: a status, the problem's code where there is one, or a connection that was closed without a word. */
export interface HttpOutcome {
  status: number | undefined
  code: string | undefined
  text: string
}

export interface RawRequest {
  method?: string
  path?: string
  /** As they are written, in this order; `Host` comes first unless it is among them. */
  headers?: [name: string, value: string | Buffer][]
  body?: Buffer | string
  /** Without it, the length of the body where there is one. */
  noLength?: boolean
  version?: string
}

/** A request as bytes, with nothing corrected. */
export function encode(request: RawRequest, port: number): Buffer {
  const { method = 'GET', path = '/v1/tasks', headers = [], version = 'HTTP/1.1' } = request
  const body = Buffer.from(request.body ?? '')
  const lines: (string | Buffer)[] = [`${method} ${path} ${version}\r\n`]
  const names = new Set(headers.map(([name]) => name.toLowerCase()))
  const all: [string, string | Buffer][] = [...headers]
  if (!names.has('host')) all.unshift(['Host', `127.0.0.1:${port}`])
  if (!names.has('connection')) all.push(['Connection', 'close'])
  if (body.length > 0 && !request.noLength && !names.has('content-length') && !names.has('transfer-encoding'))
    all.push(['Content-Length', String(body.length)])
  for (const [name, value] of all) lines.push(`${name}: `, value, '\r\n')
  return Buffer.concat([...lines, '\r\n', body].map((part) => Buffer.from(part as string)))
}

/** A JSON request that submits. */
export function submits(body: Buffer | string, headers: [string, string | Buffer][] = []): RawRequest {
  const hasType = headers.some(([name]) => name.toLowerCase() === 'content-type')
  return {
    method: 'POST',
    body,
    headers: hasType ? headers : [['Content-Type', 'application/json'], ...headers],
  }
}

/**
 * Sends bytes over a connection of their own and reads until it is closed, or the answer is complete.
 * @param half leaves the connection open after them, as a client does that never goes on
 */
export function sendBytes(
  port: number,
  bytes: Buffer | readonly Buffer[],
  options: { timeoutMs?: number; end?: boolean } = {},
): Promise<HttpOutcome> {
  const { timeoutMs = 25_000, end = false } = options
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1')
    let text = ''
    const timer = setTimeout(() => {
      socket.destroy()
      reject(
        new Error(
          `neither an answer nor the end within ${timeoutMs / 1000} s; so far: ${text.slice(0, 200)}`,
        ),
      )
    }, timeoutMs)
    const settle = () => {
      clearTimeout(timer)
      socket.destroy()
      resolve(outcomeOf(text))
    }
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      text += chunk
      if (isComplete(text)) settle()
    })
    // What is sent after the server has closed comes back as an error; what it had said counts.
    socket.on('error', settle)
    socket.on('close', settle)
    for (const part of [bytes].flat()) socket.write(part)
    if (end) socket.end()
  })
}

function isComplete(text: string): boolean {
  const at = text.indexOf('\r\n\r\n')
  if (at < 0) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, at))?.[1]
  return length !== undefined && text.length >= at + 4 + Number(length)
}

function outcomeOf(text: string): HttpOutcome {
  const status = /^HTTP\/1\.\d (\d{3})/.exec(text)?.[1]
  return {
    status: status === undefined ? undefined : Number(status),
    code: /"code":"([A-Z_]+)"/.exec(text)?.[1],
    text: text.slice(0, 2000),
  }
}
