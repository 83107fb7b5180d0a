import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import { createTestEnvironment } from '../../../services/sdk/testing.ts'
import { planAgents, type Seen } from '../../support/plan-agents.ts'

t.test('what failed runs again as a new task, and keeps what is finished', async (t) => {
  const ran: Seen = { undone: [], runs: new Map() }
  const env = createTestEnvironment({ agents: planAgents(ran) })
  const plan: Plan = {
    steps: [
      { id: 'kept', agent: 'double', input: { n: 1, index: 1 } },
      { id: 'bad', agent: 'double', needs: ['kept'], input: { n: { $from: 'input.n' }, index: 2 } },
    ],
  }
  const failed = await env.submit({ plan, input: { n: -1 }, labels: { team: 'x' } })
  t.equal((await failed.result()).status, 'failed')
  const mended = { requestId: 'mended', input: { n: 3 } }
  const again = await env.retry(failed.id, mended)
  t.match(await again.result(), { status: 'completed', output: { bad: { n: 6 } } })
  t.match(again.state(), { retryOf: failed.id, labels: { team: 'x' }, steps: { kept: { attempt: 0 } } })
  t.equal(ran.runs.get('double 1'), 1, 'what is kept does not run again')
  t.equal((await env.retry(failed.id, mended)).id, again.id, 'the same request is the same task')
  await t.rejects(env.retry(failed.id, { ...mended, input: { n: 4 } }), { code: 'IDEMPOTENCY_CONFLICT' })
  await t.rejects(env.retry(failed.id, { ...mended, fromSteps: ['kept'] }), { code: 'IDEMPOTENCY_CONFLICT' })
  await t.rejects(env.retry(failed.id, { fromSteps: ['nothing'] }), { code: 'INVALID_REQUEST' })
  const all = await env.retry(again.id, { fromSteps: ['kept'] })
  t.match(await all.result(), { status: 'completed' })
  t.equal(ran.runs.get('double 1'), 2)
  const waits = await env.submit({ plan: { steps: [{ id: 'w', waitFor: { signal: 'go' } }] } })
  await t.rejects(env.retry(waits.id), { code: 'TASK_NOT_FINISHED' })
})
