import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { loadAlertingConfig } from '../../../../../services/agents/video/alerting/sinks/alerting-config.ts'

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const hook = { MURMUR_ALERT_WEBHOOK_URL: 'https://example.org/a', MURMUR_ALERT_WEBHOOK_SECRET: SECRET }

t.test('nothing is configured by default', async (t) => {
  t.match(loadAlertingConfig({}), { sinks: [], incidents: { steadyMs: 15_000, flapWindowMs: 900_000 } })
  t.strictSame(loadAlertingConfig({}).sinks, [])
})

t.test('sinks, their secrets and the severities that they want', async (t) => {
  const { sinks } = loadAlertingConfig({
    ...hook,
    MURMUR_ALERT_SLACK_URL: 'https://hooks.slack.com/services/a/b/c',
    MURMUR_ALERT_PAGERDUTY_KEY: 'R0UTINGKEY0123456789',
    MURMUR_ALERT_MIN_SEVERITY: 'slack = high, medium',
  })
  t.strictSame(
    sinks.map(({ sink, minSeverity }) => [sink, minSeverity]),
    [
      ['webhook', 'medium'],
      ['slack', 'high'],
      ['pagerduty', 'medium'],
    ],
  )
  t.match(sinks[0], { key: Buffer.alloc(32, 1) })
  t.match(sinks[2], { url: 'https://events.pagerduty.com/v2/enqueue', routingKey: 'R0UTINGKEY0123456789' })
  const plain = loadAlertingConfig({ ...hook, MURMUR_ALERT_WEBHOOK_SECRET: 'sixteen characters' })
  t.match(plain.sinks[0], { key: Buffer.from('sixteen characters') })
})

t.test('faults are named, values of secrets are not', async (t) => {
  const faultOf = (env: Record<string, string>) => {
    try {
      loadAlertingConfig(env)
    } catch (error) {
      if (error instanceof MurmurError) return error.message
      throw error
    }
    return 'it was accepted'
  }
  t.match(
    faultOf({ MURMUR_ALERT_WEBHOOK_URL: 'https://example.org' }),
    /SECRET is needed with MURMUR_ALERT_WEBHOOK_URL/,
  )
  const faults = faultOf({
    MURMUR_ALERT_WEBHOOK_URL: 'ftp://hunter2.example',
    MURMUR_ALERT_WEBHOOK_SECRET: 'whsec_hunter2',
    MURMUR_ALERT_SLACK_URL: 'hunter2',
    MURMUR_ALERT_PAGERDUTY_KEY: 'hunter 2',
    MURMUR_ALERT_MIN_SEVERITY: 'urgent',
  })
  for (const name of ['WEBHOOK_URL', 'WEBHOOK_SECRET', 'SLACK_URL', 'PAGERDUTY_KEY', 'MIN_SEVERITY'])
    t.match(faults, `MURMUR_ALERT_${name} must be`)
  t.notMatch(faults, /hunter/)
  t.match(faultOf({ MURMUR_ALERT_MIN_SEVERITY: 'email=low' }), /SINK=SEVERITY/)
})
