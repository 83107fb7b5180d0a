import t from 'tap'
import type { RedisNodeFacts, RedisSurvey } from '#platform/redis/redis-survey.ts'
import { integrityViewExample } from '#schemas/integrity.ts'
import { partitionsViewExample } from '#schemas/partition-epochs.ts'
import { type StorageLevel, storageLevelExample } from '#schemas/storage.ts'
import type { ClusterFacts } from '../../../services/cli/doctor/cluster-facts.ts'
import { judgeCluster } from '../../../services/cli/doctor/judge-cluster.ts'
import type { ServiceInstance, StreamSurvey } from '../../../services/platform/nats/cluster-survey.ts'
import { BUCKET } from '../../../subjects/jetstream-api.ts'
import { STREAMS } from '../../../subjects/streams.ts'

const stream = (name: string, more: Partial<StreamSurvey> = {}): StreamSurvey => {
  const spec = Object.values(STREAMS).find((each) => each.name === name)
  return {
    name,
    retention: spec?.retention ?? 'limits',
    discard: spec?.discard ?? 'new',
    storage: 'file',
    messages: 10,
    bytes: 1000,
    maxBytes: 1_000_000,
    replicas: 3,
    leader: 'n1',
    behind: [],
    current: 3,
    ...more,
  }
}
const streams = (more: Record<string, Partial<StreamSurvey> | undefined> = {}) => {
  const names = [...Object.values(STREAMS).map(({ name }) => name), BUCKET.stream]
  return new Map(
    names.map((name) => [
      name,
      name in more && more[name] === undefined ? undefined : stream(name, more[name]),
    ]),
  )
}
const service = (service: string, instance: string, more: Record<string, string> = {}): ServiceInstance => ({
  service,
  id: `${service}-${instance}`,
  facts: { instance, version: '1.0.0', ready: 'true', traces: 'on', 'clock-skew-ms': '3', ...more },
})
const agent = (type: string, instance: string, more: object = {}) => ({
  type,
  instance,
  version: '1.0.0',
  capacity: 4,
  inFlight: 0,
  status: 'ready' as const,
  startedAtMs: 0,
  lastSeenMs: 0,
  ...more,
})
const UNANSWERED = { unanswered: 'nobody answers' }
const storageLevel = (more: Partial<StorageLevel>): StorageLevel => ({ ...storageLevelExample, ...more })
const NODE: RedisNodeFacts = {
  address: 'r1:6379',
  role: 'master',
  version: '7.2.0',
  policy: 'noeviction',
  usedBytes: 100,
  maxBytes: 1000,
  keepsLog: true,
  lastWrite: 'ok',
  evictedKeys: 0,
  replicas: 1,
  needsReplicas: false,
  isLinked: true,
}
const REDIS: RedisSurvey = { kind: 'server', nodes: [NODE], silent: [], unservedSlots: 0 }
const SERVICES = ['o1', 'o2', 'e1', 'e2'].map((name) =>
  service(name.startsWith('o') ? 'murmur-orchestrator' : 'murmur-edge', name),
)
const sound: ClusterFacts = {
  server: {
    version: '2.11.1',
    cluster: 'main',
    servers: 3,
    maxPayloadBytes: 1_048_576,
    roundTripMs: 1,
    isTls: true,
  },
  guests: false,
  account: { storageBytes: 10, limitBytes: 1000 },
  room: [storageLevel({ share: 0.3, mark: 0 })],
  streams: streams(),
  unled: [],
  services: SERVICES,
  agents: [agent('ingest', 'i1'), agent('ingest', 'i2')],
  queues: { intake: { waiting: 0, inWork: 0 }, tasks: [], steps: [] },
  partitions: {
    partitions: 16,
    epochs: [{ first: 0, count: 16, state: 'current', active: 0 }],
    orchestrators: 2,
    unaware: [],
  },
  integrity: { integrity: integrityViewExample },
  redis: REDIS,
}

/** The one check that is not fine, as `name status`. */
function findings(more: Partial<ClusterFacts>): string[] {
  return judgeCluster({ ...sound, ...more })
    .filter(({ status }) => status !== 'ok')
    .map(({ name, status }) => `${name} ${status}`)
}

t.test('a sound deployment has nothing to be mended, and every other check has a way to', (t) => {
  t.strictSame(findings({}), [])
  t.equal(judgeCluster({ ...sound, redis: undefined }).length, judgeCluster(sound).length - 1)
  t.end()
})

