/** Times are Unix milliseconds. */

/** What a camera shows over and over. */
export interface LoopedTruth {
  camera: string
  startedAtMs: number
  loopMs: number
  /** From the beginning of each loop. */
  events: readonly TruthEvent[]
}

/** `takesMs`: for how long it has to be so before it is one, of loitering and crowds. */
export interface TruthEvent {
  rule: string
  atMs: number
  takesMs?: number
}

/** Somebody could not see: what happened then may be missed, or told when it is seen again. */
export interface Trouble {
  /** Unless given, of all. */
  camera?: string
  what: string
  fromMs: number
  toMs: number
}

export interface RaisedAlert {
  id: string
  camera: string
  rule: string
  atMs: number
  /** Who it is about: for whoever looks for the reason. */
  subject?: string
}

/** Of a state of a camera: raised, and what became of it, in the order in which it was told. */
export interface ToldIncident {
  id: string
  camera: string
  /** `camera-offline`, `camera-blind` … */
  kind: string
  sinceMs: number
  changes: readonly string[]
}

export interface Outage {
  camera: string
  fromMs: number
  toMs: number
}

export interface Verdict {
  /** Events of the truth that somebody could see, and how many of those were told. */
  events: number
  told: number
  /** Events while nobody could see, and how many were told all the same. */
  unseen: number
  unseenTold: number
  violations: string[]
}

/** An alert says when its frame was captured: a moment after it was so, and as long after as a rule needs to be sure. */
const EARLY_MS = 1500
const LATE_MS = 4000
/** Before a fault: what was in hand. After it: until objects are followed again. */
const BEFORE_MS = 2000
const AFTER_MS = 6000
/** Nobody in the scenes stays longer where he is told of. */
const VISIT_MS = 15_000
/** Who is taken for the one who was there is told when he moves. */
const MOVES_MS = 8000

/** Whether alerts are true to what the cameras showed: each event once, and nothing else. Pure. */
export function judgeAlerts(
  truths: readonly LoopedTruth[],
  alerts: readonly RaisedAlert[],
  { fromMs, toMs, troubles }: { fromMs: number; toMs: number; troubles: readonly Trouble[] },
): Verdict {
  const verdict: Verdict = { events: 0, told: 0, unseen: 0, unseenTold: 0, violations: [] }
  const left = [...alerts]
  const all = occurrences(truths, fromMs, toMs)
  const takes = new Map(all.map(({ camera, rule, takesMs = 0 }) => [`${camera} ${rule}`, takesMs]))
  const ofCamera = (camera: string) =>
    troubles.filter((one) => one.camera === undefined || one.camera === camera)
  /** Also who has to be seen for long enough, and was not. */
  const isBlind = (camera: string, rule: string, atMs: number) =>
    ofCamera(camera).some(
      ({ fromMs, toMs }) =>
        atMs >= fromMs - BEFORE_MS && atMs <= toMs + AFTER_MS + (takes.get(`${camera} ${rule}`) ?? 0),
    )
  /**
   * The first of its kind after a visit that a fault has cut. A scene that comes round shows the same person at the same place: lost and found
   * takes him for the one who was there (docs/tracking.md), and tells him again when he has moved, or not.
   */
  const isSameVisit = ({ camera, rule, atMs }: Occurrence) => {
    const before = all.findLast((one) => one.camera === camera && one.rule === rule && one.atMs < atMs)
    return (
      before !== undefined &&
      ofCamera(camera).some(
        ({ fromMs, toMs }) => before.atMs >= fromMs - VISIT_MS && before.atMs <= toMs && atMs > toMs,
      )
    )
  }
  const resumed = all.filter(isSameVisit)
  const say = (atMs: number) => `${((atMs - fromMs) / 1000).toFixed(1)} s`
  for (const one of all) {
    const { camera, rule, atMs } = one
    const found = left.findIndex(
      (alert) =>
        alert.camera === camera &&
        alert.rule === rule &&
        alert.atMs >= atMs - EARLY_MS &&
        alert.atMs <= atMs + (resumed.includes(one) ? MOVES_MS : LATE_MS),
    )
    if (found >= 0) left.splice(found, 1)
    const isTold = found >= 0
    // Too late to be sure that it will not be.
    if (atMs > toMs - LATE_MS) continue
    if (isBlind(camera, rule, atMs) || resumed.includes(one)) {
      verdict.unseen++
      if (isTold) verdict.unseenTold++
    } else {
      verdict.events++
      if (isTold) verdict.told++
      else verdict.violations.push(`${camera}: ${rule} at ${say(atMs)} was not told`)
    }
  }
  for (const { camera, rule, atMs, subject } of left)
    if (atMs >= fromMs && atMs <= toMs && !isBlind(camera, rule, atMs))
      verdict.violations.push(
        `${camera}: ${rule} was told of ${subject ?? 'somebody'} for ${say(atMs)}, where nothing of it was, or once more`,
      )
  const ids = alerts.map(({ id }) => id)
  const twice = new Set(ids.filter((id, i) => ids.indexOf(id) !== i))
  for (const id of twice) verdict.violations.push(`${id} was published twice`)
  return verdict
}

