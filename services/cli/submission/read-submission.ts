import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import type { Priority } from '#schemas/plan.ts'
import type { OnConflict } from '#schemas/submission-key.ts'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { parseJsonInput } from '../commands/arguments.ts'

/** What stands on the command line beside the file, or in its place. */
export interface SubmissionOptions {
  type?: string
  template?: string
  input?: string
  key?: string
  label?: Record<string, string>
  priority?: Priority
  /** Milliseconds, here and below. */
  deadline?: number
  delay?: number
  singleton?: string
  onConflict?: OnConflict
  debounce?: string
  debounceDelay?: number
  debounceMax?: number
}

/** The submission as it is sent: the file, with what the options say on top. The orchestrator checks it. @throws CliError USAGE, FILE_UNREADABLE */
export async function composeSubmission(
  context: CliContext,
  file: string | undefined,
  options: SubmissionOptions,
): Promise<JsonObject> {
  if (file === undefined && options.type === undefined && options.template === undefined) {
    throw new CliError(
      'USAGE',
      'nothing to submit: name a file, a type with --type or a template with --template',
      {
        fix: '`npx murmur submit --help` shows examples.',
      },
    )
  }
  return withOptions(file === undefined ? {} : await readSubmission(context, file), options)
}

/** A file of JSON, standard input for `-`; a bare plan becomes the submission of it. @throws CliError USAGE, FILE_UNREADABLE */
export async function readSubmission(context: CliContext, file: string): Promise<JsonObject> {
  return asSubmission(parseJsonInput(await read(context, file), nameOf(file)), file)
}

/** With what the options say on top. @throws CliError USAGE */
export function withOptions(fromFile: JsonObject, options: SubmissionOptions): JsonObject {
  const input =
    options.input === undefined ? undefined : parseJsonInput(Buffer.from(options.input), '--input')
  return {
    ...fromFile,
    ...(options.type !== undefined && { type: options.type }),
    ...(options.template !== undefined && { template: options.template }),
    ...(input !== undefined && { input }),
    ...(options.key !== undefined && { idempotencyKey: options.key }),
    ...(options.label && { labels: { ...labelsOf(fromFile), ...options.label } }),
    ...(options.priority !== undefined && { priority: options.priority }),
    ...(options.deadline !== undefined && { deadlineMs: options.deadline }),
    ...(options.delay !== undefined && { delayMs: options.delay }),
    ...keyOptions(fromFile, options),
  }
}

/** What is said of a key stands on top of what the file says of it. @throws CliError USAGE */
function keyOptions(fromFile: JsonObject, options: SubmissionOptions): JsonObject {
  const singleton = {
    ...(options.singleton !== undefined && { key: options.singleton }),
    ...(options.onConflict !== undefined && { onConflict: options.onConflict }),
  }
  const debounce = {
    ...(options.debounce !== undefined && { key: options.debounce }),
    ...(options.debounceDelay !== undefined && { delayMs: options.debounceDelay }),
    ...(options.debounceMax !== undefined && { maxDelayMs: options.debounceMax }),
  }
  return {
    ...laidOver(fromFile, 'singleton', singleton, '--on-conflict needs --singleton'),
    ...laidOver(fromFile, 'debounce', debounce, '--debounce-delay and --debounce-max need --debounce'),
  }
}

function laidOver(fromFile: JsonObject, field: string, said: JsonObject, usage: string): JsonObject {
  if (Object.keys(said).length === 0) return {}
  const own = fromFile[field]
  const isObject = typeof own === 'object' && own !== null && !Array.isArray(own)
  if (!isObject && said.key === undefined) throw new CliError('USAGE', usage)
  return { [field]: { ...(isObject && own), ...said } }
}

/** Those of the file; what is no object there is left for the orchestrator to refuse. */
function labelsOf({ labels }: JsonObject): JsonObject {
  return typeof labels === 'object' && labels !== null && !Array.isArray(labels) ? labels : {}
}

function asSubmission(json: JsonValue, file: string): JsonObject {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new CliError('USAGE', `${nameOf(file)}: it is not a JSON object`)
  }
  const isPlan = Array.isArray(json.steps) && json.plan === undefined && json.type === undefined
  return isPlan ? { type: 'plan', plan: json } : json
}

/** A file of JSON, or standard input for `-`. @throws CliError USAGE, FILE_UNREADABLE */
export async function readJsonFile(context: CliContext, file: string): Promise<JsonValue> {
  return parseJsonInput(await read(context, file), nameOf(file))
}

async function read({ folder, input }: CliContext, file: string): Promise<Uint8Array> {
  if (file === '-') return buffer(input())
  try {
    return await readFile(resolve(folder, file))
  } catch (cause) {
    throw new CliError('FILE_UNREADABLE', `${file}: ${messageOf(cause)}`, { cause })
  }
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file
}
