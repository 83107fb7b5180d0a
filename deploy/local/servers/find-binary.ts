import { execFile } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { libraryEnvironment, type Report, type ServerBinary } from './server-source.ts'

const execute = promisify(execFile)
const VERSION_TIMEOUT_MS = 10_000

/** The first executable file with one of the names on PATH. */
export function findOnPath(names: string[], env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    // Missing, or not ours to run: both mean that it can't be used.
    return false
  }
}

/** What the program says its version is; nothing when it doesn't run or names none. */
export async function versionOf(
  path: string,
  options: { flag?: string; libraryPath?: string | undefined } = {},
): Promise<string | undefined> {
  try {
    const { stdout } = await execute(path, [options.flag ?? '--version'], {
      timeout: VERSION_TIMEOUT_MS,
      env: { ...process.env, ...libraryEnvironment(options) },
    })
    return /v?=?(\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1]
  } catch {
    // Wrong architecture, missing libraries, not a program: the caller reports it as unusable.
    return undefined
  }
}

/** One place where a program may come from. */
export interface Attempt<Found> {
  name: string
  /** What was found there, or a few words on why there is nothing. */
  locate(): Promise<Found | string>
}

/** Tries one place after the other, each in one line of the report; nothing when all of them failed. */
export async function firstFound<Found extends { origin: string; version: string }>(
  what: string,
  attempts: Attempt<Found>[],
  report: Report,
): Promise<Found | undefined> {
  for (const { name, locate } of attempts) {
    const outcome = await locate().catch((error: unknown) => reasonOf(error))
    if (typeof outcome !== 'string') {
      report(`${what}: ${outcome.version}, ${outcome.origin}`)
      return outcome
    }
    report(`${what}: ${name}: ${outcome}`)
  }
  return undefined
}

/** A program that somebody named or PATH holds, once it runs and is new enough; else why not. */
export async function inspectBinary(
  path: string,
  origin: string,
  isUsable: (version: string) => boolean,
  libraryPath?: string,
): Promise<ServerBinary | string> {
  if (!isExecutable(path)) return `${path} is not an executable file`
  const version = await versionOf(path, { libraryPath })
  if (version === undefined) return `${path} does not run here`
  if (!isUsable(version)) return `${path} is ${version}, which is too old`
  return { kind: 'binary', path, version, origin, ...(libraryPath !== undefined && { libraryPath }) }
}

/** The deepest cause, and of it the last line: fetch wraps the reason, and tools write pages before it. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause !== undefined) return reasonOf(error.cause)
  return (error.message || error.name).trim().split('\n').at(-1)!.trim()
}
