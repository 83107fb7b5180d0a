import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type EdgeOperationName, edgeOperation } from '#subjects/operations.ts'
import { type Access, type Caller, type Entry, isFollowed } from '../access/access.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: EdgeOperationName
  }
  interface FastifyRequest {
    /** Who asks; there on every route that names its operation. */
    caller: Caller
    /** What it was about, for the audit log, where its path does not say so: a task that it made, an object. */
    target?: string
    /** It is answered when a task has ended: how long that takes says nothing about the edge. */
    hasWaited?: boolean
  }
  interface FastifyReply {
    /** What it was refused for. */
    problemCode?: string
  }
}

/** Before its body is read, a request is let in or refused; afterwards, what it changed is written down. */
export function guardRoutes(app: FastifyInstance, access: Access): void {
  app.decorateRequest('caller', null as unknown as Caller)
  app.addHook('onRequest', async (request, reply) => {
    const entry = entryOf(request)
    if (!entry) return
    request.caller = await access.authorize(entry)
    if (isFollowed(entry.operation)) reply.raw.once('close', access.openStream(request.caller))
  })
  app.addHook('onResponse', async (request, reply) => {
    const entry = entryOf(request)
    if (!entry || !request.caller || !edgeOperation(entry.operation).isChange) return
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
  return { operation, transport: 'rest', requestId: id, authorization: headers.authorization, address: ip }
}
