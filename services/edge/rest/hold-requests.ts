import type { FastifyInstance, FastifyReply } from 'fastify'
import { type Asking, withAsking } from '#platform/requests/asking.ts'

/** What is held for a request is given up when whoever asked is gone: HTTP has no deadline that says so before. */
export function holdRequests(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => withAsking(askingOf(reply), done))
}

/** Most requests are never held, and need no signal. */
function askingOf({ raw }: FastifyReply): Asking {
  let gone: AbortController | undefined
  return {
    get signal() {
      if (gone) return gone.signal
      gone = new AbortController()
      const end = () => gone!.abort()
      if (raw.destroyed) end()
      else raw.once('close', end)
      return gone.signal
    },
  }
}