interface Occurrence extends TruthEvent {
  camera: string
}

/** Events that an alert is owed for, in the order of time. */
function occurrences(truths: readonly LoopedTruth[], fromMs: number, toMs: number): Occurrence[] {
  const found: Occurrence[] = []
  for (const { camera, startedAtMs, loopMs, events } of truths)
    for (let loopAtMs = startedAtMs; loopAtMs < toMs; loopAtMs += loopMs)
      for (const event of events) found.push({ ...event, camera, atMs: loopAtMs + event.atMs })
  return found.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs).sort((a, b) => a.atMs - b.atMs)
}

/** Before its end is seen a camera's picture stands still for a while; after it somebody has to look. */
const NOTICED_MS = 15_000

/**
 * Whether each outage is one incident, opened once and closed once. That a camera is blind, lags or is not watched is true while somebody could
 * not see, and a fault of the product at any other time. Pure.
 * @returns what is wrong
 */
export function judgeIncidents(
  outages: readonly Outage[],
  incidents: readonly ToldIncident[],
  troubles: readonly Trouble[] = [],
): string[] {
  const left = incidents.filter(({ kind }) => kind === 'camera-offline')
  const faults: string[] = []
  for (const { camera, kind, id, sinceMs } of incidents) {
    if (kind === 'camera-offline') continue
    const isTrue = troubles.some(
      (one) =>
        (one.camera === undefined || one.camera === camera) &&
        sinceMs >= one.fromMs - BEFORE_MS &&
        sinceMs <= one.toMs + AFTER_MS,
    )
    if (!isTrue) faults.push(`${camera}: ${kind} was told, and nothing was in the way (${id})`)
  }
  for (const { camera, fromMs, toMs } of outages) {
    const of = left.filter(
      (one) => one.camera === camera && one.sinceMs >= fromMs - BEFORE_MS && one.sinceMs <= toMs + NOTICED_MS,
    )
    for (const one of of) left.splice(left.indexOf(one), 1)
    const seconds = Math.round((toMs - fromMs) / 1000)
    if (of.length !== 1) faults.push(`${camera}: an outage of ${seconds} s is ${of.length} incidents`)
    for (const { changes } of of) {
      const closed = changes.filter((change) => change === 'resolved').length
      const again = changes.filter((change) => change === 'reopened' || change === 'recurred').length
      if (closed !== 1 || again > 0)
        faults.push(`${camera}: an incident was closed ${closed} times, and opened again ${again} times`)
    }
  }
  for (const { camera, id } of left) faults.push(`${camera}: an incident without an outage (${id})`)
  return faults
}

/** Resident memory over time. Minutes and MB. */
export type MemorySamples = readonly (readonly [minutes: number, mb: number])[]

/** Shorter than this, caches that fill look like growth. Minutes. */
const SLOPE_AFTER_MIN = 60
const MAX_SLOPE_MB_PER_HOUR = 12
/** In less time than that. */
const MAX_GROWTH_MB = 100

export interface MemoryVerdict {
  lastMb: number
  /** From the first third of the second half of the samples to the last. */
  growthMb: number
  mbPerHour: number
  isFlat: boolean
}

/** Whether memory stays where it is, of one life of a process. Pure. */
export function judgeMemory(samples: MemorySamples): MemoryVerdict | undefined {
  const settled = samples.slice(Math.floor(samples.length / 2))
  if (settled.length < 6) return undefined
  const third = Math.floor(settled.length / 3)
  const mean = (of: MemorySamples) => of.reduce((sum, [, mb]) => sum + mb, 0) / of.length
  const growthMb = mean(settled.slice(-third)) - mean(settled.slice(0, third))
  const mbPerHour = slope(settled) * 60
  const isLong = samples.at(-1)![0] - samples[0]![0] >= SLOPE_AFTER_MIN
  const isFlat = isLong ? mbPerHour <= MAX_SLOPE_MB_PER_HOUR : growthMb <= MAX_GROWTH_MB
  const tenth = (value: number) => Math.round(value * 10) / 10
  return { lastMb: samples.at(-1)![1], growthMb: tenth(growthMb), mbPerHour: tenth(mbPerHour), isFlat }
}

/** Least squares. */
function slope(points: MemorySamples): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length
  const top = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  return top / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
}
