import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { TaskStatus } from '#schemas/task.ts'
import type { RawEvent } from '../partition/decode-event.ts'

/** What is known of an event beside what it says itself. */
export interface EventFacts {
  kind: string
  taskId?: string | undefined
  tenant?: string | undefined
  /** A result without the proof that it was asked for: it counted for nothing, and never does. */
  unproven?: boolean | undefined
  /** What followed from it, as a short hash: `commandsHash`. Undefined where nobody wrote it down. */
  commands?: string | undefined
  /** It was the end of its task, which became this; and the SHA-256 of the task's state. */
  ends?: TaskStatus | undefined
  stateHash?: string | undefined
  /** In place of the hash, of a task whose payload is encrypted. */
  sealedHash?: string | undefined
}

export interface ArchivedEvent extends RawEvent, EventFacts {}

/** Stands behind all other members, so that what follows is the event as it was, to the byte. No member before it can hold this text. */
const EVENT = ',"event":'
const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * An event as a line of a segment, without its end. Its body stands in it as it was stored, where that is JSON on one line that all readers
 * take; otherwise `raw` has its bytes in base64. What is encrypted in the log stays so. Pure.
 * @param isPlain it was read as an event of its kind: its JSON is sound and not too deep
 */
export function encodeLine(raw: RawEvent, facts: EventFacts, isPlain: boolean): string {
  const { kind, taskId, tenant, unproven, commands, ends, stateHash, sealedHash } = facts
  const { index, refused, stored: data = raw.data } = raw
  const head = JSON.stringify({
    seq: raw.seq,
    time: new Date(raw.storedAtMs).toISOString(),
    timeMs: raw.storedAtMs,
    partition: Number(raw.subject.split('.')[1]) || 0,
    subject: raw.subject,
    kind,
    ...(index !== undefined && { index }),
    ...(refused !== undefined && { refused }),
    ...(taskId !== undefined && { taskId }),
    ...(tenant !== undefined && { tenant }),
    ...(unproven && { unproven: true }),
    ...(commands !== undefined && { commands }),
    ...(ends !== undefined && { ends }),
    ...(sealedHash !== undefined ? { sealedHash } : stateHash !== undefined && { stateHash }),
  })
  const text = isPlain ? plainText(data) : undefined
  if (text !== undefined) return `${head.slice(0, -1)}${EVENT}${text}}`
  return `${head.slice(0, -1)},"raw":"${Buffer.from(data).toString('base64')}"}`
}

/** Undefined: not for everybody. */
function plainText(data: Uint8Array): string | undefined {
  for (const byte of data) if (byte < 0x20) return undefined
  let text: string
  try {
    text = decoder.decode(data)
  } catch {
    return undefined
  }
  // A byte order mark would be taken off; half a surrogate pair is refused by most readers.
  if (data[0] === 0xef || /\\u[dD][89a-fA-F]/.test(text)) return undefined
  return text
}

/** A line as an event, with what was stored as its data; undefined for the header. @throws MurmurError INTERNAL for what is none */
export function decodeLine(line: string): ArchivedEvent | undefined {
  const at = line.indexOf(EVENT)
  let head: Record<string, unknown>
  try {
    head = JSON.parse(at < 0 ? line : `${line.slice(0, at)}}`) as Record<string, unknown>
  } catch (cause) {
    throw new MurmurError('INTERNAL', 'a line of a segment is no JSON', { cause })
  }
  if (head.format !== undefined) return undefined
  const { seq, timeMs, subject, raw, kind, index, refused } = head
  const { taskId, tenant, unproven, commands, ends, stateHash, sealedHash } = head
  if (typeof seq !== 'number' || typeof timeMs !== 'number' || typeof subject !== 'string')
    throw new MurmurError('INTERNAL', 'a line of a segment is no event')
  const data = at < 0 ? Buffer.from(String(raw), 'base64') : Buffer.from(line.slice(at + EVENT.length, -1))
  return {
    ...{ seq, storedAtMs: timeMs, subject, data, kind: String(kind) },
    ...(typeof index === 'number' && { index }),
    ...(typeof refused === 'string' && { refused }),
    ...(typeof taskId === 'string' && { taskId }),
    ...(typeof tenant === 'string' && { tenant }),
    ...(unproven === true && { unproven }),
    ...(typeof commands === 'string' && { commands }),
    ...(typeof ends === 'string' && { ends: ends as TaskStatus }),
    ...(typeof stateHash === 'string' && { stateHash }),
    ...(typeof sealedHash === 'string' && { sealedHash }),
  }
}
