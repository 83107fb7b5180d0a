import type { ServiceInstance, StreamSurvey } from '#platform/nats/cluster-survey.ts'
import { compareVersions } from '#platform/nats/server-address.ts'
import { BUCKET } from '#subjects/jetstream-api.ts'
import { EDGE, ORCHESTRATOR } from '#subjects/operations/micro-services.ts'
import { STREAMS } from '#subjects/streams.ts'
import type { Check } from '../../../deploy/local/doctor.ts'
import { count, formatBytes } from '../output/quantities.ts'
import type { ClusterFacts } from './cluster-facts.ts'
import { judgeIntegrity } from './judge-integrity.ts'
import { judgeRedis } from './judge-redis.ts'
import { judgeRoom } from './judge-room.ts'
import { judgeSites } from './judge-sites.ts'
import { judgeVideo } from './judge-video.ts'

/** With less, features that the bounds of queues rest on are missing. */
const NATS_WANTED = '2.10.0'
/** Shares of a limit. */
const FILLING = 0.8
const FULL = 0.95
/** Copies of a stream, where there are servers for them: two of three may not be lost together. */
const REPLICAS_WANTED = 3
/** Milliseconds. */
const MAX_SKEW_MS = 1000
const MAX_ROUND_TRIP_MS = 20

/** What is to be said of a deployment, most basic first. Pure. */
export function judgeCluster(facts: ClusterFacts): Check[] {
  return [
    judgeServer(facts),
    judgeTransport(facts),
    judgeGuests(facts),
    judgeStorage(facts),
    judgeStreams(facts),
    judgeReplicas(facts),
    'unanswered' in facts.room ? judgeFill(facts) : judgeRoom(facts.room),
    judgeService('orchestrators', 'orchestrator', facts.services),
    judgeService('edges', 'edge', facts.services),
    judgeProbes(facts.services),
    judgeRecords(facts.services),
    judgeVersions(facts),
    judgeClocks(facts.services),
    judgeAgents(facts),
    ...(facts.video === undefined ? [] : judgeVideo(facts.video, facts.video.atMs)),
    ...(facts.sites === undefined ? [] : judgeSites(facts.sites.views, facts.sites.atMs)),
    judgeQueues(facts),
    judgePartitions(facts),
    judgeIntegrity(facts.integrity),
    judgeTelemetry(facts.services),
    ...(facts.redis === undefined ? [] : [judgeRedis(facts.redis)]),
  ]
}

const ok = (name: string, evidence: string): Check => ({ name, status: 'ok', evidence })
const warn = (name: string, evidence: string, fix: string): Check => ({ name, status: 'warn', evidence, fix })
const fail = (name: string, evidence: string, fix: string): Check => ({ name, status: 'fail', evidence, fix })

function judgeServer({ server: { version, cluster, servers } }: ClusterFacts): Check {
  const evidence = `${version}, ${cluster === undefined ? 'a single server' : `cluster ${cluster} of ${servers}`}`
  if (compareVersions(version, NATS_WANTED) < 0)
    return fail('nats', evidence, `Install nats-server ${NATS_WANTED} or newer.`)
  if (cluster === undefined || servers < 3)
    return warn(
      'nats',
      evidence,
      'Run three servers as a cluster: with fewer, one that is lost stops everything.',
    )
  return ok('nats', evidence)
}

function judgeTransport({ server: { isTls, roundTripMs } }: ClusterFacts): Check {
  const evidence = `${isTls ? 'TLS' : 'no TLS'}, ${roundTripMs} ms there and back`
  if (roundTripMs > MAX_ROUND_TRIP_MS)
    return warn(
      'network',
      evidence,
      'Keep services and NATS in one region: each step takes several round trips.',
    )
  if (isTls) return ok('network', evidence)
  return warn('network', evidence, 'Let NATS ask for TLS, unless nobody else can be on this network.')
}

function judgeGuests({ guests }: ClusterFacts): Check {
  if (!guests) return ok('access', 'NATS asks everybody who they are')
  const fix =
    'Give every user a password and remove no_auth_user: `node deploy/nats/print-authorization.ts` prints users with what they need.'
  return warn('access', 'NATS lets in whoever connects without a password, as a guest', fix)
}

