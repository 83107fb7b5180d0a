import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'

/** How a call ended: the status that gRPC gave it, and that its stream is closed. */
export interface HalfSentEnd {
  /** `grpc-status`, or -1 where there was none. */
  status: number
  /** That its stream was reset with; 0 where it ended in order. */
  reset: number
}

export interface HalfSentCall {
  stream: ClientHttp2Stream
  ended: Promise<HalfSentEnd>
}

/** A connection of HTTP/2 that sends what no client library would. */
export class RawGrpc {
  readonly #session: ClientHttp2Session

  constructor(port: number) {
    // What it has not sent yet counts: by default it would break its own calls off.
    this.#session = connect(`http://127.0.0.1:${port}`, { maxSessionMemory: 1000 })
    this.#session.on('error', () => undefined)
  }

  /** Begins a call; nothing of its message is sent. */
  begin(path: string, credential?: string): HalfSentCall {
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
    })
    stream.on('error', () => undefined)
    let status = -1
    const seen = (headers: Record<string, unknown>) => {
      if (headers['grpc-status'] !== undefined) status = Number(headers['grpc-status'])
    }
    stream.on('response', seen)
    stream.on('trailers', seen)
    stream.resume()
    const ended = new Promise<HalfSentEnd>((resolve) =>
      stream.on('close', () => resolve({ status, reset: stream.rstCode ?? 0 })),
    )
    return { stream, ended }
  }

  close(): void {
    this.#session.destroy()
  }
}

/** The head of a message of `bytes`, and so much of it. */
export function partOf(bytes: number, sent: number): Buffer {
  const part = Buffer.alloc(5 + sent, 0x20)
  part.writeUInt8(0, 0)
  part.writeUInt32BE(bytes, 1)
  return part
}
