import type { Socket } from 'node:net'
import { type PeerCertificate, TLSSocket } from 'node:tls'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type EdgeOperationName, edgeOperation } from '#subjects/operations.ts'
import type { Access, Caller, Entry } from '../access/access.ts'

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
  app.addHook('onRequest', async (request) => {
    const entry = entryOf(request)
    if (entry) request.caller = await access.authorize(entry)
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

function entryOf({ routeOptions, headers, ip, id, raw }: FastifyRequest): Entry | undefined {
  const { operation } = routeOptions.config
  if (!operation) return undefined
  const { authorization } = headers
  const certificate = () => certificateOf(raw.socket)
  return { operation, transport: 'rest', requestId: id, authorization, address: ip, certificate }
}

/** The certificate of the other side, if the authority that was named has signed it. */
function certificateOf(socket: Socket): PeerCertificate | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const certificate = socket.getPeerCertificate()
  return certificate.raw ? certificate : undefined
}
