import type { z } from 'zod'
import { CliError } from '../cli-error.ts'

/** What helps with a fault, by what is said about it. The first that fits counts. */
const FIXES: readonly [pattern: RegExp, fix: string][] = [
  [
    /at least three points|encloses no area/,
    'Give a zone three corners or more that are not on one line: [[0.1, 0.5], [0.4, 0.5], [0.4, 0.9]].',
  ],
  [/there is no zone/, 'Name a zone of the same file or of --zone, or add it under "zones".'],
  [/there is no line/, 'Name a line of the same file or of --line, or add it under "lines".'],
  [/there are two/, 'Give every zone, line and rule an id of its own.'],
]
const GENERAL_FIX = 'Correct what is named; docs/tracking.md shows zones, lines and rules.'
const MAX_TOLD = 20

/** What the schema makes of a value. @throws CliError USAGE: the first fault, its fix, and the others */
export function checkedInput<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  )
  const [first = 'is not valid', ...others] = faults
  const fix = FIXES.find(([pattern]) => pattern.test(first))?.[1] ?? GENERAL_FIX
  throw new CliError('USAGE', `${what}: ${first}`, { fix, details: others.slice(0, MAX_TOLD) })
}
