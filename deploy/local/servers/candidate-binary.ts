import { execFile } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { libraryEnvironment } from './server-source.ts'

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
