import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import type { AgentView } from '#schemas/agent.ts'
import { planTemplateExample } from '#schemas/plan-template.ts'
import { storageLevelExample } from '#schemas/storage.ts'
import type { Submission } from '#schemas/submission.ts'
import type { Queues } from '#schemas/system-status.ts'
import { SystemApi } from '../../../services/orchestrator/api/system-api.ts'
import { servedOperations } from './served-operations.ts'

function api() {
  const depths = new Map([
    ['INTAKE', { waiting: 4, inWork: 1, delivered: 9 }],
    ['y-p1', { waiting: 2, inWork: 3, delivered: 9, deliveredSeq: 5 }],
  ])
  const { bus, ask, served } = servedOperations({
    consumers: {
      depth: async (stream: string, name: string) => depths.get(stream) ?? depths.get(name),
    },
    streams: {
      fill: async () => ({ subjects: new Map([['steps.gone.any.2', 7]]) }),
      nextMessage: async (_stream: string, subject: string, fromSeq: number) => {
        if (subject === 'steps.gone.any.2') throw new Error('no key')
        return { storedAtMs: systemClock.nowMs() - (subject === 'steps.y.any.1' && fromSeq === 6 ? 5000 : 0) }
      },
    },
  })
  const agent = (type: string, instance: string) => ({ type, instance }) as AgentView
  const component = new SystemApi({
    bus,
    clock: systemClock,
    store: {
      depth: async (partition) =>
        new Map(
          partition === 0
            ? [['report', 2]]
            : [
                ['report', 1],
                ['plan', 5],
              ],
        ),
    },
    partitions: 2,
    registry: {
      isKnown: async (type) => type === 'x',
      similarTypes: async () => ['x'],
      list: async () => [agent('y', 'y-1'), agent('y', 'y-2')],
    },
    keyed: { preview: async () => '' },
    storage: { levels: () => [storageLevelExample] },
    template: async () => planTemplateExample,
  })
  component.start()
  const check = (submission: Submission) => ask('checkPlan', Buffer.from(JSON.stringify(submission)))
  return { component, ask, check, served }
}

const steps = [
  { id: 'b', agent: 'x', needs: ['a'] },
  { id: 'a', agent: 'x', timeoutMs: 120_000 },
]

t.test('a plan is checked as if it were submitted, and shown in its stages', async (t) => {
  const { check } = api()
  t.match(await check({ type: 'plan', plan: { steps }, deadlineMs: 60_000 }), {
    type: 'plan',
    plan: { steps },
    stages: [['a'], ['b']],
    deadlineMs: 60_000,
    warnings: [/^step "a" may run for 120000 ms, the task ends after 60000 ms$/],
  })
  await t.rejects(check({ type: 'plan', plan: { steps: [{ id: 'a', agent: 'y' }] } }), {
    code: 'UNKNOWN_AGENT',
    message: /did you mean "x"\?$/,
  })
})

t.test(
  'what waits: submissions, tasks by type, steps by agent type and priority, also where none lives',
  async (t) => {
    const { component, ask, served } = api()
    const answer = (await ask('listQueues', {})) as Queues
    const oldest = answer.steps[5]!.oldestAgeMs!
    t.ok(oldest >= 5000 && oldest < 60_000, 'of what nobody has taken, the first')
    delete answer.steps[5]!.oldestAgeMs
    t.strictSame(answer, {
      intake: { waiting: 4, inWork: 1 },
      tasks: [
        { type: 'plan', active: 5 },
        { type: 'report', active: 3 },
      ],
      steps: [
        { agent: 'gone', priority: 0, waiting: 0, inWork: 0 },
        { agent: 'gone', priority: 1, waiting: 0, inWork: 0 },
        { agent: 'gone', priority: 2, waiting: 7, inWork: 0 },
        { agent: 'gone', priority: 3, waiting: 0, inWork: 0 },
        { agent: 'y', priority: 0, waiting: 0, inWork: 0 },
        { agent: 'y', priority: 1, waiting: 2, inWork: 3 },
        { agent: 'y', priority: 2, waiting: 0, inWork: 0 },
        { agent: 'y', priority: 3, waiting: 0, inWork: 0 },
      ],
    })
    component.quiesce()
    t.strictSame(served(), [])
  },
)

t.test('how full everything is', async (t) => {
  const { ask } = api()
  t.strictSame(await ask('listStorage', {}), { storage: [storageLevelExample] })
})
