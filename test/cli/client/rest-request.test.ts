import t from 'tap'
import { restRequest } from '../../../services/cli/client/rest-request.ts'
import { CLIENT_OPERATIONS } from '../client-operations.ts'

t.test('what is submitted goes as it is, whatever it is', async (t) => {
  const submission = { type: 'plan', id: 'not for the path', wait: 7 }
  t.strictSame(restRequest('submitTask', submission), { method: 'POST', path: '/v1/tasks', json: submission })
  t.strictSame(restRequest('checkPlan', [1]), { method: 'POST', path: '/v1/plans', json: [1] })
})

t.test('ids stand in the path, encoded; the rest is the body', async (t) => {
  t.strictSame(restRequest('getTask', { taskId: 'a/b c' }), {
    method: 'GET',
    path: '/v1/tasks/a%2Fb%20c',
    query: {},
  })
  t.strictSame(restRequest('cancelTask', { taskId: 't', reason: 'why' }), {
    method: 'POST',
    path: '/v1/tasks/t/cancel',
    json: { reason: 'why' },
  })
  t.strictSame(restRequest('cancelTask', { taskId: 't', reason: undefined }).json, {})
  t.strictSame(restRequest('stopMonitor', { taskId: 't' }), {
    method: 'POST',
    path: '/v1/monitors/t/stop',
    json: {},
  })
  t.strictSame(restRequest('signalTask', { taskId: 't', name: 'go', id: 'one' }), {
    method: 'POST',
    path: '/v1/tasks/t/signals',
    json: { name: 'go', id: 'one' },
  })
  t.equal(
    restRequest('answerApproval', { taskId: 't', stepId: 'a', decision: 'approved' }).path,
    '/v1/tasks/t/approvals/a',
  )
  t.equal(restRequest('getObject', { key: 'tenants/a b/x?y' }).path, '/v1/objects/tenants/a%20b/x%3Fy')
})

t.test('a field of a list is the parameter of its name', async (t) => {
  const request = restRequest('listTasks', {
    status: 'failed',
    labels: { team: 'north', 'a:b': 'c' },
    createdFromMs: 5,
    createdBeforeMs: undefined,
    limit: 3,
  })
  t.strictSame(request, {
    method: 'GET',
    path: '/v1/tasks',
    query: { status: 'failed', label: ['team:north', 'a\\:b:c'], createdFrom: '5', limit: '3' },
  })
  t.strictSame(restRequest('listAlerts', { sinceMs: 0, camera: 'yard' }).query, {
    camera: 'yard',
    since: '0',
  })
  t.strictSame(restRequest('listAgents', {}), { method: 'GET', path: '/v1/agents', query: {} })
  t.strictSame(restRequest('watchAlerts'), { method: 'GET', path: '/v1/alerts/events', query: {} })
})

t.test('of several routes it is the one that a field asks for, which then is not said again', async (t) => {
  const about = { by: 'anna', note: 'on my way' }
  t.strictSame(restRequest('changeAlert', { id: 'a1', status: 'acknowledged', ...about }), {
    method: 'POST',
    path: '/v1/alerts/a1/acknowledge',
    json: about,
  })
  t.equal(restRequest('changeAlert', { id: 'a1', status: 'resolved' }).path, '/v1/alerts/a1/resolve')
  t.throws(() => restRequest('changeAlert', { id: 'a1', status: 'open' }), { name: 'TypeError' })
})

t.test('what a route has no place for is a fault of the caller', async (t) => {
  t.throws(() => restRequest('listTasks', { camera: 'yard' }), {
    name: 'TypeError',
    message: 'listTasks has no parameter for "camera"',
  })
  t.throws(() => restRequest('getTask', {}), { name: 'TypeError', message: /no "id" for its path/ })
})

t.test('every operation of the client has a request', async (t) => {
  for (const [operation, body] of CLIENT_OPERATIONS)
    t.match(restRequest(operation, body).path, /^\/v1\/[^{}]+$/, operation)
})