const replaced = (i: number, with_: ServiceInstance) => SERVICES.map((each, j) => (i === j ? with_ : each))
const grown = partitionsViewExample
const CASES: [what: string, facts: Partial<ClusterFacts>, wanted: string[]][] = [
  ['an old server', { server: { ...sound.server, version: '2.9.25' } }, ['nats fail']],
  ['a single server', { server: { ...sound.server, cluster: undefined, servers: 1 } }, ['nats warn']],
  ['no TLS', { server: { ...sound.server, isTls: false } }, ['network warn']],
  ['far away', { server: { ...sound.server, roundTripMs: 80 } }, ['network warn']],
  ['guests', { guests: true }, ['access warn']],
  ['storage is filling', { account: { storageBytes: 850, limitBytes: 1000 } }, ['storage warn']],
  ['storage is full', { account: { storageBytes: 990, limitBytes: 1000 } }, ['storage fail']],
  ['a stream is missing', { streams: streams({ LOG: undefined }) }, ['streams fail']],
  ['a stream drops what is old', { streams: streams({ LOG: { discard: 'old' } }) }, ['streams fail']],
  ['one copy only', { streams: streams({ LOG: { replicas: 1 } }) }, ['replicas warn']],
  ['a copy is behind', { streams: streams({ LOG: { behind: ['n3'], current: 2 } }) }, ['replicas warn']],
  ['copies are being made', { streams: streams({ LOG: { current: 1 } }) }, ['replicas warn']],
  ['no leader', { streams: streams({ STEPS: { leader: undefined } }) }, ['replicas fail']],
  ['nobody answers for one', { unled: ['STEPS'] }, ['replicas fail']],
  ['a store is above its first mark', { room: [storageLevel({ mark: 1 })] }, ['room warn']],
  ['a store is above its second mark', { room: [storageLevel({ mark: 2 })] }, ['room fail']],
  [
    'a stream is filling, and no orchestrator says it',
    { room: UNANSWERED, streams: streams({ LOG: { bytes: 850_000 } }) },
    ['room warn'],
  ],
  [
    'a stream is full, and no orchestrator says it',
    { room: UNANSWERED, streams: streams({ STEPS: { bytes: 990_000 } }) },
    ['room fail'],
  ],
  ['one that may be full is', { streams: streams({ DEAD: { bytes: 990_000 } }) }, []],
  ['no orchestrator', { services: SERVICES.slice(2) }, ['orchestrators fail']],
  ['one orchestrator', { services: SERVICES.slice(1) }, ['orchestrators warn']],
  ['one edge', { services: SERVICES.slice(0, 3) }, ['edges warn']],
  [
    'a probe fails',
    {
      services: replaced(
        0,
        service('murmur-orchestrator', 'o1', { ready: 'false', failing: 'redis: has not answered' }),
      ),
    },
    ['probes fail'],
  ],
  [
    'records were refused',
    { services: replaced(2, service('murmur-edge', 'e1', { 'refused-records': 'KEYS 2' })) },
    ['records warn'],
  ],
  [
    'two versions of services',
    { services: replaced(0, service('murmur-orchestrator', 'o1', { version: '1.1.0' })) },
    ['versions warn'],
  ],
  [
    'two versions of an agent',
    { agents: [agent('ingest', 'i1'), agent('ingest', 'i2', { version: '2.0.0' })] },
    ['versions warn'],
  ],
  [
    'a clock is wrong',
    { services: replaced(1, service('murmur-orchestrator', 'o2', { 'clock-skew-ms': '-4000' })) },
    ['clocks warn'],
  ],
  ['no agents', { agents: [] }, ['agents warn']],
  ['a handler is stuck', { agents: [agent('ingest', 'i1', { stuck: 1 })] }, ['agents warn']],
  ['nobody knows the agents', { agents: { unanswered: 'nobody answers' } }, ['agents fail']],
  [
    'steps that nobody takes',
    {
      queues: { ...sound.queues, steps: [{ agent: 'ocr', priority: 2, waiting: 5, inWork: 0 }] } as never,
    },
    ['queues warn'],
  ],
  [
    'no traces',
    { services: replaced(3, service('murmur-edge', 'e2', { traces: 'off' })) },
    ['telemetry warn'],
  ],
  ['partitions of two times', { partitions: grown }, []],
  [
    'an orchestrator that knows of no epochs',
    { partitions: { ...sound.partitions, unaware: ['o1'] } as never },
    ['partitions warn'],
  ],
  ['the same when there are', { partitions: { ...grown, unaware: ['o1'] } }, ['partitions fail']],
  ['nobody says which partitions there are', { partitions: { unanswered: 'nobody' } }, ['partitions warn']],
  ['nobody says what the audit has found', { integrity: { unanswered: 'nobody' } }, ['integrity warn']],
  ['nobody audits', { integrity: {} }, ['integrity warn']],
  [
    'nobody audits any more',
    { integrity: { integrity: { ...integrityViewExample, isStale: true } } },
    ['integrity warn'],
  ],
  [
    'a rule was broken',
    { integrity: { integrity: { ...integrityViewExample, violations: 1, lost: 1 } } },
    ['integrity fail'],
  ],
  ['Redis evicts', { redis: { ...REDIS, nodes: [{ ...NODE, policy: 'allkeys-lru' }] } }, ['redis fail']],
  ['Redis is away', { redis: { unanswered: 'nothing answers' } }, ['redis fail']],
]

for (const [what, facts, wanted] of CASES)
  t.test(what, (t) => {
    t.strictSame(findings(facts), wanted)
    for (const { status, fix } of judgeCluster({ ...sound, ...facts }))
      t.equal(status === 'ok', fix === undefined)
    t.end()
  })

t.test('a process with two services is one', (t) => {
  const services = [...SERVICES, service('murmur-alerting', 'e1')]
  const edges = judgeCluster({ ...sound, services }).find(({ name }) => name === 'edges')
  t.equal(edges?.evidence, '2')
  t.end()
})
