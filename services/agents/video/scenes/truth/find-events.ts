import type { SceneEvent, SceneFrame } from '#schemas/scene-truth.ts'
import { isCameraRule, type Line, type WatchRule, type Zone } from '#schemas/watch-rule.ts'
import { crossingsOf } from './line-crossings.ts'
import { type PictureSize, type Visit, visitsTo } from './visits.ts'

/** What is watched in a scene. */
export interface Watch {
  zones: readonly Zone[]
  lines: readonly Line[]
  rules: readonly WatchRule[]
}

/** When which rule came true, by the definitions of docs/scenes.md; in the order of time. Schedules are not regarded. */
export function findEvents(watch: Watch, frames: readonly SceneFrame[], size: PictureSize): SceneEvent[] {
  return watch.rules
    .flatMap((rule) => eventsOf(rule, watch, { frames, size }))
    .sort((a, b) => a.atMs - b.atMs)
}

interface Seen {
  frames: readonly SceneFrame[]
  size: PictureSize
}

function eventsOf(rule: WatchRule, { zones, lines }: Watch, { frames, size }: Seen): SceneEvent[] {
  if (isCameraRule(rule)) return []
  const seen = { frames, size, classes: rule.classes }
  if (rule.kind === 'line-crossing') {
    const line = lines.find(({ id }) => id === rule.line)!
    return crossingsOf(line, seen)
      .filter(({ direction }) => rule.direction === 'any' || rule.direction === direction)
      .map(({ id, atMs, direction }) => ({
        kind: rule.kind,
        rule: rule.id,
        atMs,
        subjects: [id],
        line: line.id,
        direction,
      }))
  }
  const zone = zones.find(({ id }) => id === rule.zone)
  const visits = visitsTo(zone?.polygon, seen)
  const event = (atMs: number, subjects: number[]): SceneEvent => ({
    kind: rule.kind,
    rule: rule.id,
    atMs,
    subjects,
    ...(zone && { zone: zone.id }),
  })
  if (rule.kind === 'intrusion') return visits.map(({ id, fromMs }) => event(fromMs, [id]))
  if (rule.kind === 'loitering') {
    return visits
      .filter(({ fromMs, toMs }) => toMs - fromMs >= rule.dwellMs)
      .map(({ id, fromMs }) => event(fromMs + rule.dwellMs, [id]))
  }
  return crowds(visits, rule.minCount, frames)
    .filter(({ fromMs, toMs }) => toMs - fromMs >= rule.holdMs)
    .map(({ fromMs }) => {
      const atMs = fromMs + rule.holdMs
      return event(atMs, present(visits, atMs))
    })
}

/** Stretches of frames without a break in which at least so many are there. */
function crowds(
  visits: readonly Visit[],
  minCount: number,
  frames: readonly SceneFrame[],
): { fromMs: number; toMs: number }[] {
  const found: { fromMs: number; toMs: number }[] = []
  let open: { fromMs: number; toMs: number } | undefined
  for (const { atMs } of frames) {
    if (present(visits, atMs).length < minCount) open = undefined
    else if (open) open.toMs = atMs
    else {
      open = { fromMs: atMs, toMs: atMs }
      found.push(open)
    }
  }
  return found
}

function present(visits: readonly Visit[], atMs: number): number[] {
  return visits.filter(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs).map(({ id }) => id)
}
