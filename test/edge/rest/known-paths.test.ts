import { fastify } from 'fastify'
import t from 'tap'
import { KnownPaths } from '../../../services/edge/rest/known-paths.ts'

t.test('the path that fits most exactly says which methods there are', async (t) => {
  const app = fastify()
  const known = new KnownPaths()
  known.observe(app)
  app.get('/v1/tasks/:id', async () => '')
  app.post('/v1/tasks/:id', async () => '')
  app.post('/v1/tasks/check', async () => '')
  app.get('/v1/objects/*', async () => '')
  app.head('/v1/events', { config: { isRefused: true } }, async () => '')
  t.strictSame(known.methodsOf('/v1/tasks/a'), ['GET', 'HEAD', 'POST'])
  t.strictSame(known.methodsOf('/v1/tasks/check'), ['POST'])
  t.strictSame(known.methodsOf('/v1/objects/a/b'), ['GET', 'HEAD'])
  for (const path of ['/v1/tasks', '/v1/tasks/a/b', '/v1/objects/', '/v1/events'])
    t.equal(known.methodsOf(path), undefined, path)
})
