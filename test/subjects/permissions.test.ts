import t from 'tap'
import { CLIENT_SERVICES } from '#subjects/operations.ts'
import { guestPermissions, permissionsOf, type Role } from '#subjects/permissions.ts'

const subjects = (...roles: Role[]) => {
  const { publish, subscribe, answers } = permissionsOf('somebody', roles)
  return {
    publish: publish.map(({ subject }) => subject),
    subscribe: subscribe.map(({ subject }) => subject),
    answers,
  }
}

t.test('everybody hears the answers to what it asks, and only those', async (t) => {
  t.strictSame(subjects({ kind: 'backup' }).subscribe, ['_INBOX_OF.somebody.>'])
  for (const kind of ['orchestrator', 'edge', 'operator', 'detector'] as const)
    t.notOk(subjects({ kind }).subscribe.includes('_INBOX_OF.>'), kind)
})

t.test(
  'an agent gives results of its own type only, and a client asks for its own tenant only',
  async (t) => {
    const { publish } = subjects({ kind: 'agent', type: 'ingest' })
    t.ok(publish.includes('log.*.result.ingest'))
    t.notOk(publish.some((subject) => subject.startsWith('log.') && subject !== 'log.*.result.ingest'))
    const north = subjects({ kind: 'client', tenant: 'north' }).publish
    t.ok(north.length > 5)
    for (const subject of north) t.match(subject, /^(murmur\.tenants|chunk-replay)\.north\./)
    t.strictSame(
      subjects({ kind: 'client', tenant: 'north' }).subscribe.filter((subject) => !subject.startsWith('_')),
      ['chunks.north.*.*.*'],
      'and hears what steps of its own tenant emit',
    )
    t.strictSame(
      publish.filter((subject) => subject.startsWith('chunk')),
      ['chunks.*.ingest.*.*'],
      'an agent tells what its own steps emit',
    )
    t.ok(subjects({ kind: 'client', tenant: 'default' }).publish.includes('tasks.submit.*'))
  },
)

t.test('two roles have what either has, nothing twice, and may answer when one may', async (t) => {
  const both = subjects({ kind: 'detector' }, { kind: 'agent', type: 'capture' })
  t.equal(new Set(both.publish).size, both.publish.length)
  for (const role of [{ kind: 'detector' }, { kind: 'agent', type: 'capture' }] as const)
    for (const subject of subjects(role).publish) t.ok(both.publish.includes(subject), subject)
  t.equal(both.answers, true)
  t.equal(subjects({ kind: 'operator' }).answers, false)
})

t.test('no role may delete a stream, and each line says why it is there', async (t) => {
  for (const role of [{ kind: 'orchestrator' }, { kind: 'edge' }, { kind: 'any-agent' }] as const) {
    const { publish, subscribe } = permissionsOf('somebody', [role])
    for (const { subject, why } of [...publish, ...subscribe]) {
      t.notMatch(subject, /STREAM\.DELETE/, subject)
      t.ok(why.length > 10, subject)
    }
  }
  t.ok(guestPermissions().subscribe.some(({ subject }) => subject === '_INBOX.>'))
})

t.test(
  'an edge may ask for the tenant default all that it may ask for others: the bytes of a clip, too',
  async (t) => {
    const { publish } = subjects({ kind: 'edge' })
    for (const service of CLIENT_SERVICES) t.ok(publish.includes(service), service)
    t.ok(publish.includes('murmur.recordings.read'))
    t.notOk(publish.includes('murmur.recordings.detections'), 'what only agents ask is not for it')
  },
)
