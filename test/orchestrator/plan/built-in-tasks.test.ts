import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import {
  type MonitorRequestInput,
  monitorRequestExample,
  monitorRequestSchema,
} from '#schemas/monitor-request.ts'
import { planSchema } from '#schemas/plan.ts'
import { assertPlan } from '#workflow/plan/check-plan.ts'
import { monitorTaskType, reportTaskType } from '../../../services/orchestrator/plan/built-in-tasks.ts'

const sources = ['a.md', 'b.md'].map((name) => ({ name, text: 'x' }))
const monitor = (about: Partial<MonitorRequestInput> = {}) =>
  monitorRequestSchema.parse({ ...monitorRequestExample, ...about })

t.test(
  'a report reads all sources at the same time, and goes on without those that it can not',
  async (t) => {
    const plan = reportTaskType.plan({ title: 'May', sources })
    t.match(plan.steps, [
      { id: 'ingest-1', agent: 'ingest', input: { $from: 'input.sources.0' }, onFailure: 'continue' },
      { id: 'ingest-2', agent: 'ingest', input: { $from: 'input.sources.1' }, onFailure: 'continue' },
      {
        id: 'analysis',
        needs: ['ingest-1', 'ingest-2'],
        input: {
          documents: [
            {
              name: 'a.md',
              document: { $from: 'steps.ingest-1.output' },
              error: { $from: 'steps.ingest-1.error' },
            },
            { name: 'b.md' },
          ],
        },
      },
      { id: 'synthesis', needs: ['analysis'], input: { title: 'May' } },
    ])
    t.strictSame(plan.output, { $from: 'steps.synthesis.output' })
    t.notOk(
      'title' in (reportTaskType.plan({ sources }).steps.at(-1)!.input as object),
      'a title is optional',
    )
  },
)

t.test('a monitor: capture and tracking side by side, each with its own rules, then a summary', async (t) => {
  const rules: MonitorRequestInput['rules'] = [
    { id: 'gone', kind: 'camera-offline' },
    { id: 'in', kind: 'intrusion', zone: 'gate' },
  ]
  const plan = monitorTaskType.plan(monitor({ rules }))
  const [capture, track, summary] = plan.steps
  t.match(capture, { agent: 'capture', input: { camera: 'yard', rules: [{ id: 'gone' }] } })
  t.match(track, { agent: 'tracking', input: { camera: 'yard', rules: [{ id: 'in' }] } })
  t.notOk(capture!.needs ?? track!.needs)
  t.ok('source' in (capture!.input as object))
  t.notOk('source' in (track!.input as object), 'only capture opens the source')
  t.match(summary, { agent: 'alerting', needs: ['capture', 'track'], timeoutMs: 60_000 })
  for (const { timeoutMs, retry } of [capture!, track!])
    t.match({ timeoutMs, retry }, { timeoutMs: LIMITS.stepTimeoutMs, retry: { maxAttempts: 100 } })
})

t.test('a monitor that ends by itself has ten minutes more than it lasts', async (t) => {
  t.equal(monitorTaskType.deadlineMs?.(monitor({ durationMs: 60_000 })), 660_000)
  t.equal(monitorTaskType.deadlineMs?.(monitor()), LIMITS.endlessTaskMs)
})

t.test('their plans are such as clients may bring along', async (t) => {
  for (const plan of [reportTaskType.plan({ sources }), monitorTaskType.plan(monitor())]) {
    assertPlan(planSchema.parse(plan))
    t.ok(plan.output)
  }
})

t.test('a monitor of a site has its live steps there, and time for a cut of the link', async (t) => {
  const request = monitor({ site: 'yard', durationMs: 60_000 })
  const plan = monitorTaskType.plan(request)
  t.strictSame(
    plan.steps.map(({ agent }) => agent),
    ['capture--yard', 'tracking--yard', 'alerting'],
  )
  t.match(plan.steps[2]?.input, { site: 'yard', camera: 'yard' })
  t.doesNotThrow(() => assertPlan(planSchema.parse(plan)))
  const centre = monitorTaskType.deadlineMs!(monitor({ durationMs: 60_000 }))
  t.equal(monitorTaskType.deadlineMs!(request), centre + LIMITS.siteCutMs)
  t.throws(() => monitor({ site: 'Yard' }), /a site must be words/)
  t.throws(() => monitor({ site: 'a--b' }))
})
