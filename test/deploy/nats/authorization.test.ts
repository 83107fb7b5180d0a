import t from 'tap'
import { natsAuthorization } from '../../../deploy/nats/authorization.ts'

const edge = { name: 'edge', roles: [{ kind: 'edge' }], password: '$EDGE_PASSWORD' } as const

t.test('a user may publish and subscribe what its roles need, each line with its reason', async (t) => {
  const text = natsAuthorization([edge])
  t.match(
    text,
    /^accounts \{\n {2}"MURMUR" \{\n {4}jetstream: enabled\n {4}users: \[\n {6}\{ user: "edge", password: \$EDGE_PASSWORD, permissions: \{/,
  )
  const entries = text.split('\n').filter((line) => line.startsWith('          "'))
  t.ok(entries.length > 5)
  for (const line of entries) t.match(line, /^ {10}"[^"]+" # \S/)
  t.notMatch(
    text,
    /no_auth_user|guest|exports|imports/,
    'nobody comes in without a password, or from another account',
  )
})

t.test('who is not of the platform has an account that takes what it needs, line by line', async (t) => {
  const text = natsAuthorization([
    edge,
    { name: 'a', roles: [{ kind: 'agent', type: 'ingest' }], password: '"x"' },
  ])
  t.match(
    text,
    /\{ service: "\$JS\.API\.CONSUMER\.MSG\.NEXT\.STEPS\.ingest-p0", response_type: stream, accounts: \["a"\] \} # \S/,
  )
  t.match(
    text,
    /"a" \{[\s\S]*imports: \[[\s\S]*\{ service: \{ account: "MURMUR", subject: "log\.\*\.result\.ingest" \} \} # \S/,
  )
  t.equal(text.match(/jetstream/g)?.length, 1, 'streams are in the account of the platform alone')
  const withSystem = natsAuthorization([edge], { systemPassword: '"s"' })
  t.match(withSystem, / {2}SYS \{ users: \[\{ user: "sys", password: "s" \}\] \}\n\}\nsystem_account: SYS\n$/)
})

t.test('requests are answered once, by who has to answer', async (t) => {
  const answers = /allow_responses: \{ max: 1, expires: "10s" \}/
  t.match(natsAuthorization([{ name: 'd', roles: [{ kind: 'detector' }], password: '"x"' }]), answers)
  t.notMatch(
    natsAuthorization([{ name: 'c', roles: [{ kind: 'client', tenant: 'acme' }], password: '"x"' }]),
    answers,
  )
})

t.test('who has no password is a client, everything or nobody', async (t) => {
  const client = natsAuthorization([], { guest: 'client' })
  t.match(
    client,
    /"guest" \{\n {4}users: \[\n {6}\{ user: "guest", password: "guest", permissions: \{/,
    'alone',
  )
  t.match(client, /no_auth_user: "guest"\n$/)
  t.notMatch(client, /"log\.>"/)
  t.match(
    natsAuthorization([], { guest: 'everything' }),
    /\{ user: "guest", password: "guest" \}\n[\s\S]*no_auth_user/,
  )
  t.equal(natsAuthorization([]), 'accounts {\n  "MURMUR" {\n    jetstream: enabled\n  }\n}\n')
})
