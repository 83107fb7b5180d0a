import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Alert } from '#schemas/alert.ts'
import { changeAlertsRequestSchema } from '#schemas/alert-changes.ts'
import { ALERT } from '#subjects/operations/examples.ts'
import { changeAlerts } from '../../../../services/agents/video/alerting/change-alerts.ts'

const of = (id: string, about: Partial<Alert> = {}): Alert => ({ ...ALERT, id, ...about })

t.test('a filter finds what can still become it; each is changed once, and fails by itself', async (t) => {
  const alerts = [
    of('a1'),
    of('a2', { status: 'resolved' }),
    of('a3', { rule: { ...ALERT.rule, id: 'other' } }),
    of('a4', { status: 'acknowledged' }),
    of('a5', { raisedAtMs: ALERT.raisedAtMs + 10 }),
  ]
  const changed: string[] = []
  const ask = (request: object) =>
    changeAlerts(changeAlertsRequestSchema.parse({ status: 'acknowledged', ...request }), {
      list: async () => ({ alerts, nextCursor: 'next' }),
      find: async (id) => {
        const alert = alerts.find((one) => one.id === id)
        if (!alert) throw new MurmurError('ALERT_NOT_FOUND', id)
        return alert
      },
      change: async ({ id, status }) => {
        changed.push(id)
        return { alert: of(id, { status }) }
      },
    })
  const filter = { rule: ALERT.rule.id, beforeMs: ALERT.raisedAtMs + 1 }
  t.match(await ask({ filter, dryRun: true }), {
    results: [{ id: 'a1', outcome: 'planned' }],
    nextCursor: 'next',
  })
  t.strictSame(changed, [])
  t.match(await ask({ filter }), { results: [{ id: 'a1', status: 'acknowledged', outcome: 'done' }] })
  const named = await ask({ ids: ['a1', 'a1', 'none', 'a4'], dryRun: true })
  t.strictSame(
    named.results.map(({ outcome, problem }) => problem?.code ?? outcome),
    ['planned', 'ALERT_NOT_FOUND', 'ALERT_STATE_CONFLICT'],
  )
  t.strictSame(changed, ['a1'])
})
