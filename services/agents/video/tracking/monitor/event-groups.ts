import { z } from 'zod'
import type { CameraEvent } from '#schemas/camera-event.ts'
import { compareSeverity, type Grouping, severitySchema, type WatchRule } from '#schemas/watch-rule.ts'

/** Events that are one alert. Times are those of events. Milliseconds. */
const eventGroupSchema = z.object({
  /** What its members have in common. */
  key: z.string(),
  /** The id of its first event, and whose rule that was. */
  id: z.string(),
  rule: z.string(),
  severity: severitySchema,
  startMs: z.number(),
  lastMs: z.number(),
  /** With the time at which each was told last. */
  subjects: z.array(z.tuple([z.string(), z.number()])),
  /** All of them, the forgotten included. */
  count: z.int().min(1),
})
export const eventGroupsSchema = z.array(eventGroupSchema)
export type EventGroup = z.infer<typeof eventGroupSchema>

export const DEFAULT_GROUP_MS = 5000
/** A group that goes on for longer begins anew: an alert every ten minutes says that it does. Milliseconds. */
const LONGEST_GROUP_MS = 600_000
/** Events come up to a second later than they happened, and not in the order of their times. Milliseconds. */
const RECENT_MS = 5000
/** Groups that are remembered, and subjects of one; the oldest are forgotten. */
const MAX_GROUPS = 256
const MAX_SUBJECTS = 100

/** How events of a rule are grouped, and for how long. */
export type GroupSettings = Pick<WatchRule, 'cooldownMs'> & {
  groupBy?: Grouping | undefined
  groupMs?: number | undefined
}

/**
 * Gives each event its group. It belongs to
 *
 *   the group in which its subject was told, within the cooldown of the alert
 *   else one of the same key, not less severe, whose last event is at most `groupMs` away
 *   else a new one, whose alert it becomes
 *
 * Pure.
 */
export function groupEvents(
  before: readonly EventGroup[],
  events: readonly CameraEvent[],
  settingsOf: (rule: string) => GroupSettings | undefined,
): { groups: readonly EventGroup[]; events: CameraEvent[] } {
  if (events.length === 0) return { groups: before, events: [] }
  let groups = [...before]
  const grouped = events.map((event) => {
    const settings = settingsOf(event.rule.id) ?? { cooldownMs: event.rule.cooldownMs }
    const { groupBy = event.rule.kind === 'crowd' ? 'subject' : 'zone', groupMs = DEFAULT_GROUP_MS } =
      settings
    const key = keyOf(event, groupBy)
    const told = groups.findLast((group) => isRepeated(group, event, settings.cooldownMs))
    const joined =
      told ??
      (groupBy === 'subject' ? undefined : groups.findLast((group) => goesOn(group, event, { key, groupMs })))
    const group = joined ? withEvent(joined, event) : newGroup(key, event)
    groups = [...groups.filter((other) => other !== joined), group].slice(-MAX_GROUPS)
    return { ...event, group: { id: group.id, subjects: group.count } }
  })
  return { groups: groups.filter(isWanted), events: grouped }

  function isWanted({ rule, lastMs }: EventGroup): boolean {
    const { cooldownMs = 0, groupMs = DEFAULT_GROUP_MS } = settingsOf(rule) ?? {}
    return Math.abs(events[0]!.atMs - lastMs) <= Math.max(cooldownMs, groupMs, RECENT_MS)
  }
}

/** Directions over a line are different things to know. */
function keyOf({ rule, subject, zone, line, direction, preset }: CameraEvent, groupBy: Grouping): string {
  if (groupBy === 'camera') return 'camera'
  if (groupBy === 'rule') return rule.id
  const where = [zone?.id ?? line?.id ?? '', direction ?? '', preset ?? '']
  return JSON.stringify([rule.id, ...(groupBy === 'subject' ? [subject] : where)])
}

/** The cooldown begins with the alert and is not prolonged. */
function isRepeated(group: EventGroup, { rule, subject, atMs }: CameraEvent, cooldownMs: number): boolean {
  const told = group.subjects.find(([known]) => known === nameOf({ rule, subject }))
  return told !== undefined && Math.abs(atMs - told[1]) < cooldownMs
}

/** Rules tell about subjects apart from each other. */
function nameOf({ rule, subject }: Pick<CameraEvent, 'rule' | 'subject'>): string {
  return `${rule.id} ${subject}`
}

function goesOn(
  group: EventGroup,
  { atMs, rule }: CameraEvent,
  { key, groupMs }: { key: string; groupMs: number },
): boolean {
  return (
    group.key === key &&
    compareSeverity(group.severity, rule.severity) <= 0 &&
    Math.abs(atMs - group.lastMs) <= groupMs &&
    atMs - group.startMs <= LONGEST_GROUP_MS
  )
}

function newGroup(key: string, { id, rule, subject, atMs }: CameraEvent): EventGroup {
  return {
    ...{ key, id, rule: rule.id, severity: rule.severity, startMs: atMs, lastMs: atMs },
    subjects: [[nameOf({ rule, subject }), atMs]],
    count: 1,
  }
}

function withEvent(group: EventGroup, { rule, subject, atMs }: CameraEvent): EventGroup {
  const name = nameOf({ rule, subject })
  const isKnown = group.subjects.some(([known]) => known === name)
  return {
    ...group,
    lastMs: Math.max(group.lastMs, atMs),
    ...(!isKnown && {
      subjects: [...group.subjects, [name, atMs] as [string, number]].slice(-MAX_SUBJECTS),
      count: group.count + 1,
    }),
  }
}
