import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { applyMutant, type Mutant } from './mutant.ts'
import { WorkingCopy } from './working-copy.ts'

/** A test that takes so long on a healthy tree is the wrong one; with a mutant in it, it may wait for ever. */
const TEST_TIMEOUT_MS = 120_000

export interface Verdict {
  mutant: Mutant
  /** The test that failed; undefined: none did. */
  killedBy: string | undefined
  tookMs: number
}

export interface RunOptions {
  root: string
  jobs: number
  onVerdict: (verdict: Verdict) => void
}

/** Applies one mutant after the other to copies of the tree, and runs its tests on each. */
export async function runMutants(mutants: readonly Mutant[], options: RunOptions): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  let next = 0
  const work = async () => {
    const copy = new WorkingCopy(options.root)
    try {
      for (let at = next++; at < mutants.length; at = next++) {
        const verdict = await judge(mutants[at]!, copy)
        verdicts.push(verdict)
        options.onVerdict(verdict)
      }
    } finally {
      copy.remove()
    }
  }
  await Promise.all(Array.from({ length: options.jobs }, work))
  return verdicts
}

/** The tests of the list that fail without any mutant: nothing can be said with those. */
export async function failingTests(mutants: readonly Mutant[], root: string): Promise<string[]> {
  const copy = new WorkingCopy(root)
  const failing: string[] = []
  for (const test of new Set(mutants.flatMap(({ tests }) => tests)))
    if (!(await passes(copy.folder, test))) failing.push(test)
  copy.remove()
  return failing
}

async function judge(mutant: Mutant, copy: WorkingCopy): Promise<Verdict> {
  const startedMs = performance.now()
  copy.change(mutant.file, (text) => applyMutant(text, mutant))
  try {
    for (const test of mutant.tests)
      if (!(await passes(copy.folder, test)))
        return { mutant, killedBy: test, tookMs: performance.now() - startedMs }
    return { mutant, killedBy: undefined, tookMs: performance.now() - startedMs }
  } finally {
    copy.restore(mutant.file)
  }
}

/** Ends the whole group of processes when time is up: a test leaves servers behind that it did not get to stop. */
function passes(folder: string, test: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(folder, test)], {
      cwd: folder,
      stdio: 'ignore',
      detached: true,
      // The first failure is enough.
      env: { ...process.env, TAP_BAIL: '1' },
    })
    const late = setTimeout(() => kill(child.pid), TEST_TIMEOUT_MS)
    child.on('close', (code) => {
      clearTimeout(late)
      kill(child.pid)
      resolve(code === 0)
    })
  })
}

function kill(group: number | undefined): void {
  try {
    if (group !== undefined) process.kill(-group, 'SIGKILL')
  } catch {
    // Nobody is left in it.
  }
}
