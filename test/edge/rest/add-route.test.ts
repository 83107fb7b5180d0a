import { fastify } from 'fastify'
import t from 'tap'
import { addRoute } from '../../../services/edge/rest/add-route.ts'

t.test('an operation is served where its row says; a key may hold slashes', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  addRoute(app, 'getTask', async ({ params }) => params)
  addRoute(app, 'getObject', async ({ params }) => params)
  addRoute(app, 'watchTask', async () => 'never')
  t.strictSame((await app.inject('/v1/tasks/t1')).json(), { id: 't1' })
  t.strictSame((await app.inject('/v1/objects/a/b')).json(), { '*': 'a/b' })
  t.equal((await app.inject({ method: 'HEAD', url: '/v1/tasks/t1' })).statusCode, 200)
  const { statusCode, headers } = await app.inject({ method: 'HEAD', url: '/v1/tasks/t1/events' })
  t.equal(statusCode >= 400, true, 'the head of a stream would never end')
  t.equal(headers.allow, 'GET')
  t.throws(() => addRoute(app, 'changeAlert', async () => ''), /has no route "changeAlert"/)
})
