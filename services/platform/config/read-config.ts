import { readFileSync, statSync } from 'node:fs'
import type { z } from 'zod'
import { MurmurError, messageOf } from '../errors/murmur-error.ts'

/** One setting: what it means, what holds when it is absent, and what is accepted, in that order. */
export interface ConfigVariable<Schema extends z.ZodType = z.ZodType> {
  /** Name of the environment variable. */
  name: string
  meaning: string
  /** `ms`, `bytes`, `port` …; absent for text. */
  unit?: string
  /** As it would be written in the environment; absent: there is none, the setting is optional. */
  default?: string
  /** For documents, where the default is computed when the process starts. */
  defaultNote?: string
  /** Never shown in messages. URLs need not be: their user and password are masked anyway. */
  secret?: boolean
  /** Its value may stand in a file instead, which `<name>_FILE` names: environments are seen by more than files are. */
  mayBeFile?: boolean
  /** From the text of the variable to the value. */
  schema: Schema
}

export type ConfigTable = Record<string, ConfigVariable>

/** The values of a table: those without a default may be undefined. */
export type ConfigOf<Table extends ConfigTable> = {
  readonly [Key in keyof Table]: Table[Key] extends { default: string }
    ? z.output<Table[Key]['schema']>
    : z.output<Table[Key]['schema']> | undefined
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads all settings of a table: documented, defaulted, validated. An empty variable counts as absent.
 * @param env the environment of the process, by default
 * @param overrides values that win over those of the environment
 * @throws MurmurError CONFIG_INVALID naming every fault at once, with the value received
 */
export function readConfig<Table extends ConfigTable>(
  table: Table,
  env: Environment = process.env,
  overrides: Environment = {},
): ConfigOf<Table> {
  const values: Record<string, unknown> = {}
  const issues: { path: string; message: string }[] = []
  for (const [key, variable] of Object.entries(table)) {
    const given = (overrides[variable.name] ?? env[variable.name])?.trim()
    const file = variable.mayBeFile ? env[`${variable.name}_FILE`]?.trim() : undefined
    const read = file && overrides[variable.name] === undefined ? readValueFile(file, given) : undefined
    if (read?.fault !== undefined) {
      issues.push({ path: `${variable.name}_FILE`, message: read.fault })
      continue
    }
    const text = (read?.text ?? given) || variable.default
    if (text === undefined) continue
    const result = variable.schema.safeParse(text)
    if (result.success) values[key] = result.data
    else issues.push({ path: variable.name, message: describeFault(variable, text, result.error.issues) })
  }
  if (issues.length > 0) throw invalidConfig(issues)
  // Each key was parsed by the schema that its type is inferred from.
  return values as ConfigOf<Table>
}

/** More is no value of a setting. */
const MAX_FILE_BYTES = 65_536

/** The value that stands in a file, or why it can't be had: never what stands there. */
function readValueFile(
  path: string,
  given: string | undefined,
): { text: string; fault?: undefined } | { text?: undefined; fault: string } {
  if (given) return { fault: 'is set beside the variable itself: set one of them' }
  try {
    if (statSync(path).size > MAX_FILE_BYTES)
      return { fault: `names a file of more than ${MAX_FILE_BYTES} bytes` }
    const text = readFileSync(path, 'utf8').trim()
    return text === '' ? { fault: `names an empty file, ${path}` } : { text }
  } catch (error) {
    return { fault: `names a file that can't be read: ${messageOf(error)}` }
  }
}

function describeFault(
  variable: ConfigVariable,
  text: string,
  faults: readonly { message: string }[],
): string {
  const wanted = faults.map((fault) => fault.message).join('; ')
  const unit = variable.unit ? ` (${variable.unit})` : ''
  return `${wanted}${unit}, got ${variable.secret ? 'a value that is not shown' : quote(text)}`
}

/** What stands before an at sign may be a password even where the text is no URL: it was refused, after all. */
function quote(text: string): string {
  return JSON.stringify(text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1[redacted]@').slice(0, 200))
}

/**
 * `redis://user:password@host` without who and what stands before the host. Rather masks too much: a password may
 * itself hold a slash or an at sign. Lengths are bounded so that long texts cost linear time.
 */
export function maskUserinfo(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s"'<>]{0,1024}@/gi, '$1[redacted]@')
}

export function invalidConfig(issues: { path: string; message: string }[]): MurmurError {
  const lines = issues.map((issue) => `${issue.path} ${issue.message}`)
  return new MurmurError('CONFIG_INVALID', `the configuration is not valid: ${lines.join('; ')}`, { issues })
}
