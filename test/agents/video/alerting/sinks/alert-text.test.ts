import t from 'tap'
import { alertText } from '../../../../../services/agents/video/alerting/sinks/alert-text.ts'

const incident = { phase: 'ongoing', monitor: 'm', times: 1, sinceMs: 0, totalMs: 0 } as const

t.test('an incident says how it stands', async (t) => {
  const message = 'Camera yard has given no picture for 5 s'
  t.equal(alertText({ message }), message)
  t.equal(alertText({ message, incident }), message)
  t.equal(alertText({ message, incident: { ...incident, times: 3 } }), `${message} (3 times)`)
  const over = { ...incident, phase: 'over', totalMs: 42_000, reason: 'It is back' } as const
  t.equal(alertText({ message, incident: over }), 'It is back (it lasted 42 s)')
  t.equal(
    alertText({ message, incident: { ...over, times: 2, totalMs: 7_200_000 } }),
    'It is back (it lasted 2 h, 2 times)',
  )
})
