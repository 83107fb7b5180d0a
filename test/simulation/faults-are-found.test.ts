import { spawn } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../deploy/local/project-paths.ts'
import { applyMutant } from '../mutants/mutant.ts'
import { MUTANTS } from '../mutants/mutant-list.ts'
import { WorkingCopy } from '../mutants/working-copy.ts'
import { INVARIANTS } from './invariants.ts'
import { PROTECTIONS } from './surroundings.ts'

/** Each is found by far fewer. */
const MAX_PLANS = 3000

/** Wrong lines of `decide`, each of another part of it: those that are known by name in test/mutants/list. */
const NAMES = [
  'fence-without-status',
  'cancel-after-end',
  'accepted-twice',
  'deadline-waits-for-its-timer',
  'steps-need-no-timer',
  'one-attempt-more',
  'attempts-do-not-count',
  'released-by-anybody',
  'one-item-too-many-at-a-time',
  'same-item-again',
  'list-over-too-early',
  'one-iteration-more',
  'condition-upside-down',
  'skipped-way-goes-on',
  'fallback-for-ever',
  'nothing-is-undone',
  'undone-in-the-order-it-was-done',
  'children-go-on',
  'parents-wait-for-ever',
  'poison-is-owed-to-nobody',
]

const copy = new WorkingCopy(projectRoot)
t.teardown(() => copy.remove())

t.test('what the orchestrator is protected by is missed when it is away', async (t) => {
  for (const protection of PROTECTIONS) {
    const found = await firstFound(['--without', protection])
    t.comment(`without ${protection}: ${found.invariants.join(', ')} (${found.plans})`)
    t.ok(found.failed && found.invariants.length > 0, protection)
  }
})

t.test('one wrong line of decide is found', async (t) => {
  for (const name of NAMES) {
    const mutant = MUTANTS.find((one) => one.name === name)
    if (!mutant) {
      t.fail(`there is no mutant ${name}`)
      continue
    }
    copy.change(mutant.file, (text) => applyMutant(text, mutant))
    const found = await firstFound([])
    copy.restore(mutant.file)
    t.comment(`${name}: ${found.invariants.join(', ')} (${found.plans})`)
    t.ok(found.failed && found.invariants.length > 0, `${name}: ${mutant.why}`)
  }
})

t.test('and nothing is found where nothing is wrong', async (t) => {
  const found = await firstFound(['--plans', '60'])
  t.strictSame([found.failed, found.invariants], [false, []])
})

interface Found {
  failed: boolean
  /** The rules that the first failing seed broke. */
  invariants: string[]
  plans: string
}

/** Runs the simulation of the copy up to the first seed that fails. */
function firstFound(args: readonly string[]): Promise<Found> {
  return new Promise((resolve) => {
    const main = join(copy.folder, 'test/simulation/main.ts')
    const child = spawn(process.execPath, [main, '--plans', String(MAX_PLANS), '--fail-fast', ...args], {
      cwd: copy.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString()
    })
    child.on('close', (code) => {
      const named = Object.keys(INVARIANTS).filter((name) => text.includes(`    ${name}: `))
      resolve({
        failed: code === 1,
        invariants: named,
        plans: /^\d+ plans/m.exec(text)?.[0] ?? 'it broke off',
      })
    })
  })
}
