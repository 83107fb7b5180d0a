import t from 'tap'
import type { Plan } from '../../schemas/plan.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

// Escalations on real servers, with an orchestrator that is killed between them.

const servers = await withServers(t)
const startOrchestrator = () =>
  startService(t, servers, 'services/orchestrator/main.ts', {
    MURMUR_PARTITIONS: '4',
    MURMUR_LOG_LEVEL: 'silent',
  })
let orchestrator = await startOrchestrator()
const bus = await openBus(t, servers.natsUrl)
const submit = async (plan: Plan) =>
  (await bus.call('submitTask', { type: 'plan', plan }, { timeoutMs: 10_000 })).taskId

t.test(
  'an approval that nobody answers: more people are asked in turn, also after a kill; then its time is up',
  async (t) => {
    const approval = {
      ...{ title: 'Give a discount?', assignees: ['clerk'], timeoutMs: 4000, onTimeout: 'reject' as const },
      escalation: [
        { afterMs: 2500, assignees: ['board', 'head'] },
        { afterMs: 300, assignees: ['head'] },
      ],
    }
    const told: { taskId: string; note: string }[] = []
    const unsubscribe = bus.subscribe('tasks.events.plan.*.step-waiting', ({ data }) =>
      told.push(JSON.parse(Buffer.from(data).toString())),
    )
    const unanswered = await submit({ steps: [{ id: 'ask', approval }] })
    const answered = await submit({ steps: [{ id: 'ask', approval: { ...approval, timeoutMs: 60_000 } }] })
    const asked = async (assignee: string, taskId: string) =>
      (await bus.call('listApprovals', { assignee, taskId }, { timeoutMs: 5000 }).catch(() => undefined))
        ?.approvals[0]
    await until('the first is escalated', async () => (await asked('head', unanswered)) !== undefined)
    orchestrator.kill('SIGKILL')
    orchestrator = await startOrchestrator()
    await until('both are asked', async () => (await asked('board', answered)) !== undefined, 20_000)
    t.match(await asked('board', answered), { assignees: ['clerk', 'head', 'board'], escalations: 2 })
    t.equal(await asked('somebody', answered), undefined)
    t.match(await endOfTask(bus, unanswered), {
      status: 'failed',
      error: { code: 'APPROVAL_REJECTED', message: /nobody decided within 4000 ms/ },
    })
    unsubscribe()
    const notes = told.filter(({ taskId }) => taskId === unanswered).map(({ note }) => note)
    t.equal(notes.filter((note) => note === 'escalated to head').length, 1)
    t.equal(notes.filter((note) => note === 'escalated to board, head').length, 1, 'each once')
    await bus.call(
      'answerApproval',
      { taskId: answered, stepId: 'ask', decision: 'approved', by: 'board' },
      { timeoutMs: 5000 },
    )
    t.match(await endOfTask(bus, answered), { status: 'completed', output: { ask: { by: 'board' } } })
  },
)
