import { deferred } from '#platform/clock/promises.ts'
import { storedMessage } from './log-place.ts'
import { type LogMessage, LogSession, type LogSessionDeps } from './log-session.ts'

export interface ReadStoredOptions {
  stream: string
  /** May hold wildcards. */
  filterSubject: string
  /** Of each subject the last message only. */
  lastOnly?: boolean
  onMessage: (message: LogMessage) => void
  /** How many more messages may come now; without it: any number. `more` of what `onStart` gives says that there is room again. */
  room?: () => number
  onStart?: (more: () => void) => void
  /** Cuts it short. */
  signal?: AbortSignal
}

/**
 * Hands over what a stream has on a subject now, in its order, and ends. What is cut short throws: whoever asks begins again.
 * @throws Error when the connection has gone, or something is missing; the signal's reason
 */
export async function readStored(deps: LogSessionDeps, options: ReadStoredOptions): Promise<void> {
  const { stream, filterSubject, lastOnly, onMessage, onStart, signal } = options
  const room = options.room ?? (() => Number.POSITIVE_INFINITY)
  const last = await storedMessage(deps.jsm, stream, { last_by_subj: filterSubject })
  if (!last) return
  const { promise: done, resolve, reject } = deferred()
  // It may be over before anybody waits for it.
  done.catch(() => {})
  const session = new LogSession(deps, {
    ...{ stream, filterSubject, fromSeq: 1, lastOnly: lastOnly === true, room },
    onMessage: (message) => {
      if (message.seq <= last.seq) onMessage(message)
      // The last one of all is the last of its subject, so it comes, unless it was taken away meanwhile.
      if (message.seq >= last.seq || session.unread === 0) resolve()
    },
  })
  const onAbort = () => reject(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()
  void session.ended.then((why) => reject(new Error(`reading ${stream} was cut short: ${why}`)))
  try {
    await session.start()
    if (session.unread === 0) resolve()
    onStart?.(() => session.more())
    await done
  } finally {
    signal?.removeEventListener('abort', onAbort)
    session.end('over')
  }
}
