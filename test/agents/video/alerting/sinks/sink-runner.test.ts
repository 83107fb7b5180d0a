import { once } from 'node:events'
import { createServer } from 'node:http'
import t from 'tap'
import { createHttpClient } from '#platform/http/http-client.ts'
import { alertCloudEventSchema } from '#schemas/alert.ts'
import { loadAlertingConfig } from '../../../../../services/agents/video/alerting/sinks/alerting-config.ts'
import { createSinks } from '../../../../../services/agents/video/alerting/sinks/create-sinks.ts'
import { startServer } from '../../../../platform/http/local-server.ts'
import { openBus } from '../../../../support/bus.ts'
import { provideQueues } from '../../../../support/queues.ts'
import { withServers } from '../../../../support/servers.ts'
import { until } from '../../../../support/until.ts'
import { eventOf, STORAGE_BYTES, startAlerting } from '../alerting-fixture.ts'
import { createSinkWorld, isSigned, ok, QUICK, webhookEnv } from './sink-fixture.ts'

t.test('webhook: the CloudEvent, signed; what was raised before it was configured is not sent', async (t) => {
  const world = await createSinkWorld(t)
  const receiver = await startServer(t, ok)
  await world.raise({ message: 'before' })
  await world.start(webhookEnv(receiver.origin))
  for (const rest of ['deliveries_total{sink="webhook"}', 'failures_total{sink="webhook",outcome="again"}'])
    t.ok((await world.metrics()).includes(`murmur_alert_sink_${rest} 0`), `${rest} is 0 before the first`)
  const alert = await world.raise({ message: 'Ünïcode entered gate' })
  await until('it arrived', () => receiver.seen.length === 1)
  const [request] = receiver.seen
  t.match(request, { method: 'POST', url: '/hooks/token-in-path', headers: { 'webhook-id': alert.id } })
  t.match(request?.headers['content-type'], /^application\/cloudevents\+json/)
  t.match(alertCloudEventSchema.parse(JSON.parse(request?.body ?? '')), { id: alert.id, data: alert })
  t.ok(isSigned(request!))
  t.notOk(isSigned({ ...request!, body: `${request!.body} ` }), 'of this very body')
  await until('it was counted', async () =>
    /murmur_alert_sink_deliveries_total{sink="webhook"} 1/.test(await world.metrics()),
  )
})

t.test('failures are tried again under the same id, with a signature of their own', async (t) => {
  const world = await createSinkWorld(t)
  const receiver = await startServer(t, (_request, response, count) => {
    response.writeHead([500, 503, 408][count - 1] ?? 200).end()
  })
  await world.start(webhookEnv(receiver.origin))
  const alert = await world.raise()
  await until('it arrived in the end', () => receiver.seen.length === 4)
  t.strictSame(new Set(receiver.seen.map(({ headers }) => headers['webhook-id'])), new Set([alert.id]))
  t.ok(receiver.seen.every(isSigned))
  await world.raise()
  await until('the next one', () => receiver.seen.length === 5)
})

t.test('429 with Retry-After: nothing is sent before that, other alerts neither', async (t) => {
  const world = await createSinkWorld(t)
  const times: number[] = []
  const receiver = await startServer(t, (_request, response, count) => {
    times.push(performance.now())
    if (count === 1) response.writeHead(429, { 'retry-after': '1' }).end()
    else response.writeHead(200).end()
  })
  await world.start(webhookEnv(receiver.origin))
  const first = await world.raise()
  await until('it was refused', () => receiver.seen.length === 1)
  const second = await world.raise()
  await until('both arrived', () => receiver.seen.length === 3)
  for (const time of times.slice(1)) t.ok(time - times[0]! >= 990, `${Math.round(time - times[0]!)} ms later`)
  t.strictSame(
    new Set(receiver.seen.slice(1).map(({ headers }) => headers['webhook-id'])),
    new Set([first.id, second.id]),
  )
})

t.test('what is refused for good is given up, with its reason, and the next one goes through', async (t) => {
  const world = await createSinkWorld(t)
  const receiver = await startServer(t, (_request, response, count) => {
    if (count === 1) response.writeHead(400).end('no such field')
    else if (count === 2) response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()
    else response.writeHead(200).end()
  })
  await world.start(webhookEnv(receiver.origin))
  for (let i = 0; i < 3; i++) {
    await world.raise()
    await until('it was called', () => receiver.seen.length === i + 1)
  }
  await until('all are settled', async () => /deliveries_total{sink="webhook"} 1/.test(await world.metrics()))
  t.equal(receiver.seen.length, 3)
  t.match(await world.metrics(), /murmur_alert_sink_failures_total{sink="webhook",outcome="dropped"} 2/)
  const reasons = world.log.filter((line) => line.includes('given up'))
  t.match(reasons.join(''), /answered with status 400[\s\S]*answered with status 307/)
})

