import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { projectRoot } from '../project-paths.ts'

/** Everything that the built console depends on. */
const INPUTS = [
  'services/console/**/*.{ts,tsx,css,html,svg,json}',
  'services/workflow/**/*.ts',
  'services/platform/{errors,json,clock}/*.ts',
  'schemas/**/*.ts',
  'docs/openapi.json',
  'package-lock.json',
]
const STDERR_TAIL = 2000

export interface LocalConsole {
  /** Where it is, or will be once it is built. */
  readonly folder: string
  /** Undefined when it was there already; else resolves when it is built. @throws Error with what the build said */
  readonly building: Promise<void> | undefined
  /** Ends a build that is under way. */
  stop(): void
  isStopped(): boolean
}

/** A name that is the same as long as nothing that goes into the console has changed. */
export async function consoleHash(root = projectRoot): Promise<string> {
  const names: string[] = []
  for await (const name of glob(INPUTS, { cwd: root })) names.push(name)
  const contents = await Promise.all(
    names.toSorted().map(async (name) => [name, await readFile(join(root, name))] as const),
  )
  const hash = createHash('sha256')
  for (const [name, bytes] of contents) {
    hash.update(`${name.split(sep).join('/')}\0${bytes.length}\0`)
    hash.update(bytes)
  }
  return hash.digest('hex').slice(0, 20)
}

/** Where the console of a content is kept: with what is made from dependencies, so that it goes when they do. */
export function consoleFolder(hash: string, root = projectRoot): string {
  return join(root, 'node_modules', '.cache', 'murmur-console', hash)
}

/** The console of these sources; it is built, in a process of its own, where nobody has done that before. */
export async function ensureConsole(root = projectRoot): Promise<LocalConsole> {
  const folder = consoleFolder(await consoleHash(root), root)
  if (existsSync(join(folder, 'index.html')))
    return { folder, building: undefined, stop: () => undefined, isStopped: () => false }
  const child = spawn(process.execPath, [join(root, 'services/console/build/main.ts'), folder], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let isStopped = false
  const stop = () => {
    isStopped = true
    child.kill()
  }
  return { folder, building: ended(child), stop, isStopped: () => isStopped }
}

function ended(child: ChildProcess): Promise<void> {
  let tail = ''
  child.stderr?.on('data', (text: Buffer) => {
    tail = (tail + text.toString()).slice(-STDERR_TAIL)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`the console was not built:\n${tail.trim()}`)),
    )
  })
}
