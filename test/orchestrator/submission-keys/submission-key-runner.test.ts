import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { SubmissionKeyRunner } from '../../../services/orchestrator/submission-keys/submission-key-runner.ts'
import type { KnownKey } from '../../../services/orchestrator/submission-keys/submission-key-store.ts'
import { partitionOf } from '../../../subjects/subjects.ts'
import { quietLog } from '../../support/owner-fixture.ts'

function open(
  about: { owns?: (partition: number) => boolean; work?: (subject: string) => Promise<boolean> } = {},
) {
  const clock = createManualClock()
  const known: KnownKey[] = []
  const worked: [subject: string, atMs: number][] = []
  const runner = new SubmissionKeyRunner({
    keys: { known: () => known },
    submissions: {
      work: async (subject) => {
        worked.push([subject, clock.monotonicMs()])
        return (await about.work?.(subject)) ?? true
      },
    },
    partitions: 2,
    owns: about.owns ?? (() => true),
    clock,
    log: quietLog,
  })
  runner.start()
  t.teardown(() => runner.quiesce())
  const add = (subject: string, dueMs: number) => {
    const window = { openedAtMs: 0, dueMs: clock.nowMs() + dueMs, submissions: 1 }
    known.push({ subject, tenant: 'acme', seq: 1, summary: { updatedAtMs: clock.nowMs(), window } })
  }
  return { clock, known, worked, runner, add }
}

t.test('what is due is done, within a tick, and what is not yet is left', async (t) => {
  const { clock, worked, add, known } = open({ work: async () => known.shift() !== undefined })
  add('a', 120)
  await clock.advance(100)
  t.strictSame(worked, [])
  await clock.advance(50)
  t.strictSame(worked, [['a', 150]])
  await clock.advance(500)
  t.equal(worked.length, 1)
})

t.test('only what is owned; what another partition has is another one’s', async (t) => {
  const subjects = Array.from({ length: 8 }, (_, i) => `s${i}`)
  const { clock, worked, add } = open({ owns: (partition) => partition === 1 })
  for (const subject of subjects) add(subject, 0)
  await clock.advance(50)
  t.strictSame(
    worked.map(([subject]) => subject),
    subjects.filter((subject) => partitionOf(subject, 2) === 1),
  )
})

t.test('what can not be done yet, or failed, is tried again after a while', async (t) => {
  const results = [async () => false, async () => Promise.reject(new Error('no')), async () => true]
  const { clock, worked, add } = open({ work: () => results.shift()?.() ?? Promise.resolve(false) })
  add('a', 0)
  await clock.advance(1300)
  t.strictSame(
    worked.slice(0, 3).map(([, atMs]) => atMs),
    [50, 150, 1150],
  )
})

t.test('it ends with what is in hand', async (t) => {
  let finish = () => {}
  const { clock, runner, add } = open({
    work: () => new Promise((resolve) => (finish = () => resolve(true))),
  })
  add('a', 0)
  await clock.advance(50)
  let isOver = false
  const end = runner.quiesce().then(() => (isOver = true))
  await clock.advance(50)
  t.notOk(isOver)
  finish()
  await end
  t.ok(isOver)
})
