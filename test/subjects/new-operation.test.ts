import { connect } from '@nats-io/transport-node'
import { fastify } from 'fastify'
import t from 'tap'
import { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { SERVICE_VERSION } from '#subjects/operations.ts'
import { addRoute } from '../../services/edge/rest/add-route.ts'
import { openApiDocument } from '../../services/edge/rest/openapi-document.ts'
import { readJsonObject } from '../../services/edge/rest/read-request.ts'
import { EDGE } from '../../subjects/operations/micro-services.ts'
import { message, onNats } from '../../subjects/operations/operation.ts'
import { fields } from '../../subjects/operations/rest-route.ts'
import {
  answeredBy,
  clientServices,
  restRoutes,
  servedSubjects,
  subjectOf,
} from '../../subjects/operations.ts'
import { permissionsOf } from '../../subjects/permissions.ts'
import { buildAsyncApi } from '../gate/asyncapi/build-asyncapi.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'

// What CONTRIBUTING says: a new operation is one row and its handler. Here is one that the catalogue does not have.
const echo = onNats({
  summary: 'Says the same again.',
  subject: 'murmur.echo.say',
  service: EDGE,
  per: 'tenant',
  maxRequestBytes: 256,
  request: message('Echo', z.strictObject({ text: z.string().min(1), times: z.int().min(1).default(1) }), {
    text: 'ho',
  }),
  response: message('Echoed', z.object({ text: z.string(), tenant: z.string() }), {
    text: 'hoho',
    tenant: 'default',
  }),
  scope: 'tasks:read',
  errors: ['TASK_NOT_FOUND'],
  rest: [
    {
      method: 'POST',
      path: '/v1/echo/{id}',
      tag: 'System',
      body: { schema: fields({ text: { type: 'string' } }) },
      answers: [{ status: 200, about: 'The same.', schema: fields({ text: { type: 'string' } }) }],
    },
  ],
})

const catalogue = { echo }
const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
t.teardown(
  bus.serve(echo, ({ text, times }, { tenant }) => {
    if (text === 'nothing') throw new MurmurError('TASK_NOT_FOUND', 'there is nothing to say')
    return { text: text.repeat(times), tenant }
  }),
)
await bus.flush()
const nc = await connect({ servers: servers.natsUrl })
t.teardown(() => nc.close())

t.test('its row and one handler are all that a client of the bus needs', async (t) => {
  t.strictSame(await bus.call(echo, { text: 'ho', times: 3 }), { text: 'hohoho', tenant: 'default' })
  t.strictSame(await bus.call(echo, { text: 'ho' }, { tenant: 'north' }), { text: 'ho', tenant: 'north' })
  await t.rejects(bus.call(echo, { text: '' }), { code: 'INVALID_REQUEST' })
  await t.rejects(bus.call(echo, { text: 'x'.repeat(300) }), { code: 'PAYLOAD_TOO_LARGE' })
  await t.rejects(bus.call(echo, { text: 'nothing' }), { code: 'TASK_NOT_FOUND', message: /nothing to say/ })
})

t.test('any client of NATS asks it, and finds it', async (t) => {
  t.equal(subjectOf(echo, { tenant: 'north' }), 'murmur.tenants.north.echo.say')
  const reply = await nc.request('murmur.echo.say', '{"text":"ho","times":2}')
  t.strictSame(reply.json(), { text: 'hoho', tenant: 'default' })
  t.strictSame((await nc.request('murmur.tenants.north.echo.say', '{"text":"ho"}')).json(), {
    text: 'ho',
    tenant: 'north',
  })
  const refused = await nc.request('murmur.echo.say', '{"text":"ho","loud":true}')
  t.equal(refused.headers?.get('Nats-Service-Error-Code'), '400')
  t.match(refused.json(), { problem: { code: 'INVALID_REQUEST' } })
  const info = (await nc.request(`$SRV.INFO.${EDGE.name}`)).json<{
    version: string
    endpoints: { name: string; subject: string; queue_group: string }[]
  }>()
  t.equal(info.version, SERVICE_VERSION)
  t.strictSame(
    info.endpoints.map(({ name, subject, queue_group }) => [name, subject, queue_group]),
    [
      ['echo-say', 'murmur.echo.say', 'edges'],
      ['echo-say-tenants', 'murmur.tenants.*.echo.say', 'edges'],
    ],
  )
})

t.test('REST serves it where its row says', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  const [route] = restRoutes(catalogue)
  t.match(route, { operation: 'echo', operationId: 'echo', summary: 'Says the same again.' })
  addRoute(app, route!, ({ body, params }) =>
    bus.call(echo, readJsonObject(body) as { text: string }, { tenant: (params as { id: string }).id }),
  )
  const answer = await app.inject({ method: 'POST', url: '/v1/echo/north', payload: { text: 'ho' } })
  t.equal(answer.statusCode, 200)
  t.strictSame(answer.json(), { text: 'ho', tenant: 'north' })
  t.equal((await app.inject({ method: 'POST', url: '/v1/echo', payload: { text: 'ho' } })).statusCode, 404)
})

t.test('documents have it', async (t) => {
  const { paths } = JSON.parse(JSON.stringify(openApiDocument(catalogue)))
  t.strictSame(Object.keys(paths), ['/v1/echo/{id}'])
  const { post } = paths['/v1/echo/{id}']
  t.match(post, { operationId: 'echo', summary: 'Says the same again.', description: 'Scope: `tasks:read`.' })
  t.match(post.responses['404'].description, /TASK_NOT_FOUND/)

  const { channels, operations, components } = buildAsyncApi(catalogue) as Record<
    string,
    Record<string, Record<string, unknown>>
  >
  t.equal(channels!.echo!.address, 'murmur.echo.say')
  t.equal(channels!.echoOfTenant!.address, 'murmur.tenants.{tenant}.echo.say')
  t.match(operations!.echo, { action: 'receive', tags: [{ name: EDGE.name }] })
  t.match(components!.schemas!.Echo, { required: ['text'], additionalProperties: false })
  t.match(components!.messages!.Echoed, { examples: [{ payload: { text: 'hoho' } }] })
})

t.test('NATS lets those say it who may, and nobody else', async (t) => {
  t.strictSame(servedSubjects(echo), ['murmur.echo.say', 'murmur.tenants.*.echo.say'])
  t.strictSame(clientServices(catalogue), ['murmur.echo.say'])
  t.strictSame(answeredBy('edge', catalogue), [...servedSubjects(echo), '$SRV.>'])
  const subjects = (role: Parameters<typeof permissionsOf>[1][number]) => {
    const { publish, subscribe } = permissionsOf('somebody', [role], catalogue)
    return {
      publish: publish.map(({ subject }) => subject),
      subscribe: subscribe.map(({ subject }) => subject),
    }
  }
  t.strictSame(subjects({ kind: 'client', tenant: 'north' }).publish, [
    'murmur.tenants.north.echo.say',
    'chunk-replay.north.*.*.*.*',
  ])
  const edge = subjects({ kind: 'edge' })
  for (const subject of servedSubjects(echo)) {
    t.ok(edge.subscribe.includes(subject), `an edge answers on ${subject}`)
    t.ok(edge.publish.includes(subject), `an edge asks on ${subject}`)
    t.notOk(
      subjects({ kind: 'orchestrator' }).subscribe.includes(subject),
      'an orchestrator does not answer it',
    )
    t.notOk(subjects({ kind: 'agent', type: 'ingest' }).publish.includes(subject), 'an agent may not ask it')
  }
})
