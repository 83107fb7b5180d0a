import { useEffect, useRef, useState } from 'react'
import { connection } from './connection.ts'
import { type LiveEvent, LiveStream } from './live-stream.ts'
import type { ProblemError } from './problem.ts'

export type LiveState = 'connecting' | 'open' | 'broken' | 'over'

const streams = new Set<LiveStream>()

// Whoever comes back to the page, or to the network, wants to see at once how things are.
if (typeof document !== 'undefined') {
  const wakeAll = () => {
    if (document.visibilityState === 'visible') for (const stream of streams) stream.wake()
  }
  document.addEventListener('visibilitychange', wakeAll)
  window.addEventListener('online', () => {
    connection.setOnline(true)
    wakeAll()
  })
  window.addEventListener('offline', () => connection.setOnline(false))
}

/**
 * Follows a stream of the edge for as long as the component is shown.
 * @param url undefined: follows nothing
 * @param onEvents everything that came since the last call; at most once a frame
 */
export function useLive(
  url: string | undefined,
  onEvents: (events: readonly LiveEvent[]) => void,
): { state: LiveState; problem: ProblemError | undefined } {
  const handler = useRef(onEvents)
  handler.current = onEvents
  const [state, setState] = useState<LiveState>('connecting')
  const [problem, setProblem] = useState<ProblemError>()
  useEffect(() => {
    if (url === undefined) return
    setState('connecting')
    setProblem(undefined)
    const stream = new LiveStream({
      url,
      onEvents: (events) => handler.current(events),
      onState: setState,
      onEnd: setProblem,
    })
    streams.add(stream)
    return () => {
      streams.delete(stream)
      stream.close()
    }
  }, [url])
  return { state, problem }
}
