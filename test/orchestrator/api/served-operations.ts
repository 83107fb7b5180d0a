import type { Bus } from '#platform/nats/bus.ts'
import type { RequestContext } from '#platform/nats/request-reply.ts'

type Handler = (request: unknown, asked: Partial<RequestContext>) => unknown

/** A bus on which a component serves its operations, for a test to ask them without a server. `more`: what else the component uses. */
export function servedOperations(more: object = {}) {
  const handlers = new Map<string, Handler>()
  const serve = (name: string, handler: Handler) => {
    handlers.set(name, handler)
    return () => void handlers.delete(name)
  }
  return {
    bus: { serve, ...more } as unknown as Bus,
    /** Names of what is served now. */
    served: () => [...handlers.keys()].sort(),
    ask: async (name: string, request: unknown, tenant = 'default'): Promise<unknown> => {
      const handler = handlers.get(name)
      if (!handler) throw new Error(`nobody serves ${name}`)
      return handler(request, {
        tenant,
        message: { subject: name, data: new Uint8Array(), header: () => undefined },
      })
    },
  }
}
