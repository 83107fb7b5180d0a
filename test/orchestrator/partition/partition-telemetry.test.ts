import t from 'tap'
import { keyMissing } from '#platform/secrets/payload-codec.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import type { Tracing } from '#platform/telemetry/tracing.ts'
import type { StepResult } from '#schemas/step-message.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import type { LeaseKeeper } from '../../../services/orchestrator/partition/lease-keeper.ts'
import type { PartitionStore } from '../../../services/orchestrator/partition/partition-store.ts'
import {
  refreshPartitionGauges,
  TelemetryObserver,
} from '../../../services/orchestrator/partition/partition-telemetry.ts'
import { LaterState } from '../../../services/orchestrator/partition/stored-task.ts'
import { fixedPartitions } from '../../../services/orchestrator/partition-epochs/live-partitions.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { taskState } from '../../support/task-states.ts'

/** Values by series, as Prometheus reads them. */
async function series(metrics: ReturnType<typeof createMetrics>): Promise<Map<string, number>> {
  const lines = (await metrics.expose()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  )
}

function observing() {
  const metrics = createMetrics()
  const spans: { name: string; past: object }[] = []
  const tracing = {
    record: (name: string, past: object) => spans.push({ name, past }),
    records: (traceparent?: string) => traceparent !== undefined,
    startTraceparent: (parent: string) => `${parent} below`,
  } as unknown as Tracing
  return { observer: new TelemetryObserver({ metrics, tracing, log: quietLog }), metrics, spans }
}

const ended = taskState('t', {
  status: 'completed',
  finishedAtMs: 3500,
  traceparent: '00-1-2-01',
  steps: { a: { status: 'completed', attempt: 1, dispatchedAtMs: 1500 } },
})
const eventOf = (kind: TaskEvent['kind']): TaskEvent => ({
  v: 1,
  kind,
  taskId: 't',
  type: 'plan',
  rev: 2,
  atMs: 3500,
})

t.test('a task that has ended is counted once, with how long it took, and is a span', async (t) => {
  const { observer, metrics, spans } = observing()
  observer.onAnnounced(eventOf('progress'), ended)
  observer.onAnnounced(eventOf('completed'), ended)
  const failed = { ...ended, status: 'failed' as const, error: { code: 'BROKE', message: 'it broke' } }
  observer.onAnnounced(eventOf('failed'), failed)
  observer.onAnnounced(eventOf('cancelled'), taskState('u', { status: 'cancelled', finishedAtMs: 2000 }))
  const found = await series(metrics)
  t.equal(found.get('tasks_completed_total{type="plan"}'), 1)
  t.equal(found.get('tasks_failed_total{type="plan",code="BROKE"}'), 1)
  t.equal(found.get('murmur_tasks_cancelled_total{type="plan"}'), 1)
  const outcomes = ['completed', 'fault', 'caller', 'outside', 'cancelled']
  t.same(
    outcomes.map((outcome) => found.get(`murmur_task_outcomes_total{outcome="${outcome}"}`)),
    [1, 1, 0, 0, 1],
    'a code that only its agent knows counts as ours',
  )
  t.equal(found.get('task_execution_time_ms_sum{type="plan"}'), 2500 + 2500 + 1000)
  t.match(
    spans.map(({ name, past }) => ({ name, ...past })),
    [
      { name: 'invoke_workflow plan', startMs: 1000, endMs: 3500 },
      { name: 'step x' },
      { name: 'invoke_workflow plan', error: { message: 'it broke', code: 'BROKE' } },
      { name: 'step x' },
    ],
    'without a trace there is no span',
  )
})

const result: StepResult = {
  v: 1,
  taskId: 't',
  stepId: 'a',
  attempt: 1,
  instance: 'x-1',
  startedAtMs: 1750,
  finishedAtMs: 2250,
  outcome: { kind: 'done', output: 1 },
}

t.test('a result is counted by its agent, with the times of queue and run', async (t) => {
  const { observer, metrics } = observing()
  observer.onResult(result, ended, 25)
  observer.onResult({ ...result, startedAtMs: 1000 }, ended, 25)
  observer.onResult({ ...result, stepId: 'none' }, ended, 25)
  const found = await series(metrics)
  t.equal(found.get('murmur_step_results_total{agent="x",outcome="done"}'), 2)
  t.equal(found.get('murmur_step_duration_seconds_sum{agent="x"}'), 1.75)
  t.equal(
    found.get('murmur_step_queue_seconds_sum{agent="x"}'),
    0.25,
    'a clock that is behind gives no negative',
  )
})

