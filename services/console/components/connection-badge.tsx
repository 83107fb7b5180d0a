import { useSyncExternalStore } from 'react'
import { connection } from '../data/connection.ts'

const TEXTS = { live: 'Live', reconnecting: 'Reconnecting', offline: 'Offline' } as const
const ABOUT = {
  live: 'What is shown is as it is now',
  reconnecting: 'The edge does not answer: what is shown may be older. It goes on by itself.',
  offline: 'This machine has no network: what is shown may be older. It goes on by itself.',
} as const

/** Whether what is shown is as it is now. */
export function ConnectionBadge() {
  const state = useSyncExternalStore(connection.subscribe, () => connection.state)
  return (
    <span className={`connection ${state}`} role="status" title={ABOUT[state]}>
      <span className="connection-dot" aria-hidden="true" />
      {TEXTS[state]}
    </span>
  )
}
