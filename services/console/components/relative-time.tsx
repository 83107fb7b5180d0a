import { useEffect, useState } from 'react'
import { nowMs } from '../data/clock.ts'
import { formatDuration, formatRelative, formatTime, relativeHoldsMs } from '../data/format.ts'

/** How long ago; drawn again when that is not right any more. */
export function RelativeTime({ atMs }: { atMs: number }) {
  const [now, setNow] = useState(nowMs)
  useEffect(() => {
    const timer = setTimeout(() => setNow(nowMs()), relativeHoldsMs(atMs, now))
    return () => clearTimeout(timer)
  }, [atMs, now])
  return (
    <time dateTime={new Date(atMs).toISOString()} title={new Date(atMs).toLocaleString()}>
      {formatRelative(atMs, now)}
    </time>
  )
}

/** The time of day, with the date where it is not today. */
export function ClockTime({ atMs }: { atMs: number }) {
  return (
    <time dateTime={new Date(atMs).toISOString()} title={new Date(atMs).toISOString()}>
      {formatTime(atMs, nowMs())}
    </time>
  )
}

/** From a moment to another, or until now, and then it goes on. */
export function Duration({ fromMs, toMs }: { fromMs: number; toMs?: number | undefined }) {
  const [now, setNow] = useState(nowMs)
  useEffect(() => {
    if (toMs !== undefined) return
    const timer = setInterval(() => setNow(nowMs()), 1000)
    return () => clearInterval(timer)
  }, [toMs])
  return <span className="number">{formatDuration(Math.max(0, (toMs ?? now) - fromMs))}</span>
}
