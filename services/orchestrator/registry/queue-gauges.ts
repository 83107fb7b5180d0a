import type { Consumers } from '#platform/nats/consumers.ts'
import type { Streams } from '#platform/nats/streams.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { INTAKE_CONSUMER, ownQueueConsumer, STREAMS, stepConsumers } from '#subjects/streams.ts'
import { lastToken, PRIORITIES, parseStepAtSubject, SUBJECTS } from '#subjects/subjects.ts'
import type { QueueShares } from './queue-shares.ts'
import { queuedAgents } from './queued-agents.ts'

export interface QueueGaugesDeps {
  bus: {
    streams: Pick<Streams, 'fill' | 'nextMessage'>
    consumers: Pick<Consumers, 'depth'>
  }
  metrics: Metrics
  /** Whether this orchestrator tells them: one of all does. */
  isReporter: () => boolean
  registry: Parameters<typeof queuedAgents>[0]['registry']
  types: QueueShares
  taskTypes: readonly string[]
  brokerNowMs: () => number
}

/** Agent types whose queues are looked at for a scrape: some five requests each. */
const MAX_AGENTS = 200
const OWN = 'own'
const GAUGES = [
  'queue_depth',
  'murmur_queue_depth',
  'murmur_queue_in_work',
  'murmur_queue_oldest_age_seconds',
  'murmur_stream_bytes',
  'murmur_stream_max_bytes',
  'murmur_stream_messages',
] as const

/** Refreshes at each scrape what waits in the whole system, and how full its streams are. */
export function refreshQueueGauges(deps: QueueGaugesDeps): void {
  const { metrics } = deps
  metrics.onScrape(async () => {
    for (const name of GAUGES) metrics.gauge(name).clear()
    metrics.gauge('murmur_intake_depth').labels().set(0)
    if (!deps.isReporter()) return
    const { types, stored } = await queuedAgents({ streams: deps.bus.streams, registry: deps.registry })
    const agents = types.slice(0, MAX_AGENTS)
    const [intake, waiting] = await Promise.all([
      showIntake(deps),
      Promise.all(agents.map((agent) => showAgent(deps, agent, stored))),
      showStreams(deps),
    ])
    const depths = new Map<string, number>(deps.taskTypes.map((type) => [type, 0]))
    const add = (type: string, count: number) => depths.set(type, (depths.get(type) ?? 0) + count)
    for (const [type, count] of intake) add(type, count)
    for (const [i, agent] of agents.entries()) {
      if (waiting[i] === 0) continue
      for (const [type, count] of deps.types.share(agent, waiting[i]!)) add(type, count)
    }
    for (const [type, count] of depths) metrics.gauge('queue_depth').labels(type).set(Math.round(count))
  })
}

/** @returns submissions that nobody has taken in, by type */
async function showIntake({ bus, metrics }: QueueGaugesDeps): Promise<Map<string, number>> {
  const { stream, name } = INTAKE_CONSUMER
  const [fill, depth] = await Promise.all([
    bus.streams.fill(stream, STREAMS.intake.subjects[0]),
    bus.consumers.depth(stream, name),
  ])
  metrics
    .gauge('murmur_intake_depth')
    .labels()
    .set(depth?.waiting ?? 0)
  return new Map([...fill.subjects].map(([subject, count]) => [lastToken(subject), count]))
}

/** @returns steps that no instance has taken */
async function showAgent(
  deps: QueueGaugesDeps,
  agent: string,
  stored: ReadonlyMap<string, number>,
): Promise<number> {
  const consumers = stepConsumers(agent)
  const waiting = await Promise.all([
    ...PRIORITIES.map((priority, i) =>
      showQueue(deps, agent, {
        priority,
        consumer: consumers[i]!.name,
        stored: stored.get(SUBJECTS.step(agent, priority)) ?? 0,
      }),
    ),
    showOwnQueues(deps, agent, stored),
  ])
  return waiting.reduce((sum, count) => sum + count, 0)
}

async function showQueue(
  { bus, metrics, brokerNowMs }: QueueGaugesDeps,
  agent: string,
  { priority, consumer, stored }: { priority: (typeof PRIORITIES)[number]; consumer: string; stored: number },
): Promise<number> {
  const stream = STREAMS.steps.name
  // Where no instance has asked for a queue yet, all of them wait.
  const depth = (await bus.consumers.depth(stream, consumer)) ?? {
    waiting: stored,
    inWork: 0,
    deliveredSeq: 0,
    settledSeq: 0,
  }
  const oldest =
    depth.waiting > 0
      ? await bus.streams.nextMessage(stream, SUBJECTS.step(agent, priority), depth.deliveredSeq + 1)
      : undefined
  const labels = [agent, String(priority)] as const
  const ageMs = oldest ? Math.max(0, brokerNowMs() - oldest.storedAtMs) : 0
  metrics
    .gauge('murmur_queue_depth')
    .labels(...labels)
    .set(depth.waiting)
  metrics
    .gauge('murmur_queue_in_work')
    .labels(...labels)
    .set(depth.inWork)
  metrics
    .gauge('murmur_queue_oldest_age_seconds')
    .labels(...labels)
    .set(ageMs / 1000)
  return depth.waiting
}

/** Queues of single instances, together. */
async function showOwnQueues(
  { bus, metrics }: QueueGaugesDeps,
  agent: string,
  stored: ReadonlyMap<string, number>,
): Promise<number> {
  const places = [...stored.keys()].map(parseStepAtSubject)
  const queues = places.flatMap((place) => (place?.agent === agent ? place.queue : []))
  if (queues.length === 0) return 0
  const depths = await Promise.all(
    queues.map((queue) => bus.consumers.depth(STREAMS.steps.name, ownQueueConsumer(agent, queue).name)),
  )
  const sum = (of: 'waiting' | 'inWork') => depths.reduce((total, depth) => total + (depth?.[of] ?? 0), 0)
  metrics.gauge('murmur_queue_depth').labels(agent, OWN).set(sum('waiting'))
  metrics.gauge('murmur_queue_in_work').labels(agent, OWN).set(sum('inWork'))
  return sum('waiting')
}

async function showStreams({ bus, metrics }: QueueGaugesDeps): Promise<void> {
  await Promise.all(
    Object.entries(STREAMS).map(async ([label, { name }]) => {
      const fill = await bus.streams.fill(name)
      metrics.gauge('murmur_stream_bytes').labels(label).set(fill.bytes)
      metrics.gauge('murmur_stream_max_bytes').labels(label).set(Math.max(0, fill.maxBytes))
      metrics.gauge('murmur_stream_messages').labels(label).set(fill.messages)
    }),
  )
}
