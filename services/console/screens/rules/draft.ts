import type { Point } from '#schemas/geometry.ts'
import { type MonitorRequest, watchRulesSchema } from '#schemas/monitor-request.ts'
import type { IgnoreMask, Line, WatchRule, WatchRuleKind, Zone } from '#schemas/watch-rule.ts'

/** What is drawn and written, before it is saved. */
export interface Draft {
  readonly zones: readonly Zone[]
  readonly lines: readonly Line[]
  readonly ignore: readonly IgnoreMask[]
  readonly rules: readonly WatchRule[]
}
export const EMPTY_DRAFT: Draft = { zones: [], lines: [], ignore: [], rules: [] }

export type ShapeKind = 'zones' | 'lines' | 'ignore'
export interface ShapeRef {
  readonly kind: ShapeKind
  readonly index: number
}

/** What can be undone, and done again. */
export interface History {
  readonly past: readonly Draft[]
  readonly now: Draft
  readonly future: readonly Draft[]
}
const MAX_PAST = 100

export const historyOf = (draft: Draft): History => ({ past: [], now: draft, future: [] })

/** Pure. @param isSameStep it goes on with the last change, as the next part of a drag does */
export function change({ past, now }: History, draft: Draft, isSameStep = false): History {
  return { past: isSameStep ? past : [...past, now].slice(-MAX_PAST), now: draft, future: [] }
}

/** Pure. */
export function undo({ past, now, future }: History): History {
  const before = past.at(-1)
  return before ? { past: past.slice(0, -1), now: before, future: [now, ...future] } : { past, now, future }
}

/** Pure. */
export function redo({ past, now, future }: History): History {
  const [next, ...others] = future
  return next ? { past: [...past, now], now: next, future: others } : { past, now, future }
}

/** A name that no shape or rule has: `zone-1`, `zone-2` … Pure. */
export function freeId(draft: Draft, stem: string): string {
  const used = new Set([...draft.zones, ...draft.lines, ...draft.ignore, ...draft.rules].map(({ id }) => id))
  for (let number = 1; ; number++) if (!used.has(`${stem}-${number}`)) return `${stem}-${number}`
}

/** The corners of a shape; a line has two. Pure. */
export function pointsOfShape(draft: Draft, { kind, index }: ShapeRef): readonly Point[] {
  if (kind === 'lines') {
    const line = draft.lines[index]
    return line ? [line.from, line.to] : []
  }
  return draft[kind][index]?.polygon ?? []
}

/** Pure. */
export function setPoints(draft: Draft, { kind, index }: ShapeRef, points: readonly Point[]): Draft {
  if (kind === 'lines')
    return {
      ...draft,
      lines: draft.lines.map((line, at) =>
        at === index ? { ...line, from: points[0]!, to: points[1]! } : line,
      ),
    }
  const put = <Shape extends Zone | IgnoreMask>(shapes: readonly Shape[]) =>
    shapes.map((shape, at) => (at === index ? { ...shape, polygon: [...points] } : shape))
  return kind === 'zones' ? { ...draft, zones: put(draft.zones) } : { ...draft, ignore: put(draft.ignore) }
}

const STEMS = { zones: 'zone', lines: 'line', ignore: 'mask' } as const

/** With a shape more. Pure. @returns also where it is */
export function addShape(
  draft: Draft,
  kind: ShapeKind,
  points: readonly Point[],
): { draft: Draft; ref: ShapeRef } {
  const id = freeId(draft, STEMS[kind])
  const ref = { kind, index: draft[kind].length }
  if (kind === 'lines')
    return { draft: { ...draft, lines: [...draft.lines, { id, from: points[0]!, to: points[1]! }] }, ref }
  const shape = { id, polygon: [...points] }
  return {
    draft:
      kind === 'zones'
        ? { ...draft, zones: [...draft.zones, shape] }
        : { ...draft, ignore: [...draft.ignore, shape] },
    ref,
  }
}

