import t from 'tap'
import { Connection } from '../../../services/console/data/connection.ts'

t.test('the connection is live when everything is, and tells of changes only', async (t) => {
  const connection = new Connection()
  const states: string[] = []
  const stop = connection.subscribe(() => states.push(connection.state))
  const stream = {}
  connection.heard(true)
  connection.streamIs(stream, 'broken')
  connection.heard(false)
  connection.setOnline(false)
  connection.setOnline(true)
  connection.heard(true)
  connection.streamIs(stream, 'open')
  stop()
  connection.setOnline(false)
  t.strictSame(states, ['reconnecting', 'offline', 'reconnecting', 'live'])
})
