import { type Clock, systemClock } from '../clock/clock.ts'

const CHECK_INTERVAL_MS = 1000

/**
 * Children of local mode die with their supervisor: `onGone` is called once when the process that started this one
 * has ended, or has closed the channel to it. Gives back what ends the watch.
 */
export function watchParent(
  parentPid: number | undefined,
  onGone: (why: string) => void,
  clock: Clock = systemClock,
): () => void {
  const ending = new AbortController()
  const onDisconnect = () => notify('the channel to the parent process was closed')

  function notify(why: string): void {
    if (ending.signal.aborted) return
    end()
    onGone(why)
  }

  function end(): void {
    ending.abort()
    process.off('disconnect', onDisconnect)
  }

  async function poll(pid: number): Promise<void> {
    while (!ending.signal.aborted) {
      if (!isAlive(pid)) notify(`parent process ${pid} has ended`)
      await clock.sleep(CHECK_INTERVAL_MS, ending.signal)
    }
  }

  if (process.channel) process.once('disconnect', onDisconnect)
  if (parentPid !== undefined) void poll(parentPid)
  return end
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there, and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
