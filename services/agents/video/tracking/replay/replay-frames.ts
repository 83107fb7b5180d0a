import { z } from 'zod'
import type { CameraEvent } from '#schemas/camera-event.ts'
import { type Detections, detectionsSchema, type GatedFrame, gatedFrameSchema } from '#schemas/detection.ts'
import type { RulesReplayInput } from '#schemas/rules-replay.ts'
import type { ObservedFrame } from '../../recordings/observations/frame-line.ts'
import { type MonitorState, NEW_MONITOR } from '../monitor/monitor-state.ts'
import { type MonitorSetup, monitorSetup, stepMonitor } from '../monitor/step-monitor.ts'
import { DEFAULT_MIN_SCORE } from '../track/track-options.ts'

/** An event of the past, and whether it would have been an alert of its own. */
export type ReplayedEvent = CameraEvent & { isAlert: boolean }

export interface ReplayState {
  /** `raised`: the groups of events that have their alert, as long as more may join them. */
  readonly monitors: ReadonlyMap<
    string,
    { setup: MonitorSetup; state: MonitorState; raised: ReadonlySet<string> }
  >
  /** When the last alert about each subject of each rule was. */
  readonly alertedMs: ReadonlyMap<string, number>
  readonly frames: number
  readonly late: number
  readonly firstMs: number | undefined
  readonly lastMs: number | undefined
}

export const NEW_REPLAY: ReplayState = {
  monitors: new Map(),
  alertedMs: new Map(),
  frames: 0,
  late: 0,
  firstMs: undefined,
  lastMs: undefined,
}

/** What the tracker takes of what was seen. */
const frameSchema = z.union([detectionsSchema, gatedFrameSchema])

/**
 * The tracker and the rules after one more frame of the past: the same functions, in the same order, on the same numbers as they were
 * then. Pure.
 * @param tenant whose camera it is: a part of the events
 */
export function stepReplay(
  input: RulesReplayInput,
  tenant: string,
  before: ReplayState,
  frame: ObservedFrame,
): { state: ReplayState; events: ReplayedEvent[] } {
  const { monitor, atMs } = frame.seen
  const isWanted = input.monitor === undefined || input.monitor === monitor
  const seen = isWanted && atMs < input.toMs ? frameSchema.safeParse(frame.seen).data : undefined
  if (!seen) return { state: before, events: [] }
  const isInSpan = atMs >= input.fromMs
  const counted = isInSpan ? { ...before, frames: before.frames + 1, ...spanWith(before, atMs) } : before
  // The tracker has not used it then either.
  if (frame.unused === 'late')
    return {
      state: { ...counted, late: counted.late + (isInSpan && !('gated' in seen) ? 1 : 0) },
      events: [],
    }
  return step(input, { tenant, frame, seen }, counted)
}

function step(
  input: RulesReplayInput,
  { tenant, frame, seen }: { tenant: string; frame: ObservedFrame; seen: Detections | GatedFrame },
  before: ReplayState,
): { state: ReplayState; events: ReplayedEvent[] } {
  const { monitor } = seen
  const known = before.monitors.get(monitor)
  const minScore = frame.minScore ?? DEFAULT_MIN_SCORE
  const setup = known?.setup ?? monitorSetup(input, { monitor, tenant, minScore })
  const next = stepMonitor(setup, known?.state ?? NEW_MONITOR, seen, seen.capturedAtMs)
  const { raised = new Set<string>() } = known ?? {}
  if (next.events.length === 0) {
    const monitors = new Map(before.monitors).set(monitor, { setup, state: next.state, raised })
    return { state: { ...before, monitors }, events: [] }
  }
  const alertedMs = new Map(before.alertedMs)
  const groups = new Set(raised)
  // As alerting decides: what joins a group that has its alert only counts, and so does what is told again within the cooldown.
  const events = next.events.map((event) => {
    const group = event.group?.id ?? event.id
    const key = [event.monitor, event.rule.id, event.subject].join(' ')
    const lastMs = alertedMs.get(key)
    const isRepeated = lastMs !== undefined && Math.abs(event.atMs - lastMs) < event.rule.cooldownMs
    const isAlert = !groups.has(group) && !isRepeated
    if (isAlert) {
      alertedMs.set(key, event.atMs)
      groups.add(group)
    }
    return { ...event, isAlert }
  })
  const open = new Set(next.state.groups?.map(({ id }) => id))
  const still = new Set([...groups].filter((id) => open.has(id)))
  const monitors = new Map(before.monitors).set(monitor, { setup, state: next.state, raised: still })
  const isReported = ({ atMs }: CameraEvent) => atMs >= input.fromMs && atMs < input.toMs
  return { state: { ...before, monitors, alertedMs }, events: events.filter(isReported) }
}

function spanWith({ firstMs, lastMs }: ReplayState, atMs: number): Pick<ReplayState, 'firstMs' | 'lastMs'> {
  return { firstMs: Math.min(firstMs ?? atMs, atMs), lastMs: Math.max(lastMs ?? atMs, atMs) }
}
