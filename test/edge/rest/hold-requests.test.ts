import { fastify } from 'fastify'
import t from 'tap'
import { activeAsking } from '#platform/requests/asking.ts'
import { holdRequests } from '../../../services/edge/rest/hold-requests.ts'

t.test('what is held for a request ends when whoever asked is gone', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  holdRequests(app)
  const begun = Promise.withResolvers<AbortSignal>()
  app.get('/held', async () => {
    const signal = activeAsking()!.signal!
    begun.resolve(signal)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    return {}
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const client = new AbortController()
  const asked = fetch(`${url}/held`, { signal: client.signal })
  const signal = await begun.promise
  t.equal(signal.aborted, false)
  const gone = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  client.abort()
  await t.rejects(asked)
  await gone
  t.equal(signal.aborted, true)
})
