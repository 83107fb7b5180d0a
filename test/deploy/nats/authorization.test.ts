import t from 'tap'
import { natsAuthorization } from '../../../deploy/nats/authorization.ts'

const edge = { name: 'edge', roles: [{ kind: 'edge' }], password: '$EDGE_PASSWORD' } as const

t.test('a user may publish and subscribe what its roles need, each line with its reason', async (t) => {
  const text = natsAuthorization([edge])
  t.match(
    text,
    /^authorization \{\n {2}users = \[\n {4}\{ user: "edge", password: \$EDGE_PASSWORD, permissions: \{/,
  )
  const entries = text.split('\n').filter((line) => line.startsWith('        "'))
  t.ok(entries.length > 5)
  for (const line of entries) t.match(line, /^ {8}"[^"]+" # \S/)
  t.notMatch(text, /no_auth_user|guest/, 'nobody comes in without a password')
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
  const client = natsAuthorization([], 'client')
  t.match(client, /user: "guest", password: "guest", permissions: \{[\s\S]*no_auth_user: "guest"\n$/)
  t.notMatch(client, /"log\.>"/)
  t.match(natsAuthorization([], 'everything'), /\{ user: "guest", password: "guest" \}\n[\s\S]*no_auth_user/)
  t.equal(natsAuthorization([]), 'authorization {\n  users = [\n\n  ]\n}\n')
})
