import type { z } from 'zod'

/** Units that names of fields end in. */
const UNITS: readonly [ending: RegExp, unit: string][] = [
  [/(?:^m|M)s$/, 'ms'],
  [/(?:^b|B)ytes$/, 'bytes'],
  [/(?:^p|P)x$/, 'pixels'],
  [/^fps$|Fps$/, 'frames a second'],
]
const SPANS: readonly [ms: number, name: string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
]

/**
 * What is wrong, for people: as zod says it, but for numbers that are too small or too large of a field that has a unit: then with
 * the unit, "must be at least 500 ms". Pure.
 */
export function describeIssue(issue: z.core.$ZodIssue): string {
  const isNumber =
    (issue.code === 'too_small' || issue.code === 'too_big') &&
    ['number', 'int', 'bigint'].includes(issue.origin)
  if (!isNumber) return issue.message
  const field = issue.path.findLast((part) => typeof part === 'string')
  const unit = UNITS.find(([ending]) => ending.test(String(field)))?.[1]
  if (unit === undefined) return issue.message
  const bound = Number(issue.code === 'too_small' ? issue.minimum : issue.maximum)
  const words = issue.code === 'too_small' ? ['at least', 'more than'] : ['at most', 'less than']
  return `must be ${words[issue.inclusive === false ? 1 : 0]} ${bound} ${unit}${unit === 'ms' ? inLargerUnits(bound) : ''}`
}

/** ` (30 d)`, where that is a whole number of them. */
function inLargerUnits(ms: number): string {
  const span = SPANS.find(([one]) => ms >= one && ms % one === 0)
  return span ? ` (${ms / span[0]} ${span[1]})` : ''
}
