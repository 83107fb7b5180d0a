import t from 'tap'
import { type Account, accountsOf, PLATFORM_ACCOUNT } from '#subjects/accounts.ts'
import { fits, hasManyAnswers, intersection } from '#subjects/permission.ts'
import { permissionsOf, type Role } from '#subjects/permissions.ts'

const of = (users: Record<string, Role[]>, guest: 'client' | 'everything' | 'nobody' = 'nobody') => {
  const accounts = accountsOf(
    Object.entries(users).map(([name, roles]) => ({ name, roles })),
    guest,
  )
  return Object.fromEntries(accounts.map((account) => [account.name, account])) as Record<string, Account>
}
const subjects = (list: readonly { subject: string }[]) => list.map(({ subject }) => subject)

t.test('who runs the system shares an account, everybody else has one alone', async (t) => {
  const accounts = of(
    {
      orchestrator: [{ kind: 'orchestrator' }],
      edge: [{ kind: 'edge' }],
      ops: [{ kind: 'operator' }, { kind: 'backup' }],
      ingest: [{ kind: 'agent', type: 'ingest' }],
      acme: [{ kind: 'client', tenant: 'acme' }],
    },
    'client',
  )
  t.strictSame(Object.keys(accounts), [PLATFORM_ACCOUNT, 'ingest', 'acme', 'guest'])
  t.strictSame(
    accounts[PLATFORM_ACCOUNT]?.users.map(({ name }) => name),
    ['orchestrator', 'edge', 'ops'],
  )
  for (const name of ['ingest', 'acme', 'guest'])
    t.strictSame(
      accounts[name]?.users.map((user) => user.name),
      [name],
    )
  t.equal(of({}, 'everything')[PLATFORM_ACCOUNT]?.users[0]?.permissions, undefined, 'for tests')
})

t.test('what a user may ask it imports, subject by subject, and nobody else may import it', async (t) => {
  const { MURMUR: platform, ingest } = of({
    ingest: [{ kind: 'agent', type: 'ingest' }],
    analysis: [{ kind: 'agent', type: 'analysis' }],
  })
  const asked = permissionsOf('ingest', [{ kind: 'agent', type: 'ingest' }]).publish.filter(
    ({ isTold }) => !isTold,
  )
  const imported = ingest!.imports.filter(({ kind }) => kind === 'service')
  t.strictSame(subjects(imported).sort(), subjects(asked).sort())
  t.ok(imported.every(({ from }) => from === PLATFORM_ACCOUNT))
  const own = platform!.exports.find(({ subject }) => subject === 'log.*.result.ingest')
  t.strictSame(own?.to, ['ingest'])
  const shared = platform!.exports.find(({ subject }) => subject === 'murmur.agents.register')
  t.strictSame(shared?.to, ['ingest', 'analysis'])
})

t.test(
  'what an agent answers is asked from the platform, discovery by the name of the service',
  async (t) => {
    const { MURMUR: platform, alerting } = of({ alerting: [{ kind: 'agent', type: 'alerting' }] })
    const imported = subjects(platform!.imports.filter(({ kind }) => kind === 'service'))
    for (const subject of [
      'chunk-replay.*.alerting.*.*.*',
      'murmur.alerts.list',
      'murmur.tenants.*.alerts.list',
      '$SRV.*.murmur-alerting',
      '$SRV.*.murmur-alerting.*',
    ])
      t.ok(imported.includes(subject), subject)
    t.notOk(imported.includes('$SRV.>'))
    t.strictSame(subjects(alerting!.exports).sort(), subjects(platform!.imports).sort())
  },
)

