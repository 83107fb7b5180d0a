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
