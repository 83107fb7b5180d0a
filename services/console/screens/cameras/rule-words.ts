import type { Schedule, WatchRule } from '#schemas/watch-rule.ts'
import { formatDuration } from '../../data/format.ts'

const PLURALS = { person: 'persons', vehicle: 'vehicles' } as const
const ARROWS = {
  any: 'either way',
  'left-to-right': 'from left to right',
  'right-to-left': 'from right to left',
} as const

/** A rule in words: `persons, vehicles enter gate, 22:00–06:00 UTC`. Pure. */
export function describeRule(rule: WatchRule): string {
  return [whatOf(rule), ...(rule.schedule ? [describeSchedule(rule.schedule)] : [])].join(', ')
}

function whatOf(rule: WatchRule): string {
  const who = 'classes' in rule ? (rule.classes ?? []).map((kind) => PLURALS[kind]).join(' or ') : ''
  switch (rule.kind) {
    case 'crowd':
      return `${rule.minCount} ${who} or more in ${rule.zone ?? 'the picture'} for ${formatDuration(rule.holdMs)}`
    case 'intrusion':
      return `${who} enter ${rule.zone}`
    case 'loitering':
      return `${who} stay in ${rule.zone} for ${formatDuration(rule.dwellMs)}`
    case 'line-crossing':
      return `${who} cross ${rule.line} ${ARROWS[rule.direction]}`
    case 'camera-offline':
      return `no picture for ${formatDuration(rule.afterMs)}`
    case 'camera-blind':
      return `pictures that no detector answers for ${formatDuration(rule.afterMs)}`
    case 'camera-lagging':
      return `pictures seconds old for ${formatDuration(rule.afterMs)}`
  }
}

/** Pure. */
export function describeSchedule({ days, from, to, timeZone }: Schedule): string {
  const when = from === to ? 'all day' : `${from}–${to}`
  return `${days ? `${days.join(' ')} ` : ''}${when} ${timeZone}`
}
