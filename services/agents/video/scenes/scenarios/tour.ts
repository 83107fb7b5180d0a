import type { SceneEvent, SceneFrame } from '#schemas/scene-truth.ts'
import type { Tour } from './script.ts'

/** Where a camera looks: radians to the right of its usual view, and the number of the view from 0; none while it turns. */
export interface Heading {
  turn: number
  view: number | undefined
}

/** Where a camera on a tour looks at a moment. Without a tour it stays where it is. Pure. */
export function headingAt(tour: Tour | undefined, seconds: number): Heading {
  if (!tour) return { turn: 0, view: 0 }
  const { turns, staySec, turnSec } = tour
  const leg = Math.floor(seconds / (staySec + turnSec))
  const view = leg % turns.length
  const share = (seconds - leg * (staySec + turnSec) - staySec) / turnSec
  const from = turns[view]!
  if (share < 0) return { turn: from, view }
  return { turn: from + (turns[(view + 1) % turns.length]! - from) * share, view: undefined }
}

/** A frame further than this from the one before was not the next. Milliseconds. */
const AWAY_MS = 1000

/**
 * What a camera on a tour can tell of its first view, which is watched. Nobody sees what goes on there while it is turned away: who is there
 * before and after has stayed, and the time between does not count. Without a tour it is all that happens. Pure.
 */
export function eventsSeen(
  tour: Tour | undefined,
  findIn: (frames: readonly SceneFrame[]) => SceneEvent[],
  frames: readonly SceneFrame[],
): SceneEvent[] {
  if (!tour) return findIn(frames)
  const home = frames.filter(({ atMs }) => headingAt(tour, atMs / 1000).view === 0)
  const away: { fromMs: number; lostMs: number }[] = []
  let lostMs = 0
  const watched = home.map((frame, i) => {
    const gapMs = frame.atMs - (home[i - 1]?.atMs ?? frame.atMs)
    if (gapMs > AWAY_MS) {
      // As if the frame that came after were the next one.
      lostMs += gapMs - (home[i + 1] ?? frame).atMs + frame.atMs
      away.push({ fromMs: frame.atMs - lostMs, lostMs })
    }
    return { ...frame, atMs: frame.atMs - lostMs }
  })
  return findIn(watched).map((event) => ({
    ...event,
    atMs: event.atMs + (away.findLast(({ fromMs }) => fromMs <= event.atMs)?.lostMs ?? 0),
  }))
}