t.test(
  'a result that says its span is the span of what it brings about, in the trace of its task only',
  async (t) => {
    const { observer, spans } = observing()
    const traceparent = (trace: string) => `00-${trace.repeat(32)}-${'c'.repeat(16)}-01`
    const task = { ...ended, traceparent: traceparent('a') }
    const failed: StepResult = {
      ...result,
      outcome: { kind: 'fail', error: { code: 'BROKE', message: 'it broke' } },
    }
    const sent = traceparent('a')
    observer.onResult({ ...failed, traceparent: sent }, task, 25)
    observer.onResult(failed, task, 25)
    observer.onResult({ ...failed, traceparent: traceparent('b') }, task, 25)
    const { traceparent: _none, ...untraced } = ended
    observer.onResult({ ...failed, traceparent: sent }, untraced, 25)
    t.match(
      spans.map(({ name, past }) => ({ name, ...past })),
      [
        {
          ...{ name: 'process log.{partition}.result', kind: 'consumer', parent: sent },
          attributes: { 'murmur.step.id': 'a', 'murmur.attempt': 1, 'murmur.outcome': 'fail' },
        },
      ],
    )
    t.equal(spans.length, 1)
  },
)

t.test('what partitions tell is counted', async (t) => {
  const { observer, metrics } = observing()
  observer.onConflict()
  observer.onLate('foreign-agent')
  observer.onUndecodable('noise', 7)
  observer.onRebuild(3, 'other-stream')
  observer.onLost(3, 0, [])
  observer.onLost(3, 2, ['a', 'b'])
  observer.onQuarantine('t', 'a bug')
  observer.onDispatch('x', ended)
  observer.onBuried('x', ended)
  const found = await series(metrics)
  for (const [name, value] of [
    ['murmur_commit_conflicts_total', 1],
    ['murmur_late_results_total{reason="foreign-agent"}', 1],
    ['murmur_late_results_total{reason="undecodable"}', 1],
    ['murmur_partition_rebuilds_total{reason="other-stream"}', 1],
    ['murmur_tasks_lost_total', 2],
    ['murmur_tasks_quarantined_total', 1],
    ['murmur_steps_dispatched_total{agent="x"}', 1],
    ['murmur_dead_letters_total{agent="x"}', 1],
  ] as const)
    t.equal(found.get(name), value, name)
})

t.test('each scrape shows what is owned now, and what has gone as nothing', async (t) => {
  const metrics = createMetrics()
  const owners = new Map([
    [1, { lagEvents: 4, stuckMs: 0 }],
    [2, { lagEvents: 0, stuckMs: 7000 }],
  ])
  const depths = new Map([
    [1, new Map([['report', 2]])],
    [2, new Map([['report', 1]])],
  ])
  const later = new LaterState('of version 9')
  const withoutKey = new LaterState('waits', { cause: keyMissing('key "a" is not here') })
  refreshPartitionGauges({
    metrics,
    store: { depth: async (partition: number) => depths.get(partition)! } as unknown as PartitionStore,
    leases: {
      owners,
      refused: new Map([
        [3, later],
        [0, withoutKey],
      ]),
    } as unknown as LeaseKeeper,
    types: ['plan', 'report'],
    live: fixedPartitions(4),
  })
  const first = await series(metrics)
  t.equal(first.get('murmur_tasks_active'), 3)
  t.equal(first.get('murmur_partitions'), 4)
  t.equal(first.get('murmur_partitions_owned'), 2)
  t.equal(first.get('murmur_partitions_refused'), 1)
  t.equal(first.get('murmur_partitions_without_key'), 1)
  t.equal(first.get('murmur_partition_lag_events{partition="1"}'), 4)
  t.equal(first.get('murmur_partition_stuck_seconds{partition="2"}'), 7)
  owners.delete(2)
  depths.set(1, new Map())
  const second = await series(metrics)
  t.equal(second.get('murmur_tasks_active'), 0)
  t.equal(second.get('murmur_partition_stuck_seconds{partition="2"}'), 0)
  t.equal(second.get('murmur_partitions_owned'), 1)
})