function judgeStorage({ account: { storageBytes, limitBytes } }: ClusterFacts): Check {
  if (limitBytes === undefined)
    return ok('storage', `${formatBytes(storageBytes)} on disk, no limit of the account`)
  const evidence = `${formatBytes(storageBytes)} of ${formatBytes(limitBytes)} on disk`
  const fix = 'Give the account more storage, or set MURMUR_STORAGE_GIB lower: streams then refuse earlier.'
  if (storageBytes > FULL * limitBytes) return fail('storage', evidence, fix)
  return storageBytes > FILLING * limitBytes ? warn('storage', evidence, fix) : ok('storage', evidence)
}

function judgeStreams({ streams }: ClusterFacts): Check {
  const missing = [...streams].filter(([, stream]) => stream === undefined).map(([name]) => name)
  if (missing.length > 0)
    return fail(
      'streams',
      `missing: ${missing.join(', ')}`,
      'Start an orchestrator: it makes what is missing.',
    )
  const wrong = Object.values(STREAMS).flatMap(({ name, retention, discard, storage }) => {
    const found = streams.get(name)
    if (!found) return []
    return found.retention === retention && found.discard === discard && found.storage === storage
      ? []
      : [name]
  })
  if (wrong.length > 0)
    return fail(
      'streams',
      `not as they were made: ${wrong.join(', ')}`,
      'Somebody changed them by hand: make a backup, then restore it to streams as an orchestrator makes them.',
    )
  const log = streams.get(STREAMS.log.name)
  return ok('streams', `${streams.size}${log ? `, the log has ${count(log.messages, 'message')}` : ''}`)
}

function judgeReplicas({ server, streams, unled }: ClusterFacts): Check {
  const there = present(streams)
  const leaderless = there.filter(({ leader }) => server.cluster !== undefined && leader === undefined)
  const withoutLeader = [...leaderless.map(({ name }) => name), ...unled]
  if (withoutLeader.length > 0)
    return fail(
      'replicas',
      `without a leader: ${withoutLeader.join(', ')}`,
      'What is published there waits or is refused: bring the servers back that hold them (docs/runbooks/StreamWithoutLeader.md).',
    )
  const behind = there.filter(({ behind }) => behind.length > 0)
  if (behind.length > 0)
    return warn(
      'replicas',
      behind.map(({ name, behind }) => `${name} on ${behind.join(', ')}`).join('; '),
      'Copies there are behind or away: look at these servers before another one is stopped.',
    )
  const short = there.filter(({ replicas, current }) => server.cluster !== undefined && current < replicas)
  if (short.length > 0)
    return warn(
      'replicas',
      `being made: ${short.map(({ name, current, replicas }) => `${name} ${current} of ${replicas}`).join(', ')}`,
      'Copies are filled while work goes on: wait before a server is stopped.',
    )
  const wanted = Math.min(REPLICAS_WANTED, server.servers)
  const few = there.filter(({ replicas }) => replicas < wanted)
  const evidence = `${Math.min(...there.map(({ replicas }) => replicas), Number.POSITIVE_INFINITY)} of each stream at least`
  if (there.length === 0) return ok('replicas', 'no stream yet')
  if (few.length === 0) return ok('replicas', evidence)
  return warn(
    'replicas',
    `less than ${wanted} of ${names(few)}`,
    `A server that is lost takes them with it. Orchestrators make ${wanted} copies by themselves where MURMUR_REPLICAS names no other number: see how it is set, and start one again.`,
  )
}

/** Where no orchestrator says it: from streams alone. */
function judgeFill({ streams }: ClusterFacts): Check {
  const share = ({ bytes, maxBytes }: StreamSurvey) => (maxBytes > 0 ? bytes / maxBytes : 0)
  const filling = present(streams)
    .filter(({ name }) => !MAY_BE_FULL.has(name))
    .filter((stream) => share(stream) > FILLING)
    .sort((a, b) => share(b) - share(a))
  const fullest = present(streams).reduce((most, stream) => Math.max(most, share(stream)), 0)
  if (filling.length === 0) return ok('room', `the fullest stream is at ${Math.round(100 * fullest)} %`)
  const evidence = filling.map((stream) => `${stream.name} ${Math.round(100 * share(stream))} %`).join(', ')
  const fix =
    filling[0]!.name === BUCKET.stream || filling[0]!.name === STREAMS.log.name
      ? 'Give it more room with MURMUR_STORAGE_GIB: new tasks are refused soon.'
      : 'See which queue is long (murmur status), and start agents that take from it.'
  return share(filling[0]!) > FULL ? fail('room', evidence, fix) : warn('room', evidence, fix)
}

