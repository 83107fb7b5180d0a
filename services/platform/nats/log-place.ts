import { JetStreamApiError, type JetStreamManager, type StoredMsg } from '@nats-io/jetstream'
import { isNotFound } from './api-error.ts'
import { askLeader } from './ask-leader.ts'
import { isLed } from './leader-elsewhere.ts'

/** Where a reader of a stream stands: enough to tell its log from another one under the same name. */
export interface LogPlace {
  /** When the stream was made, as the server says it. */
  stream: string
  /** Sequence number of the last message that was read; 0: none. */
  seq: number
  /** When the broker stored that message. Unix milliseconds; 0 without one. */
  storedAtMs: number
}

/** How a log is not the one that was read: made anew, cut short behind us, or with another message in our place. */
export type LogBreak = 'other-stream' | 'log-behind' | 'other-history'

export interface StreamFacts {
  /** When the stream was made. */
  created: string
  firstSeq: number
  lastSeq: number
  /**
   * Whoever answered leads: it has heard of more than half of the servers lately. One that is cut off from them goes on believing for
   * some seconds that it does, and does not know what others have stored.
   */
  isLed: boolean
  /** The broker's clock at the answer; undefined from servers before 2.10. Unix milliseconds. */
  nowMs: number | undefined
}

const MESSAGE_NOT_FOUND = 10037

/** @throws Error when there is no such stream, or nobody answers */
export async function streamFacts(jsm: JetStreamManager, stream: string): Promise<StreamFacts> {
  const info: Awaited<ReturnType<typeof jsm.streams.info>> & { ts?: string } = await askLeader(() =>
    jsm.streams.info(stream),
  )
  const nowMs = info.ts === undefined ? Number.NaN : Date.parse(info.ts)
  return {
    created: String(info.created),
    firstSeq: info.state.first_seq,
    lastSeq: info.state.last_seq,
    isLed: isLed(info.cluster),
    nowMs: Number.isNaN(nowMs) ? undefined : nowMs,
  }
}

/** @throws Error when nobody answers */
export async function isThere(jsm: JetStreamManager, stream: string): Promise<boolean> {
  try {
    await askLeader(() => jsm.streams.info(stream))
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

/** One stored message, or undefined when there is none. */
export async function storedMessage(
  jsm: JetStreamManager,
  stream: string,
  query: { seq: number; next_by_subj?: string } | { last_by_subj: string },
): Promise<StoredMsg | undefined> {
  try {
    return (await askLeader(() => jsm.streams.getMessage(stream, query))) ?? undefined
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === MESSAGE_NOT_FOUND) return undefined
    throw error
  }
}

/** The message in our place is ours: times of two ways to read them may differ by a rounding. */
export function isSameTime(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1
}

/**
 * Whether the log still is what stood at `place`. A message that has gone by retention is no break.
 * @throws Error when it can't be said: nobody answers, or the stream is not there
 */
export async function findBreak(
  jsm: JetStreamManager,
  stream: string,
  place: LogPlace,
): Promise<LogBreak | undefined> {
  const facts = await streamFacts(jsm, stream)
  if (facts.created !== place.stream) return 'other-stream'
  if (facts.lastSeq < place.seq && !facts.isLed)
    throw new Error(`the server that answers for ${stream} is cut off from the others`)
  if (facts.lastSeq < place.seq) return 'log-behind'
  if (place.seq === 0 || place.seq < facts.firstSeq) return undefined
  const message = await storedMessage(jsm, stream, { seq: place.seq })
  return message && !isSameTime(message.time.getTime(), place.storedAtMs) ? 'other-history' : undefined
}
