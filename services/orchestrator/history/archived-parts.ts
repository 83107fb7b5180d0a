import { type Decoded, decodeEvent, type RawEvent } from '../partition/decode-event.ts'
import { type DecodedPart, decodeMessage } from '../partition/decode-message.ts'

/**
 * A message of the log as the lines that the archive has of it: one for each result of a batch, otherwise one. What its owner passed over
 * and what by itself looks like an event is marked as `refused`, so that nobody takes it for one who reads its line alone. Never throws.
 */
export function archivedParts(message: RawEvent): DecodedPart[] {
  return decodeMessage(message).map((part) => {
    const refused = reasonOf(part)
    return refused === undefined ? part : { raw: { ...part.raw, refused }, decoded: part.decoded }
  })
}

function reasonOf({ raw, decoded }: DecodedPart): string | undefined {
  if ('event' in decoded || 'later' in decoded || 'isMark' in decoded) return undefined
  if (raw.refused !== undefined) return undefined
  // A result that named a key that is not there: it is passed over, and its attempt made again.
  if (raw.unopened !== undefined) return raw.unopened
  // The second result of its task in a batch.
  return raw.index !== undefined && 'event' in decodeEvent(raw) ? decoded.fault : undefined
}

/** What a line of the archive is: what its message, or its part of one, was when it was written. Never throws. */
export function decodeArchived(line: RawEvent): Decoded {
  return line.index === undefined ? decodeMessage(line)[0]!.decoded : decodeEvent(line)
}
