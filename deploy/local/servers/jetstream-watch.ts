import { statfs } from 'node:fs/promises'

const POLL_INTERVAL_MS = 3000
const REQUEST_TIMEOUT_MS = 2000
/** Enough for what waits, so that it does not end in the same way at once. */
const ROOM_BYTES = 64 * 1024 * 1024
/** A write that failed stops a stream until the server starts again, also when there has long been room. */
const STUCK = /write error|no space left|JetStream (is )?(disabled|not enabled|shut ?down)|insufficient/i

export interface JetStreamWatchOptions {
  monitorUrl: string
  dataDir: string
  /** It could write again, and does not by itself. */
  onStuck(why: string): void
  roomBytes?: number
  pollIntervalMs?: number
}

/**
 * Looks whether JetStream has stopped storing because a write failed (the disk was full), and whether there is room again: only a
 * restart of the server helps then.
 * @returns a function that ends it
 */
export function watchJetStream(options: JetStreamWatchOptions): () => void {
  const { monitorUrl, dataDir, onStuck, roomBytes = ROOM_BYTES, pollIntervalMs = POLL_INTERVAL_MS } = options
  let isPolling = false
  const poll = async () => {
    if (isPolling) return
    isPolling = true
    const fault = await faultOf(monitorUrl)
    if (fault !== undefined && STUCK.test(fault) && (await freeBytes(dataDir)) >= roomBytes) onStuck(fault)
    isPolling = false
  }
  const timer = setInterval(() => void poll(), pollIntervalMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** What the server says is wrong with its JetStream; nothing while it does not answer: it starts or has ended. */
async function faultOf(monitorUrl: string): Promise<string | undefined> {
  try {
    const answer = await fetch(`${monitorUrl}/healthz`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
    const { error } = (await answer.json()) as { error?: string }
    return answer.ok ? undefined : error
  } catch {
    return undefined
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
