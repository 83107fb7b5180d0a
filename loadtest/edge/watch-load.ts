import { Agent, type ClientRequest, request } from 'node:http'

/** Told how old an event was when it came, in milliseconds. */
export type OnEvent = (ageMs: number) => void

/** A client that watches one task. */
export interface Watcher {
  /** Resolves with the first item: it is being told now. */
  readonly ready: Promise<void>
  close(): void
}

const AT = /"atMs":(\d+(?:\.\d+)?)/

/** Watches a task as a browser does, over a connection of its own. */
export function watchRest(port: number, taskId: string, onEvent: OnEvent, agent: Agent): Watcher {
  let call: ClientRequest
  const ready = new Promise<void>((resolve, reject) => {
    call = request({ port, host: '127.0.0.1', path: `/v1/tasks/${taskId}/events`, agent }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`watching answers ${response.statusCode}`))
      response.setEncoding('utf8')
      let rest = ''
      response.on('data', (chunk: string) => {
        const blocks = (rest + chunk).split('\n\n')
        rest = blocks.pop() ?? ''
        for (const block of blocks) {
          if (block.includes('event: snapshot')) resolve()
          if (!block.includes('event: event')) continue
          const atMs = Number(AT.exec(block)?.[1])
          onEvent(Date.now() - atMs)
        }
      })
      response.on('error', () => undefined)
    })
    call.on('error', reject)
    call.end()
  })
  return { ready, close: () => call.destroy() }
}

/** One connection a watcher. */
export function watcherAgent(): Agent {
  return new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY })
}
