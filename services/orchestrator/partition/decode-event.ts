import { type LogEvent, logEventSchemas } from '#schemas/log-event.ts'
import { parseLogSubject } from '#subjects/subjects.ts'

/** A message of the log as it was read. */
export interface RawEvent {
  subject: string
  data: Uint8Array
  seq: number
  storedAtMs: number
}

const decoder = new TextDecoder()

/**
 * A message of the log as an event, or why it is none. Agents in any language write results into the log, so what
 * stands there is checked like everything that comes from outside.
 */
export function decodeEvent(raw: RawEvent): { event: LogEvent } | { fault: string } {
  const address = parseLogSubject(raw.subject)
  if (!address) return { fault: `subject ${raw.subject} is none of the log` }
  let json: unknown
  try {
    json = JSON.parse(decoder.decode(raw.data))
  } catch (error) {
    return { fault: `not JSON: ${(error as Error).message}` }
  }
  const parsed = logEventSchemas[address.kind].safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return { fault: `${address.kind}: ${issue?.path.join('.')} ${issue?.message}` }
  }
  const event = {
    kind: address.kind,
    atMs: raw.storedAtMs,
    seq: raw.seq,
    bytes: raw.data.length,
    body: parsed.data,
    ...(address.agent !== undefined && { agent: address.agent }),
  }
  return { event: event as LogEvent }
}
