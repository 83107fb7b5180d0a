import { JetStreamApiError } from '@nats-io/jetstream'
import t from 'tap'
import { apiErrorOf, isFull, isNotFound, mayPass } from '#platform/nats/api-error.ts'

const api = (code: number, err_code: number, description: string) =>
  new JetStreamApiError({ code, err_code, description })

t.test('a full stream, queue or server is told from other refusals', async (t) => {
  t.equal(isFull({ code: 503, err_code: 10077, description: 'maximum messages exceeded' }), true)
  t.equal(isFull({ code: 503, err_code: 10077, description: 'maximum messages per subject exceeded' }), true)
  t.equal(isFull({ code: 503, err_code: 10077, description: 'maximum bytes exceeded' }), true)
  t.equal(isFull({ code: 503, err_code: 10077, description: 'no space left on device' }), false)
  for (const err_code of [10002, 10023, 10028, 10047])
    t.equal(isFull({ code: 503, err_code }), true, `${err_code}`)
  t.equal(isFull({ code: 400 }), false)
})

t.test('what may be over in a moment', async (t) => {
  t.equal(mayPass({ code: 503, err_code: 10008 }), true, 'no leader')
  t.equal(mayPass({ code: 500, err_code: 10077, description: 'disk' }), true)
  t.equal(mayPass({ code: 400, err_code: 10047 }), true)
  t.equal(mayPass({ code: 400, err_code: 10054, description: 'message size exceeds maximum allowed' }), false)
})

t.test('errors of the client library by their class and status, not by their text', async (t) => {
  const missing = api(404, 10014, 'consumer not found')
  t.equal(isNotFound(missing), true)
  t.equal(isNotFound(new Error('consumer not found')), false)
  t.equal(isNotFound(api(503, 10008, 'not found')), false)
  t.strictSame(apiErrorOf(missing), { code: 404, err_code: 10014, description: 'consumer not found' })
  t.equal(apiErrorOf(new Error('timeout')), undefined)
})