t.test('a slow receiver holds up nobody else', async (t) => {
  const world = await createSinkWorld(t)
  const slow = await startServer(t, (_request, response, count) => {
    // The first ones are never answered.
    if (count > 2) response.writeHead(200).end()
  })
  const quick = await startServer(t, ok)
  await world.start({ ...webhookEnv(slow.origin), MURMUR_ALERT_SLACK_URL: `${quick.origin}/slack` })
  const alerts = [await world.raise(), await world.raise(), await world.raise()]
  await until('Slack has them', () => quick.seen.length === 3)
  t.ok(slow.seen.length <= 3, 'while the other one waits for an answer')
  const isAnswered = () => new Set(slow.seen.slice(2).map(({ headers }) => headers['webhook-id'])).size === 3
  await until('the slow one got all in the end', isAnswered)
  t.strictSame(
    new Set(slow.seen.map(({ headers }) => headers['webhook-id'])),
    new Set(alerts.map(({ id }) => id)),
  )
})

t.test('a receiver that is down: the circuit opens, and all arrive when it is back', async (t) => {
  const world = await createSinkWorld(t)
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(String(request.headers['webhook-id']))
    response.writeHead(200).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  await world.start(webhookEnv(`http://127.0.0.1:${port}`), { breaker: { failures: 3, openMs: 300 } })
  const alerts = await Promise.all(Array.from({ length: 6 }, () => world.raise()))
  const failures = async () => Number(/outcome="again"} (\d+)/.exec(await world.metrics())?.[1] ?? 0)
  await until('it failed', async () => (await failures()) >= 3)
  t.match(await world.metrics(), 'murmur_alert_sink_breaker_open{sink="webhook"} 1')
  t.match(await world.metrics(), 'outcome="dropped"} 0', 'there before it happens')
  server.listen(port, '127.0.0.1')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  await until('all arrived', () => new Set(seen).size === 6)
  t.match(await world.metrics(), 'murmur_alert_sink_breaker_open{sink="webhook"} 0')
  t.strictSame(new Set(seen), new Set(alerts.map(({ id }) => id)))
  t.ok((await failures()) < 30, `${await failures()} attempts in vain`)
})

t.test('only what is severe enough is sent', async (t) => {
  const world = await createSinkWorld(t)
  const [hook, slack] = await Promise.all([startServer(t, ok), startServer(t, ok)])
  await world.start({
    ...webhookEnv(hook.origin),
    MURMUR_ALERT_SLACK_URL: slack.origin,
    MURMUR_ALERT_MIN_SEVERITY: 'critical,slack=medium',
  })
  for (const severity of ['low', 'medium', 'high', 'critical'] as const) await world.raise({ severity })
  await until('they arrived', () => hook.seen.length === 1 && slack.seen.length === 3)
  t.match(JSON.parse(hook.seen[0]!.body), { data: { severity: 'critical' } })
})

t.test(
  'Slack: words and colour of the severity, and nothing that an alert says becomes a mention',
  async (t) => {
    const world = await createSinkWorld(t)
    const slack = await startServer(t, ok)
    await world.start({ MURMUR_ALERT_SLACK_URL: `${slack.origin}/services/T0/B0/secret` })
    await world.raise({ severity: 'critical', message: '<!channel> & <http://evil|ok>' })
    await until('it arrived', () => slack.seen.length === 1)
    t.equal(slack.seen[0]?.url, '/services/T0/B0/secret')
    const { body } = slack.seen[0]!
    t.notMatch(body, /<!channel>|<http/)
    t.match(JSON.parse(body), {
      text: 'CRITICAL: &lt;!channel&gt; &amp; &lt;http://evil|ok&gt; (yard)',
      attachments: [{ color: '#ff4d4f', blocks: [{ type: 'section' }, { type: 'context' }] }],
    })
  },
)

