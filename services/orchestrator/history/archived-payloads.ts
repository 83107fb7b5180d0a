import { MurmurError } from '#platform/errors/murmur-error.ts'
import { SealedRecords } from '#platform/nats/sealed-records.ts'
import { keyMissing, neededCodec, type PayloadCodec } from '#platform/secrets/payload-codec.ts'
import type { TaskSummary } from '#schemas/task.ts'
import type { ArchivedEvent } from './event-line.ts'
import type { IndexedTaskLine } from './segment-format.ts'

/** A line of the archive with what was in its event, where that is encrypted. @throws MurmurError PAYLOAD_KEY_MISSING, PAYLOAD_UNREADABLE */
export type OpenLine = (event: ArchivedEvent) => ArchivedEvent

/** The members of a summary that are payload. */
type SealedMembers = Pick<TaskSummary, 'labels' | 'error'>

/**
 * Opens lines with these keys. Seals of the platform were looked at when the archive was written, and are not again: its keys don't last as
 * long as history does.
 * @param codec undefined: what is encrypted can't be opened here
 */
export function lineOpener(codec: PayloadCodec | undefined): OpenLine {
  const records = new SealedRecords({ keys: undefined, codec })
  return (event) => {
    // A batch is never encrypted, nor is a part of one.
    if (event.refused !== undefined || event.index !== undefined) return withHash(codec, event)
    const opened = records.opened(event)
    if (opened.unopened !== undefined) throw keyMissing(opened.unopened)
    if (opened.refused !== undefined)
      throw new MurmurError('PAYLOAD_UNREADABLE', `message ${event.seq} of the log: ${opened.refused}`)
    return withHash(codec, opened)
  }
}

function withHash(codec: PayloadCodec | undefined, event: ArchivedEvent): ArchivedEvent {
  const { tenant, taskId, seq, sealedHash } = event
  if (sealedHash === undefined || tenant === undefined || taskId === undefined) return event
  const place = placeOf('state', taskId, seq)
  return { ...event, stateHash: neededCodec(codec, tenant).open(tenant, place, sealedHash).toString() }
}

/** What is written of the end of a task whose payload is encrypted. @throws MurmurError PAYLOAD_KEY_MISSING */
export function sealEnd(
  codec: PayloadCodec | undefined,
  { stateHash, summary, seq }: { stateHash: string; summary: TaskSummary; seq: number },
): { sealedHash: string; summary: TaskSummary; sealedSummary?: string } {
  const { labels, error, ...open } = summary
  const { tenant, id } = summary
  const keys = neededCodec(codec, tenant)
  // Whoever knows all of a state but a short text in it could try texts against a plain hash.
  const sealedHash = keys.seal(tenant, placeOf('state', id, seq), stateHash)
  if (!labels && !error) return { sealedHash, summary: open }
  const members: SealedMembers = { ...(labels && { labels }), ...(error && { error }) }
  const sealedSummary = keys.seal(tenant, placeOf('summary', id, seq), JSON.stringify(members))
  return { sealedHash, summary: open, sealedSummary }
}

/** The summary of a task that ended; without what is encrypted in it where its key is missing here. @throws MurmurError PAYLOAD_UNREADABLE */
export function openSummary(
  codec: PayloadCodec | undefined,
  { summary, sealed, endedSeq = 0 }: Pick<IndexedTaskLine, 'summary' | 'sealed' | 'endedSeq'>,
): TaskSummary | undefined {
  if (!summary || sealed === undefined || !codec) return summary
  const { tenant, id } = summary
  try {
    const text = codec.open(tenant, placeOf('summary', id, endedSeq), sealed).toString()
    const { labels, error } = JSON.parse(text) as SealedMembers
    return { ...summary, ...(labels && { labels }), ...(error && { error }) }
  } catch (error) {
    if (error instanceof MurmurError && error.code === 'PAYLOAD_KEY_MISSING') return summary
    throw error
  }
}

function placeOf(what: string, taskId: string, seq: number): string {
  return `history ${what}\n${taskId}\n${seq}`
}
