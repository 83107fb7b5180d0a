import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Access, Caller, Entry } from '../access/access.ts'
import { OPERATIONS, type OperationName } from '../operations.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: OperationName
  }
  interface FastifyRequest {
    /** Who asks; there on every route that names its operation. */
    caller: Caller
    /** What it was about, for the audit log, where its path does not say so: a task that it made, an object. */
    target?: string
  }
  interface FastifyReply {
    /** What it was refused for. */
    problemCode?: string
  }
}

/** The options of a route: which operation it is. A route without one is open to everybody. */
export function does(operation: OperationName): { config: { operation: OperationName } } {
  return { config: { operation } }
}

/** Before its body is read, a request is let in or refused; afterwards, what it changed is written down. */
export function guardRoutes(app: FastifyInstance, access: Access): void {
  app.decorateRequest('caller', null as unknown as Caller)
  app.addHook('onRequest', async (request) => {
    const entry = entryOf(request)
    if (entry) request.caller = await access.enter(entry)
  })
  app.addHook('onResponse', async (request, reply) => {
    const entry = entryOf(request)
    if (!entry || !request.caller || !OPERATIONS[entry.operation].changes) return
    const { id } = (request.params ?? {}) as { id?: string }
    const target = request.target ?? id
    access.audit(entry, request.caller, {
      ...(target !== undefined && { target }),
      code: reply.problemCode ?? 'OK',
    })
  })
}

function entryOf({ routeOptions, headers, ip, id }: FastifyRequest): Entry | undefined {
  const { operation } = routeOptions.config
  if (!operation) return undefined
  return { operation, door: 'rest', requestId: id, authorization: headers.authorization, address: ip }
}
