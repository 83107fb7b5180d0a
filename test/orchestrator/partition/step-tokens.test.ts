import t from 'tap'
import { PlatformKeys } from '#platform/config/platform-keys.ts'
import type { LogEvent } from '#schemas/log-event.ts'
import type { TaskState } from '#schemas/task.ts'
import { StepTokens, tokenField } from '../../../services/orchestrator/partition/step-tokens.ts'

const tokens = new StepTokens(new PlatformKeys(['k'.repeat(32)], 1000))
const STEP = { taskId: 't1', stepId: 'a', attempt: 1, agent: 'writer' }
const result = (about: object, agent: string | undefined = 'writer') =>
  ({ kind: 'result', body: { ...STEP, ...about }, agent }) as unknown as LogEvent & { kind: 'result' }
const task = (createdAtMs: number) => ({ createdAtMs }) as TaskState

t.test(
  'a token is that of one attempt for one type of agent, and the same however often it is made',
  async (t) => {
    t.equal(tokens.of(STEP), tokens.of({ ...STEP }))
    const others = [{ taskId: 't2' }, { stepId: 'b' }, { attempt: 2 }, { agent: 'thief' }]
    const all = [STEP, ...others.map((other) => ({ ...STEP, ...other }))].map((step) => tokens.of(step))
    t.equal(new Set(all).size, all.length)
    t.strictSame(tokenField(tokens, STEP), { token: tokens.of(STEP) })
    t.strictSame(tokenField(undefined, STEP), {})
  },
)

t.test('a result counts with its token; of a task from before tokens, without', async (t) => {
  const token = tokens.of(STEP)
  t.ok(tokens.isProven(result({ token }), task(2000)))
  t.notOk(tokens.isProven(result({}), task(2000)), 'without one')
  t.notOk(
    tokens.isProven(result({ token: tokens.of({ ...STEP, attempt: 2 }) }), task(2000)),
    'of another attempt',
  )
  t.notOk(tokens.isProven(result({ token }, 'thief'), task(2000)), 'on the subject of another type')
  t.notOk(
    tokens.isProven({ ...result({ token }), agent: undefined } as never, task(2000)),
    'on the subject of none',
  )
  t.ok(tokens.isProven(result({}), task(999)))
})
