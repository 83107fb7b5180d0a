import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { retryAfterError } from '../../../../../services/agents/video/alerting/sinks/send-fault.ts'

t.test('what kept an answer from coming may pass, and may have arrived', async (t) => {
  const forbidden = retryAfterError(new MurmurError('ADDRESS_FORBIDDEN', '10.0.0.1 is not public'))
  t.match(forbidden, {
    kind: 'retry',
    code: 'ADDRESS_FORBIDDEN',
    why: 'ADDRESS_FORBIDDEN: 10.0.0.1 is not public',
  })
  t.match(retryAfterError(new Error('reset')), { code: 'INTERNAL', why: 'reset', mayHaveArrived: true })
})