t.test(
  'what is told goes from the account that says it to all that hear it, and to none twice',
  async (t) => {
    const {
      MURMUR: platform,
      acme,
      video,
      capture,
      tracking,
    } = of({
      detection: [{ kind: 'detector' }],
      capture: [{ kind: 'agent', type: 'capture' }],
      tracking: [{ kind: 'agent', type: 'tracking' }],
      writer: [{ kind: 'agent', type: 'writer' }],
      acme: [{ kind: 'client', tenant: 'acme' }],
      video: [
        { kind: 'agent', type: 'capture' },
        { kind: 'agent', type: 'tracking' },
      ],
    })
    const heard = (account: Account) => account.imports.filter(({ kind }) => kind === 'stream')
    t.ok(heard(platform!).some(({ from, subject }) => from === 'writer' && subject === 'chunks.*.writer.*.*'))
    t.ok(heard(acme!).some(({ from, subject }) => from === 'writer' && subject === 'chunks.acme.writer.*.*'))
    t.notOk(
      heard(acme!).some(({ subject }) => /^chunks\.\*/.test(subject)),
      'of its own tenant only',
    )
    t.ok(heard(capture!).some(({ from, subject }) => from === 'tracking' && subject === 'tracks.*.*'))
    t.notOk(
      heard(video!).some(({ subject }) => subject === 'tracks.*.*'),
      'said and heard in one account',
    )
    for (const account of [capture, tracking, video])
      t.ok(
        heard(account!).some(({ subject }) => subject === 'detections.*.*'),
        'what another account says is heard, whatever is said beside it',
      )
    const names = heard(acme!).map(({ from, subject }) => `${from} ${subject}`)
    t.equal(new Set(names).size, names.length)
  },
)

t.test('patterns meet in what both stand for', async (t) => {
  for (const [one, other, both] of [
    ['a.*.c', 'a.b.*', 'a.b.c'],
    ['a.>', '*.b.*', 'a.b.*'],
    ['a.b', 'a.b', 'a.b'],
    ['a.b', 'a.c', undefined],
    ['a.b', 'a.b.c', undefined],
    ['a.>', 'a', undefined],
  ] as const) {
    t.equal(intersection(one, other), both, `${one} and ${other}`)
    t.equal(intersection(other, one), both, `${other} and ${one}`)
  }
  t.ok(fits('a.b.c', 'a.>'))
  t.notOk(fits('a.>', 'a.*'))
  t.ok(hasManyAnswers('$JS.API.CONSUMER.MSG.NEXT.STEPS.x-p0', {}))
  t.notOk(hasManyAnswers('murmur.tasks.get', {}))
})

t.test(
  'a site has an account that takes what its agents need, under names that cross the link',
  async (t) => {
    const {
      MURMUR: platform,
      'site-yard': site,
      capture,
    } = of({
      edge: [{ kind: 'edge' }],
      capture: [{ kind: 'agent', type: 'capture' }],
      'site-yard': [{ kind: 'site', site: 'yard', agents: ['capture', 'tracking'] }],
    })
    t.strictSame(
      site?.users,
      [{ name: 'site-yard', permissions: undefined }],
      'a leaf carries all of its account',
    )
    const imported = new Map(site!.imports.map(({ subject, as }) => [subject, as]))
    t.equal(
      imported.get('$JS.API.CONSUMER.MSG.NEXT.STEPS.capture--yard-p0'),
      'centre.steps.next.capture--yard-p0',
    )
    t.equal(imported.get('cameras.events.*.*'), 'centre.cameras.events.*.*')
    t.ok(imported.has('log.*.result.tracking--yard'))
    t.ok(imported.has('sites.heartbeat.yard'))
    for (const { subject, as = subject } of site!.imports) {
      t.notMatch(as, /^\$JS\.API/, 'on the site that means its own JetStream')
      if (/STEPS|result/.test(subject)) t.match(subject, /--yard/, 'no steps and results of others')
    }
    const crossing = [...site!.imports, ...site!.exports].map(({ subject }) => subject)
    for (const local of ['frames.*.*', 'detections.*.*', 'murmur.queues.provide', 'murmur.detection.info'])
      t.notOk(crossing.includes(local), `${local} stays on the site`)
    t.ok(subjects(site!.exports).includes('monitors.*.snapshot'))
    t.ok(subjects(platform!.imports).includes('cameras.state.*.*'))
    t.notOk(capture!.imports.some(({ subject }) => subject.includes('yard')))
  },
)
