import type { Socket } from 'node:net'
import { type PeerCertificate, TLSSocket } from 'node:tls'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type EdgeOperationName, edgeOperation } from '#subjects/operations.ts'
import { type Access, type Caller, type Entry, isFollowed } from '../access/access.ts'
import { Admission, type Leave } from '../access/admission.ts'
import { CredentialEnd } from '../access/credential-end.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: EdgeOperationName
  }
  interface FastifyRequest {
    /** Who asks; there on every route that names its operation. */
    caller: Caller
    /** When his credential holds no more: whoever asks for its signal ends in order, all others are cut off. */
    credentialEnd: CredentialEnd
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
export function guardRoutes(
  app: FastifyInstance,
  access: Access,
  {
    admission = new Admission(),
    sessionOf = () => undefined,
  }: {
    admission?: Admission
    /** What the session of a browser stands for, as an `Authorization` header has it; undefined: there is none. */
    sessionOf?: (request: FastifyRequest) => string | undefined
  } = {},
): void {
  const entryOf = (request: FastifyRequest) => entryFrom(request, admission, sessionOf)
  app.decorateRequest('caller', null as unknown as Caller)
  app.decorateRequest('credentialEnd', null as unknown as CredentialEnd)
  app.addHook('onRequest', async (request, reply) => {
    const entry = entryOf(request)
    if (!entry) return
    const leave = told(access, entry, undefined, () => admission.enterStranger(entry.address ?? ''))
    let caller: Caller
    try {
      caller = await access.authorize(entry)
    } finally {
      leave()
    }
    const leaveCaller = told(access, entry, caller, () => admission.enterCaller(caller))
    request.caller = caller
    holdWhileOpen(request, reply, { access, leave: leaveCaller })
    if (!isFollowed(entry.operation)) return
    reply.raw.once(
      'close',
      told(access, entry, caller, () => access.openStream(caller)),
    )
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

/** Takes a place; that there is none stands in the audit log. @throws MurmurError RATE_LIMITED, QUOTA_EXCEEDED */
function told(access: Access, entry: Entry, caller: Caller | undefined, take: () => Leave): Leave {
  try {
    return take()
  } catch (error) {
    if (error instanceof MurmurError) access.refused(entry, caller, error.code)
    throw error
  }
}

/** A request has a place among those of its credential until it is answered, and goes when the credential does. */
function holdWhileOpen(
  request: FastifyRequest,
  { raw }: FastifyReply,
  { access, leave }: { access: Access; leave: Leave },
): void {
  const end = new CredentialEnd()
  request.credentialEnd = end
  const stopWaiting = access.onEnd(request.caller, () => {
    if (!end.tell()) raw.destroy()
  })
  const release = () => {
    leave()
    stopWaiting()
  }
  // Whoever has gone while he was being looked at does not close once more.
  if (raw.destroyed) release()
  else raw.once('close', release)
}

function entryFrom(
  request: FastifyRequest,
  admission: Admission,
  sessionOf: (request: FastifyRequest) => string | undefined,
): Entry | undefined {
  const { routeOptions, headers, ip, id, raw } = request
  const { operation } = routeOptions.config
  if (!operation) return undefined
  const authorization = headers.authorization ?? sessionOf(request)
  const address = admission.addressOf(ip, headers['x-forwarded-for'])
  const certificate = () => certificateOf(raw.socket)
  return { operation, transport: 'rest', requestId: id, authorization, address, certificate }
}

/** The certificate of the other side, if the authority that was named has signed it. */
function certificateOf(socket: Socket): PeerCertificate | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const certificate = socket.getPeerCertificate()
  return certificate.raw ? certificate : undefined
}
