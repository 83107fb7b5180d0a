import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { z } from 'zod'
import { parseMoment } from '#platform/clock/parse-moment.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import { tenantSchema } from '#schemas/identifiers.ts'
import type { JsonValue } from '#schemas/json.ts'
import { PRIORITY_NAMES, type Priority, prioritySchema } from '#schemas/plan.ts'
import { ON_CONFLICT } from '#schemas/submission-key.ts'
import { listTasksRequestSchema, parseLabelFilter } from '#schemas/task-requests.ts'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const JSON_FIX = 'Correct the JSON; `npx murmur submit --help` shows an example.'

/** A check of an argument by a schema of the wire, so that what is wrong is said before anything is sent. */
export function checkedBy<Schema extends z.ZodType<unknown, string>>(schema: Schema) {
  return (text: string): z.output<Schema> => {
    const parsed = schema.safeParse(text)
    if (parsed.success) return parsed.data
    throw new InvalidArgumentError(parsed.error.issues[0]?.message ?? 'is not valid')
  }
}

/** `--tenant`: one token of a subject. */
export const tenantOption = checkedBy(tenantSchema)

/** A whole number within bounds. */
export function integerOption(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}`)
  }
}

/** `--priority critical|high|normal|low`, or its number. */
export function priorityOption(): Option {
  return new Option('--priority <priority>', 'critical (0), high (1), normal (2) or low (3)').argParser(
    (text): Priority => {
      const named = (PRIORITY_NAMES as readonly string[]).indexOf(text)
      const priority = prioritySchema.safeParse(/^[0-3]$/.test(text) ? Number(text) : named)
      if (!priority.success)
        throw new InvalidArgumentError('must be critical, high, normal or low, or 0, 1, 2 or 3')
      return priority.data
    },
  )
}

/** What a submission says of keys: the same wherever one is given. */
export function withKeyOptions(command: Command): Command {
  return command
    .option('--singleton <key>', 'at most one task of this key is under way')
    .addOption(
      new Option('--on-conflict <what>', 'while another task has the key; reject unless given').choices(
        ON_CONFLICT,
      ),
    )
    .option('--debounce <key>', 'submissions with this key become one task, with the last input')
    .option('--debounce-delay <time>', 'it starts when so long none came, as 500ms or 10s', durationOption)
    .option('--debounce-max <time>', 'it starts so long after the first one in any case', durationOption)
}

/** Collects `k=v` of an option that may be given several times. */
export function label(text: string, earlier: Record<string, string> = {}): Record<string, string> {
  const found = parseLabelFilter(text, '=')
  if (!found) throw new InvalidArgumentError('must be KEY=VALUE; a = in the key is written \\=')
  return { ...earlier, [found.name]: found.value }
}

/** JSON of the command line or of a file. @throws CliError USAGE; MurmurError JSON_TOO_DEEP, PAYLOAD_TOO_LARGE */
export function parseJsonInput(bytes: Uint8Array, sourceLabel: string, fix = JSON_FIX): JsonValue {
  try {
    return parseBoundedJson(bytes)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'MALFORMED_JSON')) throw error
    throw new CliError('USAGE', `${sourceLabel}: ${error.message.replace(/^the body/, 'it')}`, {
      fix,
      cause: error,
    })
  }
}

/**
 * JSON of an option: as it stands, or `@FILE` for what a file holds.
 * @param option its name, for what is said about it
 * @throws CliError USAGE, FILE_UNREADABLE; MurmurError JSON_TOO_DEEP, PAYLOAD_TOO_LARGE
 */
export async function readJsonOption(
  { folder }: Pick<CliContext, 'folder'>,
  text: string,
  option: string,
): Promise<JsonValue> {
  if (!text.startsWith('@'))
    return parseJsonInput(Buffer.from(text), option, `Correct the JSON of ${option}.`)
  const file = text.slice(1)
  const bytes = await readFile(resolve(folder, file)).catch((cause: unknown) => {
    throw new CliError('FILE_UNREADABLE', `${file}: ${messageOf(cause)}`, { cause })
  })
  return parseJsonInput(bytes, file, `Correct the JSON of ${file}.`)
}

export const TIME_FORMS = '90s, 15m, 2h or 7d ago, or a date with or without a time'
/** A page's end, as a service told it. */
export const cursorSchema = listTasksRequestSchema.shape.cursor.unwrap()
/** What is looked for in tasks. */
export const textSchema = listTasksRequestSchema.shape.text.unwrap()

/** A length of time: `90s`, `15m`, `2h`, `7d`, or `250ms`. Milliseconds. */
export function durationOption(text: string): number {
  const found = /^(0|[1-9]\d{0,8})(ms|[smhd])$/.exec(text)
  if (!found) throw new InvalidArgumentError('must be a number with a unit, as 250ms, 90s, 15m, 2h or 7d')
  return Number(found[1]) * (found[2] === 'ms' ? 1 : UNIT_MS[found[2] as keyof typeof UNIT_MS])
}

/** A moment: negative is so many milliseconds ago, all else Unix milliseconds. */
export function timeOption(text: string): number {
  const ago = /^([1-9]\d{0,5})([smhd])$/.exec(text)
  if (ago) return -Number(ago[1]) * UNIT_MS[ago[2] as keyof typeof UNIT_MS]
  const atMs = parseMoment(text, { localTime: true })
  if (atMs !== undefined && atMs >= 0) return atMs
  throw new InvalidArgumentError(`must be ${TIME_FORMS}`)
}

/** What `timeOption` read, as Unix milliseconds. */
export function resolveTime(time: number, nowMs: number): number {
  return time < 0 ? Math.max(0, nowMs + time) : time
}

/** How to go on where a list was longer than its page. */
export function logNextPage(
  { terminal }: CliContext,
  { nextCursor }: { nextCursor?: string | undefined },
): void {
  if (nextCursor !== undefined) terminal.log(`There are more: the same again with --cursor ${nextCursor}`)
}
