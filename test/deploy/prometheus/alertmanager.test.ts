import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { startAlertReceiver } from '../../support/alert-receiver.ts'
import {
  committedRules,
  missing,
  routingTo,
  runProgram,
  startAlertmanager,
} from '../../support/prometheus.ts'

const FOLDER = join(import.meta.dirname, '../../../deploy/alertmanager')
const folder = mkdtempSync(join(tmpdir(), 'murmur-alertmanager-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

/** The committed configuration with its secrets and templates in a folder of this machine. */
const config = join(folder, 'alertmanager.yaml')
writeFileSync(
  config,
  readFileSync(join(FOLDER, 'alertmanager.yaml'), 'utf8').replace(
    /\/(run\/secrets|etc\/alertmanager)\//g,
    `${folder}/`,
  ),
)
copyFileSync(join(FOLDER, 'murmuration.tmpl'), join(folder, 'murmuration.tmpl'))
writeFileSync(join(folder, 'alert-slack-url'), 'https://slack.invalid/x')

const noAmtool = missing('amtool')
const names = new Set(
  [...committedRules().values()].flatMap(({ groups }) =>
    groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? [])),
  ),
)

t.test('the configuration and its templates are valid', { skip: noAmtool }, async (t) => {
  const { code, output } = await runProgram('amtool', ['check-config', config])
  t.equal(code, 0, output)
  t.match(output, '1 templates')
})

t.test('who is told of which severity', { skip: noAmtool }, async (t) => {
  const rows: [string[], string][] = [
    [['severity=critical', 'alertname=NatsDown'], 'webhook,pagerduty,slack'],
    [['severity=warning', 'alertname=DeadLetters'], 'webhook,slack'],
    [['severity=none', 'alertname=Watchdog'], 'watchdog'],
    [['severity=none', 'alertname=Other'], 'nobody'],
    [['alertname=OfSomebodyElse'], 'webhook'],
  ]
  await Promise.all(
    rows.map(async ([labels, receivers]) => {
      const args = ['config', 'routes', 'test', `--config.file=${config}`, `--verify.receivers=${receivers}`]
      const { code, output } = await runProgram('amtool', [...args, ...labels])
      t.equal(code, 0, `${labels.join(' ')}: ${output}`)
    }),
  )
  const [severity, ...rest] = ['severity=critical', 'alertname=NatsDown']
  const wrong = ['config', 'routes', 'test', `--config.file=${config}`, '--verify.receivers=slack']
  t.not((await runProgram('amtool', [...wrong, severity!, ...rest])).code, 0, 'a wrong expectation is seen')
})

t.test('inhibitions name alerts that there are', async (t) => {
  interface Inhibition {
    source_matchers: string[]
    target_matchers: string[]
  }
  const { inhibit_rules }: { inhibit_rules: Inhibition[] } = parse(readFileSync(config, 'utf8'))
  for (const rule of inhibit_rules) {
    for (const matcher of [...rule.source_matchers, ...rule.target_matchers]) {
      const [, pattern] = /^alertname =~? "(.*)"$/.exec(matcher) ?? []
      for (const part of pattern === undefined ? [] : alternatives(pattern))
        t.ok(
          [...names].some((name) => new RegExp(`^(?:${part})$`).test(name)),
          part,
        )
    }
  }
})

/** Of `A|B(C|D)`: A, BC and BD, so that each has to be there. */
function alternatives(pattern: string): string[] {
  const [, head, inner] = /^(\w*)\((.*)\)$/.exec(pattern) ?? []
  return inner === undefined ? pattern.split('|') : inner.split('|').map((end) => head + end)
}

t.test(
  'what follows from another fault is not told, and what is over is',
  { skip: missing('alertmanager') },
  async (t) => {
    const receiver = await startAlertReceiver(t)
    const { url } = await startAlertmanager(t, routingTo(receiver.url))
    const post = async (alerts: Record<string, string>[], isOver = false) => {
      const body = alerts.map((labels) => ({
        labels,
        annotations: { summary: `about ${labels.alertname}` },
        ...(isOver && { endsAt: new Date(Date.now() - 1000).toISOString() }),
      }))
      const answer = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      t.equal(answer.status, 200)
    }
    const first = { job: 'orchestrator', instance: 'orchestrator-1:9090' }
    const source = { alertname: 'NatsDown', severity: 'critical' }
    await post([
      source,
      { alertname: 'NotReady', severity: 'warning', ...first, check: 'nats' },
      { alertname: 'ErrorBudgetBurnsFast', severity: 'critical', slo: 'task-availability' },
      { alertname: 'StepsWithoutInstance', severity: 'critical', agent: 'ingest' },
      { alertname: 'TargetDown', severity: 'warning', ...first },
      { alertname: 'EventLoopLate', severity: 'warning', ...first },
      { alertname: 'EventLoopLate', severity: 'warning', ...first, instance: 'orchestrator-2:9090' },
      { alertname: 'CertificateExpires', severity: 'warning', use: 'edge' },
      { alertname: 'CertificateExpiresNow', severity: 'critical', use: 'nats' },
      { alertname: 'CertificateExpires', severity: 'warning', use: 'nats' },
    ])
    await receiver.untilTold('firing', 'CertificateExpiresNow')
    await receiver.untilTold('firing', 'CertificateExpires')
    await receiver.untilTold('firing', 'EventLoopLate')
    await receiver.untilTold('firing', 'NatsDown')
    await post([source], true)
    await receiver.untilTold('resolved', 'NatsDown')
    // Told at last: what rings on when its reason is gone.
    await receiver.untilTold('firing', 'StepsWithoutInstance')
    const firing = receiver.told.filter(({ status }) => status === 'firing')
    const over = receiver.told.findIndex(({ status }) => status === 'resolved')
    const before = receiver.told.slice(0, over).map(({ labels }) => labels)
    t.notOk(before.some(({ alertname }) => /NotReady|ErrorBudget|StepsWithout/.test(alertname!)))
    t.same(
      [
        ...new Set(
          firing
            .filter(({ labels }) => labels.alertname === 'EventLoopLate')
            .map(({ labels }) => labels.instance),
        ),
      ],
      ['orchestrator-2:9090'],
      'the one that does not answer is named once',
    )
    t.same(
      [
        ...new Set(
          firing
            .filter(({ labels }) => labels.alertname === 'CertificateExpires')
            .map(({ labels }) => labels.use),
        ),
      ],
      ['edge'],
    )
    t.same(
      [
        ...new Set(
          firing.filter(({ labels }) => labels.alertname === 'NatsDown').map((each) => each.receiver),
        ),
      ].sort(),
      ['pagerduty', 'slack', 'webhook'],
    )
  },
)
