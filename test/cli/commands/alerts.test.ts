import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Alert, ChangeAlertRequest, ListAlertsRequest } from '#schemas/alert.ts'
import { SERVICES } from '#subjects/operations.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { openCliFixture } from '../cli-fixture.ts'
import { alertEventOf, alertOf } from '../monitor-fixtures.ts'

const { bus, stack, folder, start, murmur } = await openCliFixture(t)

t.test('alerts: list, filter, acknowledge, resolve, show', async (t) => {
  const snapshot = await stack.blobs.put('monitors', Buffer.from('a picture'), { contentType: 'image/jpeg' })
  const alerts = new Map<string, Alert>()
  for (const alert of [alertOf('m1', { snapshot }), alertOf('m1', { id: 'a2', severity: 'low' })])
    alerts.set(alert.id, alert)
  const asked: ListAlertsRequest[] = []
  const body = <T>(data: Uint8Array) => JSON.parse(Buffer.from(data).toString()) as T
  const ends = [
    bus.serveSubject(
      SERVICES.listAlerts,
      ({ data }) => {
        asked.push(body(data))
        return { alerts: [...alerts.values()] }
      },
      { queue: 'test' },
    ),
    bus.serveSubject(
      SERVICES.getAlert,
      ({ data }) => {
        const alert = alerts.get(body<{ id: string }>(data).id)
        if (!alert) throw new MurmurError('ALERT_NOT_FOUND', 'there is no such alert')
        return { alert }
      },
      { queue: 'test' },
    ),
    bus.serveSubject(
      SERVICES.changeAlert,
      ({ data }) => {
        const { id, status, by, note } = body<ChangeAlertRequest>(data)
        const alert = alerts.get(id)
        if (!alert) throw new MurmurError('ALERT_NOT_FOUND', `there is no alert "${id}"`)
        if (alert.status === status)
          throw new MurmurError('ALERT_STATE_CONFLICT', `alert "${id}" is ${status}`)
        const changed = { ...alert, status, changedAtMs: alert.raisedAtMs, changedBy: by, note } as Alert
        alerts.set(id, changed)
        return { alert: changed }
      },
      { queue: 'test' },
    ),
  ]
  await bus.flush()
  t.teardown(() => {
    for (const end of ends) end()
  })
  const listed = await murmur(['alerts'])
  t.match(
    listed.out,
    /alert +severity +status +camera +age +times +what\n {2}a1 +critical +open +yard .*Person entered gate\n {2}a2 +low/,
  )
  t.strictSame(asked.splice(0), [{ limit: 50 }])
  const filters = [
    '--severity',
    'high',
    '--status',
    'open',
    '--camera',
    'yard',
    '--monitor',
    'm1',
    '--limit',
    '3',
  ]
  t.match((await murmur(['alerts', '--json', ...filters])).documents(), [
    { alerts: [{ id: 'a1' }, { id: 'a2' }] },
  ])
  t.strictSame(asked, [{ severity: 'high', status: 'open', camera: 'yard', monitor: 'm1', limit: 3 }])

  const acknowledged = await murmur(['alerts', 'ack', 'a1', '--note', 'on my way'])
  t.match(acknowledged, { code: 0, err: 'Alert a1 is acknowledged: Person entered gate, yard.\n' })
  t.match(alerts.get('a1'), { status: 'acknowledged', note: 'on my way', changedBy: /\w/ })
  t.match(await murmur(['alerts', 'ack', 'a1']), { code: 5, err: /✗ ALERT_STATE_CONFLICT/ })
  t.match((await murmur(['alerts', 'resolve', 'a1', '--json'])).documents(), [
    { alert: { status: 'resolved' } },
  ])
  t.match(await murmur(['alerts', 'resolve', 'none']), { code: 3, err: /✗ ALERT_NOT_FOUND/ })

  const shown = await murmur(['alerts', 'show', 'a1', '--snapshot', 'a1.jpg'])
  t.match(shown, {
    code: 0,
    out: /a1 {3}CRITICAL {3}resolved\n {2}what +Person entered gate\n/,
    err: /written to a1\.jpg/,
  })
  t.equal(readFileSync(join(folder, 'a1.jpg'), 'utf8'), 'a picture')
  t.match(await murmur(['alerts', 'show', 'a2', '--snapshot', 'a2.jpg']), { code: 3, err: /✗ NO_SNAPSHOT/ })
  t.match(await murmur(['alerts', 'show', 'a1', '--snapshot', 'no/such/a.jpg']), {
    code: 2,
    err: /FILE_UNREADABLE/,
  })
  t.match(await murmur(['alerts', 'show', 'none']), { code: 3, err: /✗ ALERT_NOT_FOUND/ })

  alerts.clear()
  const following = start(['alerts', '--follow', '--camera', 'yard'])
  await following.wrote(/No alerts so far/)
  stack.publish(
    SUBJECTS.alert('high', 'default', 'door'),
    alertEventOf(alertOf('m1', { camera: 'door', message: 'elsewhere' })),
  )
  stack.publish(
    SUBJECTS.alert('high', 'default', 'yard'),
    alertEventOf(alertOf('m1', { severity: 'high', message: 'here' })),
  )
  await following.wrote(/HIGH .*yard {2}here/)
  following.child.kill('SIGINT')
  t.equal(await following.ended, 0)
  t.notMatch(following.out(), /elsewhere/)
})
