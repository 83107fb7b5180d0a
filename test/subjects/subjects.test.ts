import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { SERVICES } from '../../subjects/operations.ts'
import { BLOB_BUCKET, INTAKE_CONSUMER, STREAMS, stepConsumers, streamBytes } from '../../subjects/streams.ts'
import {
  lastToken,
  logKindOf,
  MESSAGE_IDS,
  PRIORITIES,
  parseChunksSubject,
  parseHeartbeatSubject,
  parseLogSubject,
  parseStepSubject,
  parseTaskEventSubject,
  partitionOf,
  SUBJECTS,
} from '../../subjects/subjects.ts'

const matches = (pattern: string, subject: string): boolean => {
  const [want, have] = [pattern.split('.'), subject.split('.')]
  return (
    want.every((token, i) =>
      token === '>' ? have.length > i : token === '*' ? have[i] : token === have[i],
    ) &&
    (want.at(-1) === '>' || want.length === have.length)
  )
}

t.test('tasks are spread evenly over the partitions, and always to the same one', async (t) => {
  const ids = Array.from({ length: 32_000 }, () => `t${randomBytes(16).toString('base64url')}`)
  const counts = new Map<number, number>()
  for (const id of ids) counts.set(partitionOf(id, 16), (counts.get(partitionOf(id, 16)) ?? 0) + 1)
  t.equal(counts.size, 16)
  for (const [partition, count] of counts)
    t.ok(Math.abs(count - 2000) < 300, `partition ${partition} has ${count} of 2000`)
  t.equal(partitionOf('kq3v9x', 16), 9, 'the hash is part of the protocol: it must never change')
  t.equal(partitionOf('anything', 1), 0)
  const sequential = new Set(Array.from({ length: 200 }, (_, i) => partitionOf(`task-${i}`, 16)))
  t.equal(sequential.size, 16, 'also of names that hardly differ')
})

t.test('builders and parsers are inverse, and what is built is what is subscribed', async (t) => {
  t.strictSame(parseLogSubject(SUBJECTS.result(7, 'ingest')), {
    partition: 7,
    kind: 'result',
    agent: 'ingest',
  })
  for (const kind of ['accepted', 'result', 'control', 'timer'] as const) {
    t.strictSame(parseLogSubject(SUBJECTS.log(7, kind)), { partition: 7, kind })
    t.ok(
      matches(SUBJECTS.logAll, SUBJECTS.log(255, kind)) &&
        matches(SUBJECTS.logOfPartition(255), SUBJECTS.log(255, kind)),
    )
  }
  for (const subject of [
    '',
    'log',
    'log.7',
    'log.7.nothing',
    'log.7.accepted.more',
    'log.7.result.more.still',
    'log.7.result.*',
    'log.-1.result',
    'log.7e1.result',
    'dog.7.result',
  ])
    t.equal(parseLogSubject(subject), undefined, subject)
  t.ok(matches(SUBJECTS.eventsOfTask('t1'), SUBJECTS.event('plan', 't1', 'completed')))
  t.ok(matches(SUBJECTS.submitAll, SUBJECTS.submit('report')))
  t.ok(matches(SUBJECTS.heartbeatAll, SUBJECTS.heartbeat('x', 'x-1')))
  t.equal(lastToken(SUBJECTS.submit('report')), 'report')
})

t.test(
  'events, heartbeats and steps are taken apart as they were built; anything else is none',
  async (t) => {
    t.strictSame(parseTaskEventSubject(SUBJECTS.event('plan', 't1', 'completed')), {
      type: 'plan',
      taskId: 't1',
      kind: 'completed',
    })
    t.equal(parseTaskEventSubject('tasks.events.plan.t1.folded')?.kind, 'folded', 'a kind of a later version')
    for (const subject of [
      '',
      'tasks.events.plan.t1',
      'tasks.events.plan.t1.failed.x',
      'tasks.rejected.plan.t1.x',
    ])
      t.equal(parseTaskEventSubject(subject), undefined, subject)
    t.strictSame(parseHeartbeatSubject(SUBJECTS.heartbeat('ingest', 'ingest-4f1a')), {
      type: 'ingest',
      instance: 'ingest-4f1a',
    })
    for (const subject of ['agents.heartbeat.ingest', 'agents.heartbeat.ingest.a.b', 'agents.hello.ingest.a'])
      t.equal(parseHeartbeatSubject(subject), undefined, subject)
    t.strictSame(parseStepSubject(SUBJECTS.step('ingest', 1)), { agent: 'ingest' })
    for (const subject of ['steps', 'steps.a b.any.1', 'stairs.ingest.any.1'])
      t.equal(parseStepSubject(subject), undefined, subject)
    t.equal(logKindOf(SUBJECTS.log(7, 'timer')), 'timer')
    t.equal(logKindOf('log.7.folded'), 'folded', 'a kind of a later version')
    for (const subject of ['log.7', SUBJECTS.result(7, 'ingest'), 'dog.7.timer'])
      t.equal(logKindOf(subject), undefined, subject)
  },
)

