import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { OPERATOR_OPERATIONS } from '#subjects/operations/system.ts'
import {
  CLIENT_SERVICES,
  EDGE_OPERATION_NAMES,
  edgeOperation,
  NATS_OPERATION_NAMES,
  natsOperation,
  OPERATION_NAMES,
  operationOf,
  REST_ROUTES,
  SERVICES,
  servedSubjects,
  subjectOf,
} from '#subjects/operations.ts'
import { ROOT } from '../support/source-files.ts'

const PROTO = join(ROOT, 'schemas/edge/v1')

t.test('every method of gRPC is one of an operation, and none is told that is not there', async (t) => {
  const methods = readdirSync(PROTO)
    .filter((name) => name.endsWith('_service.proto'))
    .flatMap((name) => {
      const text = readFileSync(join(PROTO, name), 'utf8')
      const service = /^service (\w+)/m.exec(text)![1]!
      return [...text.matchAll(/^ {2}rpc (\w+)\(/gm)].map(([, method]) => `${service}.${method}`)
    })
  t.ok(methods.length > 15)
  const told = OPERATION_NAMES.flatMap((name) => operationOf(name).grpc ?? [])
  t.strictSame(told.toSorted(), methods.toSorted())
})

t.test('what clients may ask an edge for has a scope, a route, and nothing twice', async (t) => {
  for (const name of EDGE_OPERATION_NAMES) t.ok((edgeOperation(name).rest ?? []).length > 0, name)
  for (const name of OPERATION_NAMES) {
    const { rest, grpc, isChange, scope } = operationOf(name)
    // Operators come by NATS, which says what they may: no credential of an edge is good for their operations.
    if (rest || grpc || (isChange && !(name in OPERATOR_OPERATIONS))) t.ok(scope, `${name} needs a scope`)
    // Who only reads has no right to change anything.
    if (isChange && scope) t.match(scope, /:write$/, name)
    else if (scope) t.match(scope, /:read$/, name)
  }
  t.equal(new Set(REST_ROUTES.map(({ operationId }) => operationId)).size, REST_ROUTES.length)
  t.equal(new Set(REST_ROUTES.map(({ method, path }) => `${method} ${path}`)).size, REST_ROUTES.length)
})

t.test('subjects: for a tenant, for an agent type, for all', async (t) => {
  t.equal(subjectOf('getTask'), 'murmur.tasks.get')
  t.equal(subjectOf('getTask', { tenant: 'default' }), 'murmur.tasks.get')
  t.equal(subjectOf('getTask', { tenant: 'north' }), 'murmur.tenants.north.tasks.get')
  t.throws(() => subjectOf('getTask', { tenant: 'a.b' }), TypeError)
  t.equal(subjectOf('startSteps', { agent: 'echo' }), 'murmur.steps.start.echo')
  t.equal(subjectOf('listAgents', { tenant: 'north' }), 'murmur.agents.list', 'there is one for all')
  t.strictSame(servedSubjects('getTask'), ['murmur.tasks.get', 'murmur.tenants.*.tasks.get'])
  t.strictSame(servedSubjects('startSteps'), ['murmur.steps.start.*'])
  t.strictSame(servedSubjects('listAgents'), ['murmur.agents.list'])
  t.equal(new Set(Object.values(SERVICES)).size, NATS_OPERATION_NAMES.length)
  for (const subject of CLIENT_SERVICES) t.match(subject, /^murmur\.[a-z-]+\.[a-z-]+$/)
  for (const name of NATS_OPERATION_NAMES)
    if (natsOperation(name).per === 'agent') t.notOk(operationOf(name).scope, `${name} is not for clients`)
})
