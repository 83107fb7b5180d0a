import { connect, type Socket } from 'node:net'

export interface SlowCase {
  name: string
  /** Resolves when the server has closed the connection or answered; rejects when it has not within `timeoutMs`. */
  run(port: number, timeoutMs: number): Promise<string>
}

const HEAD = (more: string) =>
  `POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${more}\r\n`

/** Clients that begin and do not go on. The server has to end it, whatever they do. */
export function slowCases(): SlowCase[] {
  return [
    stalls('nothing at all', []),
    stalls('half a request line', ['GET /v1/ta']),
    stalls('headers without their end', ['GET /v1/tasks HTTP/1.1\r\nHost: localhost\r\n']),
    stalls('a header a second', ['GET /v1/tasks HTTP/1.1\r\n'], (i) => `X-${i}: y\r\n`),
    stalls('a promised body that does not come', [HEAD('Content-Length: 100\r\n')]),
    stalls('half a body', [HEAD('Content-Length: 100\r\n'), '{"type":']),
    stalls('a byte of the body a second', [HEAD('Content-Length: 200000\r\n')], () => ' '),
    stalls('an endless row of chunks', [HEAD('Transfer-Encoding: chunked\r\n')], () => '1\r\n \r\n'),
    stalls('a chunk that does not end', [HEAD('Transfer-Encoding: chunked\r\n'), '1000\r\nabc']),
    {
      name: 'an upload that is broken off',
      async run(port) {
        const socket = await opened(port)
        socket.write(
          'POST /v1/objects HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 5000000\r\n\r\n',
        )
        socket.write(Buffer.alloc(1_000_000, 0x61), () => socket.resetAndDestroy())
        return closed(socket, 5000)
      },
    },
    {
      name: 'a watcher that is gone at once',
      async run(port) {
        const socket = await opened(port)
        socket.write('GET /v1/tasks/none/events HTTP/1.1\r\nHost: localhost\r\n\r\n', () =>
          socket.resetAndDestroy(),
        )
        return closed(socket, 5000)
      },
    },
  ]
}

function stalls(name: string, parts: readonly string[], drip?: (i: number) => string): SlowCase {
  return {
    name,
    async run(port, timeoutMs) {
      const socket = await opened(port)
      for (const part of parts) socket.write(part)
      let i = 0
      const timer = drip && setInterval(() => socket.writable && socket.write(drip(i++)), 1000)
      try {
        return await closed(socket, timeoutMs)
      } finally {
        clearInterval(timer)
      }
    },
  }
}

function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: false }, () => resolve(socket))
    socket.once('error', reject)
  })
}

function closed(socket: Socket, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`still open after ${timeoutMs / 1000} s: ${text.slice(0, 100)}`))
    }, timeoutMs)
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      text += chunk
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(text)
    })
  })
}
