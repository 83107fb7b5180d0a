import { userOfInbox } from '#subjects/inboxes.ts'
import { type NatsOperationRef, natsOperation, TENANT_SERVICES } from '#subjects/operations.ts'
import type { BusMessage } from './request-reply.ts'

/** Headers in which a client says who sits there, and from where: for the audit log, and for nothing else. */
const BY_HEADER = 'Murmur-By'
const ADDRESS_HEADER = 'Murmur-Address'
const MAX_SAID = 128

/** Who asked over NATS. */
export interface Requester {
  /** `nats:<user>`, by the inbox that the answer goes to, where the server lets nobody else listen; `nats` without a user. */
  readonly subject: string
  /** Who sits there, as the client says. */
  readonly by?: string
  /** Where it is, as the server has told the client and the client says: the protocol tells those who answer nothing of it. */
  readonly address?: string
}

/** A change that was asked for over NATS, and how that ended. */
export interface AskedChange extends Requester {
  readonly operation: string
  readonly tenant: string
  /** What it is about: a task, a key, a name. */
  readonly target?: string
  /** OK, or what it was refused for. */
  readonly code: string
}

/** What a client puts into its requests. @param address as the server sees the client */
export function introduction(by: string, address: string | undefined): Record<string, string> {
  return {
    [BY_HEADER]: oneLine(by) ?? 'unknown',
    ...(address !== undefined && { [ADDRESS_HEADER]: address }),
  }
}

export function requesterOf({ reply, header }: Pick<BusMessage, 'reply' | 'header'>): Requester {
  const user = reply === undefined ? undefined : userOfInbox(reply)
  const by = oneLine(header(BY_HEADER))
  const address = oneLine(header(ADDRESS_HEADER))
  return {
    subject: user === undefined ? 'nats' : `nats:${user}`,
    ...(by !== undefined && { by }),
    ...(address !== undefined && { address }),
  }
}

/** @param ref the catalogue's name of the operation, or a row of its own, which is called by its subject */
export function askedChange(
  ref: NatsOperationRef,
  message: BusMessage,
  outcome: { request?: unknown; answer?: unknown; code: string },
): AskedChange {
  const target = targetIn(outcome.answer) ?? targetIn(outcome.request)
  return {
    operation: typeof ref === 'string' ? ref : natsOperation(ref).subject,
    tenant: TENANT_SERVICES.tenantOf(message.subject),
    ...requesterOf(message),
    ...(target !== undefined && { target }),
    code: outcome.code,
  }
}

/** The first of what things are called by. */
function targetIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const { taskId, id, name, agent, key } = body as Record<string, unknown>
  if (typeof key === 'object') return targetIn(key)
  return [taskId, id, name, agent].find((one): one is string => typeof one === 'string')?.slice(0, MAX_SAID)
}

/** Text of others stands in a log: one line, and no more than that. */
function oneLine(text: string | undefined): string | undefined {
  return text?.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_SAID) || undefined
}
