import type { Socket } from 'node:net'

/** A connection that nobody has taken for so long is closed: the source would end it itself, or take it for a caller that hangs. */
const HELD_MS = 5000

/** A connection to a source that was made to see whether it is there, and is kept for whoever reads it next: so a source is called once. */
export interface HeldConnection {
  /** Keeps it, in place of one that is kept already. */
  keep(socket: Socket): void
  /** Gives it away, once; undefined when there is none any more. */
  take(): Socket | undefined
  close(): void
}

export function createHeldConnection(heldMs: number = HELD_MS): HeldConnection {
  let held: Socket | undefined
  let timer: NodeJS.Timeout | undefined
  const ignore = () => undefined

  function take(): Socket | undefined {
    clearTimeout(timer)
    const taken = held
    held = undefined
    // What has ended while it was kept is no use to anybody.
    if (!taken || taken.destroyed || taken.readableEnded) return undefined
    taken.off('error', ignore)
    return taken
  }

  function close(): void {
    clearTimeout(timer)
    held?.destroy()
    held = undefined
  }

  return {
    keep(socket) {
      close()
      held = socket
      socket.on('error', ignore)
      timer = setTimeout(close, heldMs)
    },
    take,
    close,
  }
}
