import t from 'tap'
import { loadAlertingConfig } from '../../../../../services/agents/video/alerting/sinks/alerting-config.ts'
import { createSinks } from '../../../../../services/agents/video/alerting/sinks/create-sinks.ts'

t.test('a sink for each that is configured, none by default', async (t) => {
  t.strictSame(createSinks(loadAlertingConfig({})), [])
  const sinks = createSinks(
    loadAlertingConfig({
      MURMUR_ALERT_WEBHOOK_URL: 'https://example.org/hook',
      MURMUR_ALERT_WEBHOOK_SECRET: `whsec_${Buffer.alloc(24, 7).toString('base64')}`,
      MURMUR_ALERT_SLACK_URL: 'https://example.org/slack',
      MURMUR_ALERT_PAGERDUTY_KEY: 'R0UTINGKEY0123456789',
      MURMUR_ALERT_MIN_SEVERITY: 'high,slack=low',
    }),
  )
  t.strictSame(sinks.map(({ name, minSeverity }) => `${name} ${minSeverity}`).toSorted(), [
    'pagerduty high',
    'slack low',
    'webhook high',
  ])
})
