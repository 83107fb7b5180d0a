import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { z } from 'zod'
import { messageOf } from '#platform/errors/murmur-error.ts'
import { describeIssue } from '#platform/requests/describe-issue.ts'
import { LIMITS } from '#schemas/limits.ts'
import { type WatchRulesFile, watchRulesSchema } from '#schemas/monitor-request.ts'
import { CliError } from '../cli-error.ts'
import { parseJsonInput } from '../commands/arguments.ts'
import { formatBytes } from '../output/quantities.ts'

const EXAMPLE_FIX = 'examples/monitor/rules.json shows one; docs/tracking.md explains it.'
const SCENE_FIX = "A scene's rules by themselves: npx murmur scene rules NAME > rules.json"

/**
 * A `--rules` file.
 * @throws CliError FILE_UNREADABLE; USAGE with every fault; MurmurError JSON_TOO_DEEP
 */
export function readRules(file: string, folder: string): WatchRulesFile {
  let bytes: Buffer
  try {
    bytes = readFileSync(resolve(folder, file))
  } catch (cause) {
    throw new CliError('FILE_UNREADABLE', `${file}: ${plainReason(cause)}`, { cause, fix: EXAMPLE_FIX })
  }
  if (bytes.length > LIMITS.submissionBytes) {
    throw new CliError(
      'USAGE',
      `${file} has ${formatBytes(bytes.length)}: zones, lines and rules have at most ${formatBytes(LIMITS.submissionBytes)}`,
      { fix: `${EXAMPLE_FIX}\n${SCENE_FIX}` },
    )
  }
  const json = parseJsonInput(bytes, file, `Correct the JSON; ${EXAMPLE_FIX}`)
  if (isSceneTruth(json)) {
    throw new CliError('USAGE', `${file} is the truth of a scene, not zones, lines and rules`, {
      fix: SCENE_FIX,
    })
  }
  return checkedInput(watchRulesSchema, json, file)
}

/** It holds all that a rules file has, and much more: easily mistaken for one. */
function isSceneTruth(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'schema' in json && 'frames' in json
}

function plainReason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'there is no such file'
  return code === 'EISDIR' ? 'is a folder' : messageOf(error)
}

/** What helps with a fault, by what is said about it. The first that fits counts. */
const FIXES: readonly [pattern: RegExp, fix: string][] = [
  [
    /at least three points|encloses no area/,
    'Give a zone three corners or more that are not on one line: [[0.1, 0.5], [0.4, 0.5], [0.4, 0.9]].',
  ],
  [
    /edges .* cross/,
    'Give the corners one after the other along the edge of the zone; `npx murmur look CAMERA --grid` shows where they lie.',
  ],
  [/there is no zone/, 'Name a zone of the same file or of --zone, or add it under "zones".'],
  [/there is no line/, 'Name a line of the same file or of --line, or add it under "lines".'],
  [/there are two/, 'Give every zone, line and rule an id of its own.'],
]
const GENERAL_FIX = 'Correct what is named; docs/tracking.md shows zones, lines and rules.'
const MAX_DETAILS = 20

/** What the schema makes of a value. @throws CliError USAGE: the first fault, its fix, and the others */
export function checkedInput<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) =>
    issue.path.length === 0 ? describeIssue(issue) : `${issue.path.join('.')}: ${describeIssue(issue)}`,
  )
  const [first = 'is not valid', ...others] = faults
  const fix = FIXES.find(([pattern]) => pattern.test(first))?.[1] ?? GENERAL_FIX
  throw new CliError('USAGE', `${what}: ${first}`, { fix, details: others.slice(0, MAX_DETAILS) })
}
