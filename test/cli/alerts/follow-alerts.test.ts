import t from 'tap'
import type { Alert } from '#schemas/alert.ts'
import { followAlerts } from '../../../services/cli/alerts/follow-alerts.ts'
import type { AlertListener } from '../../../services/cli/client/transport.ts'
import { alertOf } from '../monitor-fixtures.ts'

t.test('following alerts: nothing is lost or told twice between the history and what comes', async (t) => {
  let listener: AlertListener | undefined
  const video = {
    onAlerts: async (given: AlertListener) => {
      listener = given
      return () => {
        listener = undefined
      }
    },
  }
  const raise = (alert: Alert) => listener?.onRaised(alert)
  const change = (alert: Alert) => listener?.onChanged(alert)
  const told: string[] = []
  const following = await followAlerts(
    video,
    { severity: 'critical' },
    {
      onRaised: ({ id }) => told.push(`raised ${id}`),
      onChanged: ({ id, status }) => told.push(`${status} ${id}`),
      onFault: (error) => told.push(String(error)),
    },
  )
  raise(alertOf('m', { id: 'listed' }))
  raise(alertOf('m', { id: 'between' }))
  change(alertOf('m', { id: 'listed', status: 'resolved' }))
  t.strictSame(told, [], 'it waits for the history')
  following.begin([alertOf('m', { id: 'listed' })])
  t.strictSame(told.splice(0), ['raised between', 'resolved listed'])
  raise(alertOf('m', { id: 'later' }))
  raise(alertOf('m', { id: 'not-asked-for', severity: 'low' }))
  change(alertOf('m', { id: 'later', status: 'acknowledged' }))
  t.strictSame(told, ['raised later', 'acknowledged later'])
  following.end()
  t.equal(listener, undefined)
})
