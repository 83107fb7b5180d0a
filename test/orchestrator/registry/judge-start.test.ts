import t from 'tap'
import type { StepState, TaskState } from '#schemas/task.ts'
import { judgeStart, type StartQuery } from '../../../services/orchestrator/registry/judge-start.ts'
import type { Liveness } from '../../../services/orchestrator/registry/process-liveness.ts'
import { taskState } from '../../support/task-states.ts'

const NOW = 10_000
const REQUESTER = { instance: 'x-1', bornAtMs: 5 }
const OTHER = { instance: 'x-2', bornAtMs: 7, alone: true, sinceMs: 9000 }
const RUN = { verdict: { verdict: 'run' }, record: 'started' }
const drop = (reason: string) => ({ verdict: { verdict: 'drop', reason } })

function judge(
  a: Partial<StepState>,
  about: {
    step?: Partial<StartQuery['step']>
    task?: Partial<TaskState>
    life?: Liveness
    agent?: string
  } = {},
) {
  const { step, task, life = 'alive', agent = 'x' } = about
  const state = taskState('t', { steps: { a: { status: 'dispatched', attempt: 2, ...a } }, ...task })
  return judgeStart(state, {
    step: { taskId: 't', stepId: 'a', attempt: 2, deliveries: 1, alone: false, running: false, ...step },
    requester: REQUESTER,
    nowMs: NOW,
    agent,
    livenessOf: () => life,
  })
}

t.test('an attempt that is out may run, and its start is told', async (t) => {
  t.strictSame(judge({}), RUN)
  t.strictSame(judge({ expiresAtMs: NOW }), RUN, 'to the last moment')
  t.strictSame(judge({}, { step: { running: true } }), RUN)
  t.strictSame(judge({ expiresAtMs: NOW - 500 }, { step: { running: true } }), RUN, 'it began in time')
  const told = { run: { ...REQUESTER, alone: false, sinceMs: 1 } }
  t.strictSame(judge(told, { step: { running: true } }), { verdict: { verdict: 'run' } }, 'told already')
  t.strictSame(judge(told, { step: { running: true, alone: true } }), RUN, 'nothing else is left beside it')
  const alone = { run: { ...told.run, alone: true } }
  t.strictSame(judge(alone, { step: { running: true } }), RUN, 'others have joined it')
  t.strictSame(judge(told), RUN, 'it came to the same process again: its time begins anew')
  t.strictSame(judge({}, { step: { attempt: 3 } }), RUN, 'the store is behind what was dispatched')
  t.strictSame(judge({ status: 'waiting', attempt: 0 }), RUN)
})

t.test('an attempt that nobody waits for is dropped', async (t) => {
  const unknown = judgeStart(undefined, {
    step: { taskId: 't', stepId: 'a', attempt: 1, deliveries: 1, alone: false, running: false },
    requester: REQUESTER,
    nowMs: NOW,
    agent: 'x',
    livenessOf: () => 'alive',
  })
  t.strictSame(unknown, drop('unknown-task'))
  for (const status of ['completed', 'failed', 'cancelled'] as const)
    t.strictSame(judge({}, { task: { status } }), drop('task-finished'))
  t.strictSame(judge({}, { task: { deadlineAtMs: NOW - 1 } }), drop('task-finished'))
  t.strictSame(judge({}, { step: { attempt: 1 } }), drop('superseded'))
  t.strictSame(judge({}, { step: { attempt: 1, running: true } }), drop('superseded'))
  for (const status of ['backoff', 'completed', 'failed', 'cancelled', 'skipped'] as const)
    t.strictSame(judge({ status }), drop('superseded'))
  for (const stepId of ['b', 'constructor', '__proto__'])
    t.strictSame(judge({}, { step: { stepId } }), drop('superseded'), stepId)
  t.strictSame(judge({ expiresAtMs: NOW - 1 }), drop('expired'))
})

t.test('only who died under it while it ran alone is held against it', async (t) => {
  const crashed = { ...drop('crashed'), record: 'crashed' }
  t.strictSame(judge({ run: OTHER }, { life: 'dead' }), crashed)
  t.strictSame(
    judge({ run: { ...OTHER, ...REQUESTER, bornAtMs: 4 } }, { life: 'dead' }),
    crashed,
    'its own predecessor',
  )
  for (const life of ['alive', 'unknown'] as const) t.strictSame(judge({ run: OTHER }, { life }), RUN, life)
  t.equal(judge({ run: OTHER }, { life: 'unsure' }), 'undecided')
  t.strictSame(judge({ run: { ...OTHER, alone: false } }, { life: 'dead' }), RUN, 'beside others')
  t.strictSame(judge({}, { life: 'dead' }), RUN, 'nobody was known to run it')
  t.strictSame(
    judge({ run: OTHER }, { life: 'dead', step: { running: true } }),
    RUN,
    'it runs elsewhere already',
  )
  t.strictSame(judge({ run: { ...OTHER, ...REQUESTER } }, { life: 'dead' }), RUN, 'who asks is alive')
})

t.test('on a site, what another process has in hand waits as long as that lives', async (t) => {
  const step = { deliveries: 2 }
  for (const run of [OTHER, { ...OTHER, alone: false }]) {
    t.equal(judge({ run }, { step, agent: 'x--yard', life: 'alive' }), 'undecided')
    t.equal(judge({ run }, { step, agent: 'x--yard', life: 'unsure' }), 'undecided')
    t.strictSame(judge({ run }, { step, agent: 'x--yard', life: 'unknown' }), RUN)
  }
  t.strictSame(judge({ run: { ...OTHER, alone: false } }, { step, agent: 'x--yard', life: 'dead' }), RUN)
  t.strictSame(judge({ run: { ...OTHER, alone: false } }, { step, life: 'alive' }), RUN, 'elsewhere as ever')
  const own = { run: { ...REQUESTER, alone: false, sinceMs: 1 } }
  t.strictSame(judge(own, { step, agent: 'x--yard' }), RUN, 'its own comes back to it')
})
