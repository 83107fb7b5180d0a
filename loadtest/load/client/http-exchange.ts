import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
} from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { CallError } from './load-client.ts'

/** More of an answer than this is not read: a page of reports has a fraction of it. */
const ANSWER_BYTES = 64 * 1024 * 1024

export interface Exchange {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly json?: unknown
  readonly body?: { readonly bytes: Uint8Array; readonly contentType: string }
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

export interface HttpAnswer {
  readonly status: number
  readonly body: Buffer
}

/** HTTP to one address over connections that are kept, as many as there are questions at the same time. */
export class HttpExchanger {
  readonly #url: URL
  readonly #key: string | undefined
  readonly #agent: HttpAgent | HttpsAgent
  readonly #request: typeof requestHttp

  /** @param url of an edge's REST @param key an API key or a token */
  constructor(url: string, key?: string) {
    this.#url = new URL(url)
    this.#key = key
    const isTls = this.#url.protocol === 'https:'
    this.#agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
    this.#request = (isTls ? requestHttps : requestHttp) as typeof requestHttp
  }

  /** The whole answer, whatever its status. @throws CallError CONNECTION, CLIENT_TIMEOUT */
  async exchange(exchange: Exchange): Promise<HttpAnswer> {
    return this.stream(exchange, (response) => bodyOf(response))
  }

  /**
   * The same, with what reads the body as it comes.
   * @param onOpen is given the request, to break it off
   */
  stream<Result>(
    exchange: Exchange,
    read: (response: IncomingMessage) => Promise<Result>,
    onOpen?: (call: ClientRequest) => void,
  ): Promise<Result> {
    const { timeoutMs } = exchange
    return new Promise<Result>((resolve, reject) => {
      const call = this.open(exchange)
      const fail = (error: unknown) => {
        clearTimeout(timer)
        reject(asCallError(error))
      }
      const timer = setTimeout(() => {
        call.destroy(new CallError('CLIENT_TIMEOUT', `no answer within ${timeoutMs / 1000} s`))
      }, timeoutMs)
      call.on('error', fail)
      call.on('response', (response) => {
        // What breaks while the body comes shows here, not at the request.
        response.on('error', fail)
        read(response).then((result) => {
          clearTimeout(timer)
          resolve(result)
        }, fail)
      })
      onOpen?.(call)
    })
  }

  /** A request that is on its way, with its whole body unless there is none. */
  open({ method, path, json, body, headers = {} }: Exchange): ClientRequest {
    const bytes = json === undefined ? body?.bytes : Buffer.from(JSON.stringify(json))
    const call = this.#request({
      agent: this.#agent,
      host: this.#url.hostname.replace(/^\[|\]$/g, ''),
      port: this.#url.port,
      path: `${this.#url.pathname.replace(/\/$/, '')}${path}`,
      method,
      headers: {
        ...(this.#key !== undefined && { authorization: `Bearer ${this.#key}` }),
        ...(bytes && {
          'content-type': json === undefined ? body!.contentType : 'application/json',
          'content-length': bytes.length,
        }),
        ...headers,
      },
    })
    call.end(bytes)
    return call
  }

  close(): void {
    this.#agent.destroy()
  }
}

function bodyOf(response: IncomingMessage): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    response.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > ANSWER_BYTES) response.destroy(new CallError('CONNECTION', 'the answer does not end'))
      else chunks.push(chunk)
    })
    response.on('error', reject)
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }))
    // An answer that ends before its time ends with neither.
    response.on('close', () => reject(new CallError('CONNECTION', 'the answer was cut off')))
  })
}

function asCallError(error: unknown): CallError {
  if (error instanceof CallError) return error
  const { code, message } = error as NodeJS.ErrnoException
  return new CallError('CONNECTION', `${code ?? ''} ${message}`.trim())
}