t.test('no token changes the shape of a subject', async (t) => {
  const build = [SUBJECTS.submit, SUBJECTS.rejected, SUBJECTS.dead, SUBJECTS.eventsOfTask]
  for (const bad of ['', '*', '>', 'a.b', 'a b', 'a\n', 'ä', 'x'.repeat(65)])
    for (const builder of build) t.throws(() => builder(bad), TypeError, JSON.stringify(bad))
  fc.assert(
    fc.property(
      fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
      (token) => SUBJECTS.dead(token) === `dead.${token}`,
    ),
  )
})

t.test('no service answers on a subject that a stream captures', async (t) => {
  const captured = Object.values(STREAMS).flatMap((stream) => stream.subjects)
  for (const service of Object.values(SERVICES))
    for (const pattern of captured) t.notOk(matches(pattern, service), `${service} and ${pattern}`)
})

t.test('message ids differ by everything that makes a message another one', async (t) => {
  const ids = [
    MESSAGE_IDS.accepted('t'),
    MESSAGE_IDS.dispatch('t', 'a', 1),
    MESSAGE_IDS.dispatch('t', 'a', 2),
    MESSAGE_IDS.dispatch('t', 'b', 1),
    MESSAGE_IDS.dispatched('t:a:1', 1),
    MESSAGE_IDS.dispatched('t:a:1', 2),
    MESSAGE_IDS.result('t', 'a', 1),
    MESSAGE_IDS.result('t', 'a', 1, { instance: 'x', startedAtMs: 1 }),
    MESSAGE_IDS.result('t', 'a', 1, { instance: 'y', startedAtMs: 1 }),
    MESSAGE_IDS.result('t', 'a', 1, { instance: 'x', startedAtMs: 2 }),
    MESSAGE_IDS.timer('t', 1, 0),
    MESSAGE_IDS.timer('t', 2, 0),
    MESSAGE_IDS.timer('t', 2, 5000),
  ]
  t.equal(new Set(ids).size, ids.length)
})

t.test('the topology fits together', async (t) => {
  const shares = [...Object.values(STREAMS), BLOB_BUCKET].map(({ storageShare }) => storageShare)
  t.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-9, 'the shares make a whole')
  t.equal(streamBytes({ storageShare: 0.5 }, 1001), 500)
  for (const consumer of [...stepConsumers('x'), INTAKE_CONSUMER]) {
    const stream = Object.values(STREAMS).find(({ name }) => name === consumer.stream)
    t.ok(
      stream?.subjects.some((pattern) => matches(pattern, consumer.filterSubject.replace('*', 'any'))),
      consumer.name,
    )
  }
  t.equal(new Set(stepConsumers('x').map(({ filterSubject }) => filterSubject)).size, PRIORITIES.length)
})

t.test('a run of a step is one token among chunks, and the same again', async (t) => {
  const address = { tenant: 'default', agent: 'writer', taskId: 'kq3v9x', stepId: 'write.17' }
  const subject = SUBJECTS.chunks(address)
  t.equal(subject, 'chunks.default.writer.kq3v9x.write~17')
  t.strictSame(parseChunksSubject(subject), address)
  t.equal(SUBJECTS.chunkReplay(address, 2), 'chunk-replay.default.writer.kq3v9x.write~17.2')
  t.throws(() => SUBJECTS.chunks({ ...address, stepId: 'write.>' }), TypeError)
})