/** Without a shape, and without the rules that name it. Pure. */
export function removeShape(draft: Draft, { kind, index }: ShapeRef): Draft {
  const id = draft[kind][index]?.id
  return {
    ...draft,
    [kind]: draft[kind].filter((_, at) => at !== index),
    rules: draft.rules.filter(
      (rule) =>
        !(kind === 'zones' && 'zone' in rule && rule.zone === id) &&
        !(kind === 'lines' && 'line' in rule && rule.line === id),
    ),
  }
}

/** Another name, in the rules that name it, too. Pure. */
export function renameShape(draft: Draft, { kind, index }: ShapeRef, id: string): Draft {
  const before = draft[kind][index]?.id
  const rules = draft.rules.map((rule): WatchRule => {
    const zones = 'requiredZones' in rule ? rule.requiredZones : undefined
    return {
      ...rule,
      ...(kind === 'zones' && 'zone' in rule && rule.zone === before && { zone: id }),
      ...(kind === 'lines' && 'line' in rule && rule.line === before && { line: id }),
      ...(kind === 'zones' && zones && { requiredZones: zones.map((zone) => (zone === before ? id : zone)) }),
    } as WatchRule
  })
  const shapes = draft[kind].map((shape, at) => (at === index ? { ...shape, id } : shape))
  return { ...draft, [kind]: shapes, rules }
}

/** A line that is crossed the other way: its ends change places. Pure. */
export function turnLine(draft: Draft, index: number): Draft {
  return {
    ...draft,
    lines: draft.lines.map((line, at) => (at === index ? { ...line, from: line.to, to: line.from } : line)),
  }
}

/** A rule of that kind with what it needs. Pure. */
export function newRule(draft: Draft, kind: WatchRuleKind): WatchRule {
  const zone = draft.zones.at(-1)?.id ?? ''
  const anywhere = zone === '' ? {} : { zone }
  const base = { id: freeId(draft, kind), cooldownMs: 60_000 }
  switch (kind) {
    case 'crowd':
      return { ...base, ...anywhere, kind, minCount: 3, holdMs: 2000, classes: ['person'], severity: 'high' }
    case 'intrusion':
      return { ...base, kind, zone, classes: ['person', 'vehicle'], severity: 'critical' }
    case 'loitering':
      return { ...base, kind, zone, dwellMs: 10_000, classes: ['person'], severity: 'medium' }
    case 'line-crossing':
      return {
        ...base,
        kind,
        line: draft.lines.at(-1)?.id ?? '',
        direction: 'any',
        classes: ['person', 'vehicle'],
        severity: 'low',
      }
    case 'camera-offline':
    case 'camera-blind':
      return { ...base, kind, afterMs: 5000, severity: 'high' }
    case 'camera-lagging':
      return { ...base, kind, afterMs: 2000, severity: 'medium' }
  }
}

export interface DraftFault {
  readonly path: string
  readonly message: string
  /** The shape or rule that it is about. */
  readonly of: { readonly kind: ShapeKind | 'rules'; readonly index: number } | undefined
}

/** What the edge would refuse: the schema of a `--rules` file is the same here. Pure. */
export function checkDraft(draft: Draft): DraftFault[] {
  const checked = watchRulesSchema.safeParse(plain(draft))
  return (checked.error?.issues ?? []).map(({ path, message }) => {
    const [kind, index] = path
    const isKnown = kind === 'zones' || kind === 'lines' || kind === 'ignore' || kind === 'rules'
    return {
      path: path.join('.'),
      message,
      of: isKnown && typeof index === 'number' ? { kind, index } : undefined,
    }
  })
}

/** As a request or a `--rules` file has it. Pure. */
export function plain({ zones, lines, rules, ignore }: Draft) {
  return {
    zones: [...zones],
    lines: [...lines],
    rules: [...rules],
    ...(ignore.length > 0 && { ignore: [...ignore] }),
  }
}

/** What a monitor is asked to do with other rules. Pure. */
export function requestWith(request: MonitorRequest, draft: Draft): object {
  const { ignore: _, ...others } = request
  return { ...others, ...plain(draft) }
}
