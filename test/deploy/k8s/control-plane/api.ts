import { Agent, request } from 'node:https'
import { createInterface } from 'node:readline'
import type { Manifest } from '../manifests.ts'

export interface Answer {
  readonly status: number
  readonly body: Manifest
}

/** The API server, asked directly: a look costs a millisecond and not a kubectl. */
export interface Api {
  /** @throws for any answer that is no success */
  get(path: string): Promise<Manifest>
  /** The answer, refusals included. */
  send(method: string, path: string, body?: Manifest, contentType?: string): Promise<Answer>
  /** Calls back for each change of what the path lists, until it is stopped: nothing between two looks is missed. */
  watch(path: string, onEvent: (type: string, object: Manifest) => void): () => void
  close(): void
}

export function createApi(url: string, token: string): Api {
  // Its certificate is of its own making, on loopback.
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }

  function send(method: string, path: string, body?: Manifest, contentType = 'application/json') {
    return new Promise<Answer>((resolve, reject) => {
      const asked = request(`${url}${path}`, {
        method,
        agent,
        headers: { ...headers, ...(body && { 'content-type': contentType }) },
      })
      asked.on('error', reject)
      asked.on('response', (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          try {
            resolve({
              status: response.statusCode ?? 0,
              body: JSON.parse(Buffer.concat(chunks).toString()) as Manifest,
            })
          } catch (error) {
            reject(error as Error)
          }
        })
      })
      asked.end(body && JSON.stringify(body))
    })
  }

  return {
    async get(path) {
      const { status, body } = await send('GET', path)
      if (status !== 200) throw new Error(`${path}: ${status} ${body.message}`)
      return body
    },
    send,
    watch(path, onEvent) {
      const asked = request(`${url}${path}${path.includes('?') ? '&' : '?'}watch=1`, { agent, headers })
      // It is cut when nobody watches any more.
      asked.on('error', () => undefined)
      asked.on('response', (response) => {
        response.on('error', () => undefined)
        const lines = createInterface({ input: response })
        lines.on('error', () => undefined)
        lines.on('line', (line) => {
          const { type, object } = JSON.parse(line) as { type: string; object: Manifest }
          onEvent(type, object)
        })
      })
      asked.end()
      return () => asked.destroy()
    },
    close: () => agent.destroy(),
  }
}