/** The oldest go by themselves. */
const MAY_BE_FULL: ReadonlySet<string> = new Set(
  Object.values(STREAMS)
    .filter(({ discard }) => discard === 'old')
    .map(({ name }) => name),
)

function judgeService(
  name: string,
  service: 'orchestrator' | 'edge',
  all: readonly ServiceInstance[],
): Check {
  const instances = instancesOf(all).filter(({ services }) =>
    services.has(service === 'edge' ? EDGE.name : ORCHESTRATOR.name),
  )
  if (instances.length === 0)
    return fail(
      name,
      'none answers',
      `Start ${service === 'edge' ? 'edges' : 'orchestrators'}: two at least.`,
    )
  if (instances.length === 1)
    return warn(name, '1', `Run a second one: while the only ${service} starts anew, nobody answers.`)
  return ok(name, String(instances.length))
}

function judgeProbes(all: readonly ServiceInstance[]): Check {
  const instances = instancesOf(all)
  const failing = instances.filter(({ facts }) => facts.ready === 'false')
  if (failing.length === 0) return ok('probes', `ready: ${instances.length} of ${instances.length}`)
  const evidence = failing.map(({ facts }) => `${facts.instance}: ${facts.failing ?? 'not ready'}`).join('; ')
  return fail('probes', evidence, 'Their /readyz and logs say more; they take no work until then.')
}

function judgeRecords(all: readonly ServiceInstance[]): Check {
  const refusing = instancesOf(all).filter(({ facts }) => facts['refused-records'] !== undefined)
  if (refusing.length === 0) return ok('records', 'none was refused since the services started')
  const evidence = refusing.map(({ facts }) => `${facts.instance}: ${facts['refused-records']}`).join('; ')
  return warn(
    'records',
    `refused for want of a seal: ${evidence}`,
    'Somebody else than the platform has written into these streams: the audit log names each record; change passwords of NATS (docs/runbooks/RecordsRefused.md).',
  )
}

function judgeVersions({ services, agents }: ClusterFacts): Check {
  const versions = new Set(instancesOf(services).flatMap(({ facts }) => facts.version ?? []))
  const mixed = 'unanswered' in agents ? [] : mixedTypes(agents)
  const evidence = `services ${[...versions].join(', ') || 'unknown'}`
  if (versions.size > 1)
    return warn('versions', evidence, 'Fine while an upgrade is under way; else bring all to one version.')
  if (mixed.length > 0)
    return warn(
      'versions',
      mixed.join('; '),
      'Fine for a canary (docs/dispatch.md); else bring all instances to one version.',
    )
  return ok('versions', evidence)
}

function mixedTypes(agents: readonly { type: string; version: string }[]): string[] {
  const byType = new Map<string, Set<string>>()
  for (const { type, version } of agents) byType.set(type, (byType.get(type) ?? new Set()).add(version))
  return [...byType]
    .filter(([, set]) => set.size > 1)
    .map(([type, set]) => `${type} ${[...set].sort().join(', ')}`)
}

function judgeClocks(services: readonly ServiceInstance[]): Check {
  const skews = instancesOf(services).flatMap(({ facts }) => {
    const skew = Number(facts['clock-skew-ms'])
    return Number.isFinite(skew) ? [{ instance: facts.instance ?? '', skew }] : []
  })
  if (skews.length === 0) return ok('clocks', 'no process has compared its clock yet')
  const worst = skews.reduce((a, b) => (Math.abs(b.skew) > Math.abs(a.skew) ? b : a))
  const evidence = `${Math.abs(worst.skew)} ms ${worst.skew < 0 ? 'behind' : 'ahead of'} the broker's at most (${worst.instance})`
  if (Math.abs(worst.skew) < MAX_SKEW_MS) return ok('clocks', evidence)
  return warn('clocks', evidence, "Let NTP set that machine's clock: logs and traces go by it.")
}

