import type { Test } from 'tap'
import type { Metrics } from '../../../../services/platform/telemetry/metrics.ts'
import { until } from '../../../support/until.ts'
import type { CpuMillis } from './metrics-api.ts'
import type { World } from './world.ts'

export interface Sources {
  /** What Prometheus scrapes. */
  metrics: Metrics
  cpu: CpuMillis
}

const seconds = (sinceMs: number) => `${((performance.now() - sinceMs) / 1000).toFixed(0)} s`

/** The events that wait in partitions: what the external metric is made of. */
function setLag({ metrics }: Sources, events: number): void {
  for (let partition = 0; partition < 64; partition++)
    metrics
      .gauge('murmur_partition_lag_events')
      .labels(String(partition))
      .set(events / 64)
}

/** Steps of an agent that wait, and those in work, at priority 1. */
function setWork({ metrics }: Sources, agent: string, waiting: number, inWork: number): void {
  metrics.gauge('murmur_queue_depth').labels(agent, '1').set(waiting)
  metrics.gauge('murmur_queue_in_work').labels(agent, '1').set(inWork)
}

export function startAtRest(sources: Sources): void {
  sources.cpu.set('other', 20)
  setLag(sources, 0)
  sources.metrics.gauge('murmur_intake_depth').labels().set(0)
  const agents = ['ingest', 'analysis', 'synthesis', 'api-caller', 'capture', 'tracking', 'rules-replay']
  for (const agent of [...agents, 'alerting']) setWork(sources, agent, 0, 0)
}

export async function proveScalingUp(t: Test, world: World, sources: Sources): Promise<void> {
  await t.test('every HPA object reads all its metrics', async (t) => {
    const unread = async () =>
      (await world.list('scalers')).filter(
        ({ spec, status }) =>
          status?.currentMetrics?.filter((metric: unknown) => metric).length !== spec.metrics.length ||
          !status.conditions.some(
            ({ type, status }: { type: string; status: string }) =>
              type === 'ScalingActive' && status === 'True',
          ),
      )
    await until('all are read', async () => (await unread()).length === 0, 90_000)
    t.equal((await world.list('scalers')).length, 11)
    t.equal((await world.get('deployments', 'orchestrator')).spec.replicas, 3)
  })

  await t.test('the backlog scales orchestrators from 3 to 20, evenly over nodes and zones', async (t) => {
    const sinceMs = performance.now()
    setLag(sources, 100_000)
    await world.whenAvailable('orchestrator', 20, 240_000)
    t.comment(`20 are available after ${seconds(sinceMs)}`)
    const { desiredReplicas } = (await world.get('scalers', 'orchestrator')).status
    t.equal(desiredReplicas, 20, 'and no more')
    const counts = await world.podsByNode('orchestrator')
    t.equal(counts.size, 3, 'not on nodes with GPUs, which are tainted')
    t.ok(
      Math.max(...counts.values()) - Math.min(...counts.values()) <= 1,
      `spread: ${[...counts.values()].join('/')}`,
    )
  })

  await t.test(
    'an agent is scaled by its own queue and by no other; the edge by its processors',
    async (t) => {
      setWork(sources, 'analysis', 5, 7)
      sources.cpu.set('edge', 1000)
      await Promise.all([world.whenAvailable('analysis', 6), world.whenAvailable('edge', 12)])
      t.equal((await world.get('deployments', 'ingest')).spec.replicas, 1)
      t.equal((await world.get('deployments', 'detection')).spec.replicas, 1)
      sources.cpu.delete('edge')
      setWork(sources, 'analysis', 0, 0)
      setLag(sources, 0)
    },
  )

  await t.test(
    'captures are scaled by their cameras, each with a disk of its own for recordings',
    async (t) => {
      setWork(sources, 'capture', 4, 32)
      const size = async () => (await world.get('statefulsets', 'capture')).status.readyReplicas
      await until('three are ready', async () => (await size()) === 3, 90_000)
      const claims = (await world.list('claims')).filter(({ metadata }) => /-capture-/.test(metadata.name))
      t.strictSame(
        claims.map(({ metadata, status }) => [metadata.name, status.phase]).sort(),
        [0, 1, 2].map((i) => [`recordings-capture-${i}`, 'Bound']),
      )
      setWork(sources, 'capture', 0, 0)
    },
  )
}

export async function proveScalingDown(t: Test, world: World, sources: Sources): Promise<void> {
  await t.test('nothing is taken away within the time of five minutes that has to pass first', async (t) => {
    await until(
      'the metrics say that nothing waits',
      async () => {
        const { currentMetrics } = (await world.get('scalers', 'orchestrator')).status
        return currentMetrics[1].external.current.averageValue === '0'
      },
      30_000,
    )
    t.equal((await world.get('deployments', 'orchestrator')).spec.replicas, 20)
  })

  await t.test('then orchestrators go a quarter at a time, back to 3', async (t) => {
    const steps: number[] = []
    const stop = world.plane.api.watch(
      '/apis/apps/v1/namespaces/murmur/deployments?fieldSelector=metadata.name=orchestrator',
      (_type, { spec }) => {
        if (spec.replicas !== steps.at(-1)) steps.push(spec.replicas)
      },
    )
    const { behavior } = (await world.get('scalers', 'orchestrator')).spec
    t.match(behavior.scaleDown, { stabilizationWindowSeconds: 300, policies: [{ value: 25 }] })
    // The same policy with shorter times: eight steps of a minute would take longer than all else here.
    const scaleDown = {
      ...behavior.scaleDown,
      stabilizationWindowSeconds: 0,
      policies: [{ type: 'Percent', value: 25, periodSeconds: 4 }],
    }
    await world.patch('scalers', 'orchestrator', { spec: { behavior: { scaleDown } } })
    const sinceMs = performance.now()
    await world.whenAvailable('orchestrator', 3, 180_000)
    stop()
    t.comment(`${steps.join(' → ')} in ${seconds(sinceMs)}`)
    for (const [i, next] of steps.slice(1).entries())
      t.ok(next >= Math.floor(steps[i]! * 0.75), `${steps[i]} → ${next}`)
  })

  await t.test('submissions that nobody has taken in scale orchestrators too', async () => {
    sources.metrics.gauge('murmur_intake_depth').labels().set(2500)
    await world.whenAvailable('orchestrator', 5)
    sources.metrics.gauge('murmur_intake_depth').labels().set(0)
  })
}
