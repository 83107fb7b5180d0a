/** A leg of a route: go to a point at a speed, or stay for a time. */
export type Leg = { to: readonly [x: number, z: number]; speedMps?: number } | { staySec: number }

/** A route from a point, begun at a time. Metres, seconds. */
export interface Route {
  startSec: number
  from: readonly [x: number, z: number]
  speedMps: number
  legs: readonly Leg[]
}

/** Where something is at a time, how it faces and how it got there. */
export interface RoutePosition {
  x: number
  z: number
  /** Radians to the right of +z. */
  yaw: number
  speedMps: number
  /** Since the start. */
  walkedM: number
}

interface Stretch {
  fromSec: number
  toSec: number
  from: readonly [number, number]
  to: readonly [number, number]
  walkedM: number
}

/** Corners are rounded and starts softened over this time. Seconds. */
const SMOOTH_SEC = 0.6

/** The position at any time; undefined before the start and after the end. */
export function followRoute(route: Route): (atSec: number) => RoutePosition | undefined {
  const stretches = stretchesOf(route)
  const endSec = stretches[stretches.length - 1]!.toSec
  const positionAt = (atSec: number): readonly [x: number, z: number, walkedM: number] => {
    const stretch = stretches.find(({ toSec }) => atSec < toSec) ?? stretches[stretches.length - 1]!
    const length = stretch.toSec - stretch.fromSec
    const share = length === 0 ? 1 : Math.min(1, Math.max(0, (atSec - stretch.fromSec) / length))
    const [dx, dz] = [stretch.to[0] - stretch.from[0], stretch.to[1] - stretch.from[1]]
    return [
      stretch.from[0] + dx * share,
      stretch.from[1] + dz * share,
      stretch.walkedM + Math.hypot(dx, dz) * share,
    ]
  }
  const smooth = (atSec: number) => {
    const samples = [-0.5, -0.25, 0, 0.25, 0.5].map((share) => positionAt(atSec + share * SMOOTH_SEC))
    return [0, 1, 2].map((k) => samples.reduce((sum, sample) => sum + sample[k]!, 0) / samples.length) as [
      number,
      number,
      number,
    ]
  }
  // Who stands still faces the way that it came.
  const headings: number[] = []
  for (const { from, to } of stretches)
    headings.push(
      Math.hypot(to[0] - from[0], to[1] - from[1]) < 0.01
        ? NaN
        : Math.atan2(to[0] - from[0], to[1] - from[1]),
    )
  return (atSec) => {
    if (atSec < route.startSec || atSec >= endSec) return undefined
    const [x, z, walkedM] = smooth(atSec)
    const [aheadX, aheadZ, aheadM] = smooth(atSec + 0.1)
    const [behindX, behindZ, behindM] = smooth(atSec - 0.1)
    const speedMps = (aheadM - behindM) / 0.2
    const moved = Math.hypot(aheadX - behindX, aheadZ - behindZ)
    const yaw =
      moved > 0.02 ? Math.atan2(aheadX - behindX, aheadZ - behindZ) : lastHeading(stretches, headings, atSec)
    return { x, z, yaw, speedMps, walkedM }
  }
}

function lastHeading(stretches: readonly Stretch[], headings: readonly number[], atSec: number): number {
  let heading = headings.find((known) => !Number.isNaN(known)) ?? 0
  for (const [i, { fromSec }] of stretches.entries()) {
    if (fromSec > atSec) break
    if (!Number.isNaN(headings[i]!)) heading = headings[i]!
  }
  return heading
}

function stretchesOf({ startSec, from, speedMps, legs }: Route): Stretch[] {
  const stretches: Stretch[] = []
  let [at, nowSec, walkedM] = [from, startSec, 0]
  for (const leg of legs) {
    const to = 'to' in leg ? leg.to : at
    const lengthM = Math.hypot(to[0] - at[0], to[1] - at[1])
    const seconds = 'to' in leg ? lengthM / (leg.speedMps ?? speedMps) : leg.staySec
    stretches.push({ fromSec: nowSec, toSec: nowSec + seconds, from: at, to, walkedM })
    walkedM += lengthM
    nowSec += seconds
    at = to
  }
  return stretches
}
