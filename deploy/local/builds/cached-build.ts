import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { glob, readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'

const STDERR_TAIL = 2000
/** Builds of other contents that are kept: those used last. A stack that runs may have begun with an earlier one. */
const MAX_BUILDS = 5

/** What is made from the project's sources by a program of its own, once for each content of these sources. */
export interface BuildSpec {
  /** Of the folder in `node_modules/.cache` that holds it, and in messages. */
  readonly name: string
  /** Patterns, from the project's root: everything that it depends on. */
  readonly inputs: readonly string[]
  /** A file of what is built: a folder without it was half removed, and is made anew. */
  readonly marker: string
  /** The program, from the project's root: gets the folder as its only argument, and makes it as a whole or not at all. */
  readonly program: string
}

/** A build that is under way. */
export interface RunningBuild {
  /** Resolves when it is there. @throws Error with what the build said */
  readonly done: Promise<void>
  stop(): void
  isStopped(): boolean
}

/** A name that is the same as long as nothing in the files of `inputs` has changed, their names included. */
export async function contentHash(inputs: readonly string[], root: string): Promise<string> {
  const names: string[] = []
  for await (const name of glob([...inputs], { cwd: root })) names.push(name)
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

/** Where what is built from a content is kept: with what is made from dependencies, so that it goes when they do. */
export function buildFolder({ name }: BuildSpec, hash: string, root: string): string {
  return join(root, 'node_modules', '.cache', name, hash)
}

function isWhole({ marker }: BuildSpec, folder: string): boolean {
  return existsSync(join(folder, marker))
}

/** The folder of what the sources are now, and whether it is there. */
export async function findBuild(
  spec: BuildSpec,
  root: string,
): Promise<{ folder: string; isBuilt: boolean }> {
  const folder = buildFolder(spec, await contentHash(spec.inputs, root), root)
  const isBuilt = isWhole(spec, folder)
  const now = new Date()
  // Of no consequence where it may not be written: then nothing is built here either.
  if (isBuilt) await utimes(folder, now, now).catch(() => undefined)
  return { folder, isBuilt }
}

/** Builds it in a process of its own. Of earlier contents the builds used last are kept. */
export function startBuild(spec: BuildSpec, folder: string, root: string): RunningBuild {
  if (!isWhole(spec, folder)) rmSync(folder, { recursive: true, force: true })
  const child = spawn(process.execPath, [join(root, spec.program), folder], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let isStopped = false
  const stop = () => {
    isStopped = true
    child.kill()
  }
  const done = ended(spec.name, child).then(() => removeOldest(dirname(folder)))
  return { done, stop, isStopped: () => isStopped }
}

function ended(name: string, child: ChildProcess): Promise<void> {
  let tail = ''
  child.stderr?.on('data', (text: Buffer) => {
    tail = (tail + text.toString()).slice(-STDERR_TAIL)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${name} was not built:\n${tail.trim()}`)),
    )
  })
}

async function removeOldest(around: string): Promise<void> {
  const names = await readdir(around)
  // Somebody else may be at it.
  const usedAtMs = await Promise.all(
    names.map(async (name) => (await stat(join(around, name)).catch(() => undefined))?.mtimeMs ?? 0),
  )
  const oldest = names
    .map((name, i) => ({ name, atMs: usedAtMs[i]! }))
    .toSorted((a, b) => b.atMs - a.atMs)
    .slice(MAX_BUILDS)
  await Promise.all(oldest.map(({ name }) => rm(join(around, name), { recursive: true, force: true })))
}