function judgeAgents({ agents }: ClusterFacts): Check {
  if ('unanswered' in agents)
    return fail('agents', agents.unanswered, 'Start an orchestrator: it knows the agents.')
  const types = new Map<string, number>()
  for (const { type } of agents) types.set(type, (types.get(type) ?? 0) + 1)
  const evidence = [...types].map(([type, n]) => (n > 1 ? `${type} × ${n}` : type)).join(', ')
  if (agents.length === 0)
    return warn('agents', 'none', 'Start agents: steps wait until there is one of their type.')
  const stuck = agents.filter(({ stuck = 0, blockedMs = 0 }) => stuck > 0 || blockedMs > 0)
  if (stuck.length === 0) return ok('agents', evidence)
  const what = stuck.map(({ instance }) => instance).join(', ')
  return warn(
    'agents',
    `stuck or blocked: ${what}`,
    'Their /readyz names the step; docs/agents.md says what to do.',
  )
}

function judgeQueues({ queues, agents }: ClusterFacts): Check {
  if ('unanswered' in queues)
    return fail('queues', queues.unanswered, 'Start an orchestrator: it looks after the queues.')
  const types = new Set('unanswered' in agents ? [] : agents.map(({ type }) => type))
  const waiting = queues.steps.filter(({ waiting }) => waiting > 0)
  const total = waiting.reduce((sum, { waiting }) => sum + waiting, 0)
  const orphaned = [...new Set(waiting.filter(({ agent }) => !types.has(agent)).map(({ agent }) => agent))]
  const evidence = `${count(total, 'step')} waiting, ${count(queues.intake.waiting, 'submission')} in the intake`
  if (orphaned.length === 0) return ok('queues', evidence)
  return warn(
    'queues',
    `steps wait for ${orphaned.join(', ')}, of which none lives`,
    'Start agents of these types.',
  )
}

function judgePartitions({ partitions: found }: ClusterFacts): Check {
  if ('unanswered' in found)
    return warn(
      'partitions',
      found.unanswered,
      'Start an orchestrator of this release: those before say nothing of it.',
    )
  const { partitions, epochs, unaware } = found
  const ending = epochs.filter(({ state }) => state === 'ending').reduce((sum, { count: n }) => sum + n, 0)
  const evidence = `${partitions} for new tasks${ending > 0 ? `, ${ending} where tasks from before end` : ''}`
  if (unaware.length === 0) return ok('partitions', evidence)
  const old = `of a release that knows of no epochs: ${unaware.join(', ')}`
  // Such a one takes tasks in for partitions that are none for new ones any more, under keys that have a task elsewhere.
  if (epochs.length > 1 || epochs.some(({ first }) => first > 0))
    return fail(
      'partitions',
      `${evidence}; ${old}`,
      'Stop them: that release must not run any more once there are more partitions.',
    )
  return warn('partitions', `${evidence}; ${old}`, 'Update them before there are to be more partitions.')
}

function judgeTelemetry(services: readonly ServiceInstance[]): Check {
  const silent = instancesOf(services).filter(({ facts }) => facts.traces === 'off')
  if (silent.length === 0) return ok('telemetry', 'every service exports traces')
  const evidence = `no traces from ${silent.map(({ facts }) => facts.instance).join(', ')}`
  return warn('telemetry', evidence, 'Set OTEL_EXPORTER_OTLP_ENDPOINT to a collector.')
}

/** Processes: one may offer several services. */
function instancesOf(
  all: readonly ServiceInstance[],
): { services: ReadonlySet<string>; facts: Readonly<Record<string, string>> }[] {
  const byInstance = new Map<string, { services: Set<string>; facts: Readonly<Record<string, string>> }>()
  for (const { service, id, facts } of all) {
    if (!service.startsWith('murmur')) continue
    const key = facts.instance ?? id
    const known = byInstance.get(key) ?? { services: new Set<string>(), facts }
    known.services.add(service)
    byInstance.set(key, known)
  }
  return [...byInstance.values()]
}

function present(streams: ClusterFacts['streams']): StreamSurvey[] {
  return [...streams.values()].filter((stream) => stream !== undefined)
}

const names = (streams: readonly StreamSurvey[]) => streams.map(({ name }) => name).join(', ')
