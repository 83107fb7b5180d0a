import t from 'tap'
import type { Alert } from '#schemas/alert.ts'
import { ALERT } from '#subjects/operations/examples.ts'
import {
  changingFields,
  fieldsOf,
  storedAlert,
} from '../../../../../services/agents/video/alerting/history/stored-alert.ts'

const full: Alert = {
  ...ALERT,
  ...{ status: 'resolved', revision: 3, review: 'ra1', changedBy: 'anna', changedAtMs: 5, note: 'n' },
  incident: { phase: 'over', monitor: 'm', times: 2, sinceMs: 1, endedAtMs: 3, totalMs: 2, reason: 'back' },
  snoozed: { id: 's1', by: 'bob', untilMs: 9 },
  slack: { channel: 'C', ts: '1' },
}

t.test('what is stored is read as it was', async (t) => {
  t.strictSame(storedAlert(fieldsOf(full)), { alert: full, published: true, snapshotSettled: true })
  t.strictSame(storedAlert(fieldsOf(ALERT))?.alert, ALERT)
})

t.test('what a change takes away does not come back with the alert as it was raised', async (t) => {
  const { changedBy: _by, changedAtMs: _at, snoozed: _snoozed, ...left } = full
  const { changedBy: _1, changedAtMs: _2, snoozed: _3, ...fields } = fieldsOf(full)
  t.strictSame(storedAlert({ ...fields, ...changingFields(left) })?.alert, left)
})

t.test('an alert of a release before is read; what is none is nothing', async (t) => {
  const { status, occurrences, lastSeenAtMs } = ALERT
  const old = {
    alert: JSON.stringify(ALERT),
    status,
    occurrences: `${occurrences}`,
    lastSeenAtMs: `${lastSeenAtMs}`,
  }
  t.strictSame(storedAlert(old), { alert: ALERT, published: false, snapshotSettled: false })
  t.equal(storedAlert({}), undefined)
  t.equal(storedAlert({ ...old, status: 'odd' }), undefined)
})