t.test('PagerDuty: opens, acknowledges and resolves the same incident', async (t) => {
  const world = await createSinkWorld(t)
  const pagerduty = await startServer(t, ok)
  await world.start({
    MURMUR_ALERT_PAGERDUTY_KEY: 'R0UTINGKEY0123456789',
    MURMUR_ALERT_PAGERDUTY_URL: `${pagerduty.origin}/v2/enqueue`,
  })
  const alert = await world.raise({ severity: 'medium' })
  const said = () => pagerduty.seen.map(({ body }) => JSON.parse(body))
  await until('it was opened', () => said().length === 1)
  await world.publisher.changed(alert, 'snapshot', 1)
  await world.publisher.changed({ ...alert, status: 'acknowledged' }, 'acknowledged', 2)
  await until('it was acknowledged', () => said().length === 2)
  await world.publisher.changed({ ...alert, status: 'resolved' }, 'resolved', 3)
  await until('it was resolved', () => said().length === 3)
  const dedup_key = `yard/rule-medium/${alert.subject}/kq3v9x`
  t.match(said(), [
    {
      routing_key: 'R0UTINGKEY0123456789',
      event_action: 'trigger',
      dedup_key,
      payload: {
        summary: 'yard: Person entered gate',
        source: 'yard',
        severity: 'warning',
        class: 'intrusion',
      },
    },
    { event_action: 'acknowledge', dedup_key },
    { event_action: 'resolve', dedup_key },
  ])
})

t.test('PagerDuty: a trigger that was held up does not open what is resolved by now', async (t) => {
  const world = await createSinkWorld(t)
  const refused: string[] = []
  const pagerduty = await startServer(t, ({ body }, response) => {
    const { event_action } = JSON.parse(body)
    if (event_action === 'trigger') refused.push(body)
    response.writeHead(event_action === 'trigger' ? 500 : 202).end()
  })
  await world.start(
    { MURMUR_ALERT_PAGERDUTY_KEY: 'R0UTINGKEY0123456789', MURMUR_ALERT_PAGERDUTY_URL: pagerduty.origin },
    { firstWaitMs: 400, longestWaitMs: 400 },
  )
  const alert = await world.raise()
  await until('it was refused', () => refused.length === 1)
  world.statuses.set(alert.id, 'resolved')
  await world.publisher.changed({ ...alert, status: 'resolved' }, 'resolved', 3)
  await until('it was resolved', () => pagerduty.seen.length === 2)
  const next = await world.raise()
  await until('the next one was refused', () => refused.some((body) => body.includes(next.id)))
  await until('and again', () => refused.filter((body) => body.includes(next.id)).length === 2)
  t.equal(refused.filter((body) => body.includes(alert.id)).length, 1, 'the first one was not tried again')
})

t.test(
  'private addresses are not called unless they are allowed; secrets are in no line of the log',
  async (t) => {
    const world = await createSinkWorld(t, [])
    const receiver = await startServer(t, ok)
    await world.start({
      ...webhookEnv(receiver.origin),
      MURMUR_ALERT_SLACK_URL: `${receiver.origin}/services/T0/B0/slack-token`,
      MURMUR_ALERT_PAGERDUTY_KEY: 'R0UTINGKEY0123456789',
      MURMUR_ALERT_PAGERDUTY_URL: receiver.origin,
    })
    await world.raise()
    const sinks = () =>
      new Set(world.log.flatMap((line) => (line.includes('ADDRESS_FORBIDDEN') ? JSON.parse(line).sink : [])))
    await until('all of them tried', () => sinks().size === 3)
    t.equal(receiver.seen.length, 0)
    t.notMatch(world.log.join(''), /R0UTINGKEY|whsec_|slack-token|token-in-path|BwcHBw/)
  },
)

t.test('the service hands its alerts to its sinks', async (t) => {
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  await bus.streams.provision({ partitions: 1, storageBytes: STORAGE_BYTES })
  await provideQueues(t, bus)
  const receiver = await startServer(t, ok)
  const http = createHttpClient({ allow: ['127.0.0.1'], ports: 'any' })
  t.teardown(() => http.close())
  const sinks = { all: createSinks(loadAlertingConfig(webhookEnv(receiver.origin))), http, options: QUICK }
  await Promise.all([startAlerting(t, servers, { sinks }), startAlerting(t, servers, { sinks })])
  const event = eventOf()
  await bus.publisher.publish('cameras.events.default.yard', JSON.stringify(event), { msgId: event.id })
  await until('it arrived', () => receiver.seen.length === 1)
  t.ok(isSigned(receiver.seen[0]!))
})
