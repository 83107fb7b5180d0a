import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import { globSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'

/** tap's limit for a test file, in seconds; a file that needs longer calls `t.setTimeout`. */
const TIMEOUT_S = 180
/** After its tally a test has nothing to do: what still holds its process then is a leak. */
const EXIT_GRACE_MS = 10_000
/** Beyond this a test file hangs where its own limits don't reach it: in a loop that never turns. */
const MAX_FILE_MS = 20 * 60_000
/** The tally may come in two pieces. */
const TAIL_CHARACTERS = 200

/** Assertions, summed over files. A file that broke without a failed assertion counts as one. */
export interface TestTally {
  passed: number
  failed: number
  /** Skipped or to do. */
  skipped: number
}

/** What came of one process: of one test file, or of several that share it. */
export interface RunOutcome extends TestTally {
  /** Paths from the project's root. */
  files: readonly string[]
  tookMs: number
}

export interface RunnerOptions {
  /** Where the files are, and the working directory of each. */
  root: string
  /** Groups that run at the same time, when each takes one slot. */
  jobs: number
  /** How many slots a group takes; one when nothing is said, never more than there are. */
  slotsOf?: (files: readonly string[]) => number
  env: NodeJS.ProcessEnv
  print: (line: string) => void
  exitGraceMs?: number
}

/** A name on the command line that leads to no test file. */
export class UnknownTestError extends Error {
  override readonly name = 'UnknownTestError'
}

/**
 * Paths of test files from the root, sorted: those that are named (files, folders, patterns), else all of `test/`.
 * @throws UnknownTestError when a name leads to no test file
 */
export function findTestFiles(root: string, names: readonly string[]): string[] {
  const found = (names.length === 0 ? ['test'] : names).flatMap((name) => {
    const files = globSync(isFolder(join(root, name)) ? `${name}/**/*.test.ts` : name, { cwd: root })
    if (files.length === 0) throw new UnknownTestError(`no such test: ${name}`)
    return files.map((file) => relative(root, join(root, file)).split(sep).join('/'))
  })
  return [...new Set(found)].sort()
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/**
 * Runs each group of files as a Node process, a few at a time, and prints a line for each as it ends; all that a failed one
 * has written comes before its line. A group of several that fails is run again file by file, and that counts. tap's own runner is
 * not used: its hooks into imports and processes, for coverage and mocks that nobody asks for here, cost half a second of processor
 * time a file.
 * @returns outcomes in the order of `groups`
 */
export async function runTestFiles(
  groups: readonly (readonly string[])[],
  options: RunnerOptions,
): Promise<RunOutcome[]> {
  const outcomes: RunOutcome[][] = []
  const running = new Set<ChildProcess>()
  const endAll = () => {
    for (const child of running) child.kill('SIGKILL')
  }
  process.once('exit', endAll)
  const waiting = [...groups.entries()]
  const { jobs, slotsOf = () => 1 } = options
  const slots = (files: readonly string[]) => Math.min(jobs, slotsOf(files))
  let free = jobs
  // The first in order that fits: a group that needs more room is passed by until there is some.
  const beginNext = async (): Promise<void> => {
    const place = waiting.findIndex(([, files]) => slots(files) <= free)
    if (place === -1) return
    const [index, files] = waiting.splice(place, 1)[0]!
    free -= slots(files)
    const ended = runGroup(files, options, running).then((outcome) => {
      outcomes[index] = outcome
      free += slots(files)
      return beginNext()
    })
    await Promise.all([ended, beginNext()])
  }
  await beginNext()
  process.off('exit', endAll)
  return outcomes.flat()
}

async function runGroup(
  files: readonly string[],
  options: RunnerOptions,
  running: Set<ChildProcess>,
): Promise<RunOutcome[]> {
  if (files.length === 1) return [await runProcess(files, options, running)]
  // Which of them failed is not known before each has run alone, and neither is what it said.
  const together = await runProcess(files, { ...options, print: () => undefined }, running)
  if (together.failed === 0) {
    options.print(endLine(together))
    return [together]
  }
  options.print(`${nameOf(files)} failed together; one by one:`)
  const alone: RunOutcome[] = []
  for (const file of files) alone.push(await runProcess([file], options, running))
  return alone
}

/** Sums of the tallies. */
export function sumTallies(tallies: readonly TestTally[]): TestTally {
  const sum = (name: keyof TestTally) => tallies.reduce((total, tally) => total + tally[name], 0)
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
}

async function runProcess(
  files: readonly string[],
  { root, env, print, exitGraceMs = EXIT_GRACE_MS }: RunnerOptions,
  running: Set<ChildProcess>,
): Promise<RunOutcome> {
  const startedAtMs = performance.now()
  const paths = files.map((file) => join(root, file))
  const before = paths.slice(0, -1).flatMap((path) => ['--import', pathToFileURL(path).href])
  const child = spawn(process.execPath, [...before, paths.at(-1)!], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { TAP_TIMEOUT: String(TIMEOUT_S), ...env },
  })
  running.add(child)
  const { output, why } = await readToEnd(child, exitGraceMs)
  running.delete(child)
  const tookMs = performance.now() - startedAtMs
  const tally = readTally(output)
  const failed = why === undefined ? tally.failed : Math.max(1, tally.failed)
  const outcome = { ...tally, failed, files, tookMs }
  if (failed > 0) print(output.trimEnd())
  if (why !== undefined && tally.failed === 0) print(`${nameOf(files)}: ${why}`)
  print(endLine(outcome))
  return outcome
}

function endLine({ failed, files, tookMs }: RunOutcome): string {
  return `${failed > 0 ? '✗' : '✓'} ${nameOf(files)} (${(tookMs / 1000).toFixed(1)} s)`
}

function nameOf(files: readonly string[]): string {
  const [first = '', ...others] = files
  return others.length === 0 ? first : `${first} and ${others.length} more, to ${others.at(-1)}`
}

/** Output of both streams, and why the run is a failure, if it is one. */
function readToEnd(
  child: ChildProcessByStdio<null, Readable, Readable>,
  exitGraceMs: number,
): Promise<{ output: string; why: string | undefined }> {
  return new Promise((resolve, reject) => {
    let output = ''
    let leak: NodeJS.Timeout | undefined
    let why: string | undefined
    const collect = (chunk: string) => {
      output += chunk
      if (leak !== undefined || !TOTAL.test(output.slice(-TAIL_CHARACTERS - chunk.length))) return
      leak = setTimeout(() => {
        why = `its process did not end within ${exitGraceMs / 1000} s after its tests`
        child.kill('SIGKILL')
      }, exitGraceMs)
    }
    child.stdout.setEncoding('utf8').on('data', collect)
    child.stderr.setEncoding('utf8').on('data', collect)
    const hang = setTimeout(() => {
      why = `was still running after ${MAX_FILE_MS / 60_000} min`
      child.kill('SIGKILL')
    }, MAX_FILE_MS)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(leak)
      clearTimeout(hang)
      if (code !== 0) why ??= `ended with ${signal ?? `exit code ${code}`}`
      if (!TOTAL.test(output)) why ??= 'has run no test'
      resolve({ output, why })
    })
  })
}

/** tap's last line but one: `# { total: 3, pass: 1, fail: 1, skip: 1 }`. */
const TOTAL = /^# \{ total: \d+.*\}$/m

function readTally(output: string): TestTally {
  const line = TOTAL.exec(output)?.[0] ?? ''
  const count = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(line)?.[1] ?? 0)
  return { passed: count('pass'), failed: count('fail'), skipped: count('skip') + count('todo') }
}
