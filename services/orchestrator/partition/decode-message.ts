import { isResultBatch, splitResultBatch } from '#platform/json/result-batch.ts'
import { parseLogSubject } from '#subjects/subjects.ts'
import { type Decoded, decodeEvent, type RawEvent } from './decode-event.ts'

/** What a message of the log holds. `raw` of one result of a batch is that result alone. */
export interface DecodedPart {
  raw: RawEvent
  decoded: Decoded
}

/**
 * What a message of the log is: one event, or a batch of results, each of which stands or falls by itself as if it had come alone. Of one
 * task a batch has one result at most: all of them have the place of their message in the log, and a task passes over what is not behind its
 * state. Never throws.
 */
export function decodeMessage(raw: RawEvent): DecodedPart[] {
  // A batch is never encrypted by those who send results: one that was is no batch.
  if (raw.stored !== undefined || !isResultBatch(raw.data)) return [{ raw, decoded: decodeEvent(raw) }]
  const address = parseLogSubject(raw.subject)
  if (address?.kind !== 'result') return [{ raw, decoded: decodeEvent(raw) }]
  const results = splitResultBatch(raw.data)
  if (typeof results === 'string') {
    const { agent } = address
    return [{ raw, decoded: { fault: `result: ${results}`, ...(agent !== undefined && { agent }) } }]
  }
  const tasks = new Set<string>()
  return results.map((data, index) => {
    const { subject, seq, storedAtMs } = raw
    const part: RawEvent = { subject, data, seq, storedAtMs, index }
    const decoded = decodeEvent(part, address)
    if (!('event' in decoded)) return { raw: part, decoded }
    const { taskId } = decoded.event.body
    if (!tasks.has(taskId)) {
      tasks.add(taskId)
      return { raw: part, decoded }
    }
    const fault = `result: task "${taskId}" has another one in the same message`
    return { raw: part, decoded: { fault, ...(address.agent !== undefined && { agent: address.agent }) } }
  })
}
