import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { type CameraEvent, cameraEventExample } from '#schemas/camera-event.ts'
import type { Plan } from '#schemas/plan.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { startAgents } from '../../support/agent-process.ts'
import { startAlertReceiver } from '../../support/alert-receiver.ts'
import { openBus } from '../../support/bus.ts'
import { freePort } from '../../support/free-ports.ts'
import { planAgents } from '../../support/plan-agents.ts'
import {
  committedRules,
  missing,
  routingTo,
  shortenedRules,
  startAlertmanager,
  startPrometheus,
} from '../../support/prometheus.ts'
import { withServers } from '../../support/servers.ts'
import { factsOf, startService, stopChild } from '../../support/services.ts'
import { until } from '../../support/until.ts'

// The whole way: a stack at work, scraped by a Prometheus with the committed rules, whose alerts an Alertmanager with the committed
// routes tells to a webhook. Faults are made and mended. Windows, `for` and intervals of the rules are an eighth of what they are (five
// minutes are 38 s), waits of Alertmanager a second; expressions, thresholds, labels and annotations are as committed.

const FACTOR = 8
/** Longer than a process takes to answer while a server is away. */
const SCRAPE_INTERVAL = '3s'
const RUNBOOKS = 'https://murmuration.example/docs/runbooks'
/** What a fault leads to is told within this. */
const TOLD_MS = 90_000

t.setTimeout(900_000)
/** What speaks of the machine, which the test shares with others: it may ring beside anything. */
const OF_THE_MACHINE = ['CommitsSlow', 'EventLoopLate']

const skip = missing('prometheus', 'alertmanager')

t.test('a fault is told, with where to read on, and that it is over', { skip }, async (t) => {
  const servers = await withServers(t)
  const ports = await Promise.all(Array.from({ length: 5 }, freePort))
  const [first, second, edgePort, agentPort, alertingPort] = ports.map(String)
  const start = (file: string, port: string | undefined, more: Record<string, string> = {}) =>
    startService(t, servers, file, {
      MURMUR_HTTP_PORT: port!,
      MURMUR_PARTITIONS: '4',
      MURMUR_LOG_LEVEL: 'fatal',
      ...more,
    })
  const orchestrators = [await start('services/orchestrator/main.ts', first)]
  orchestrators.push(await start('services/orchestrator/main.ts', second))
  const edge = await start('services/edge/main.ts', edgePort)
  let agent = await start('loadtest/bench/noop-agents.ts', agentPort)
  const sink = await startSink(t)
  await start('services/agents/video-agents.ts', alertingPort, {
    MURMUR_AGENTS: 'alerting',
    MURMUR_ALERT_WEBHOOK_URL: sink.url,
    MURMUR_ALERT_WEBHOOK_SECRET: 'sixteen characters',
    MURMUR_HTTP_ALLOW: '127.0.0.1',
    MURMUR_HTTP_PORTS: '*',
  })
  const bus = await openBus(t, servers.natsUrl)
  await startAgents(t, servers.natsUrl, planAgents({ undone: [], runs: new Map() }), { instance: 'plans' })

  const receiver = await startAlertReceiver(t)
  const alertmanager = await startAlertmanager(t, routingTo(receiver.url))
  const local = (port: string | undefined) => `127.0.0.1:${port}`
  const prometheus = await startPrometheus(t, {
    targets: {
      orchestrator: [local(first), local(second)],
      edge: [local(edgePort)],
      agents: [local(agentPort)],
      video: [local(alertingPort)],
      alertmanager: [alertmanager.address],
    },
    alertmanager: alertmanager.address,
    interval: SCRAPE_INTERVAL,
    rules: new Map([...committedRules()].map(([name, file]) => [name, shortenedRules(file, FACTOR)])),
  })
  const load = startLoad(t, `http://127.0.0.1:${factsOf(edge).restPort}`)

  /** What has rung since, beside the watchdog and what is allowed. */
  const beside = async (sinceMs: number, allowed: readonly string[]): Promise<string[]> => {
    const seconds = Math.ceil((performance.now() - sinceMs) / 1000)
    const rung = await prometheus.query(
      `count by (alertname) (max_over_time(ALERTS{alertstate="firing"}[${Math.max(1, seconds)}s]))`,
    )
    return rung
      .map(({ metric }) => metric.alertname!)
      .filter((name) => ![...allowed, ...OF_THE_MACHINE, 'Watchdog'].includes(name))
  }
  /** What the fault before has implied has ended too. */
  const quiet = () =>
    until('all is quiet', async () => (await beside(performance.now() - 5000, [])).length === 0, TOLD_MS)
  /** Makes a fault, waits until it is told, mends it, waits until that is told. */
  const drill = async (
    t: Test,
    alert: string,
    fault: {
      make(): Promise<void>
      mend(): Promise<void>
      implies: readonly string[]
      labels: Record<string, string>
    },
  ): Promise<void> => {
    await quiet()
    const sinceMs = performance.now()
    receiver.told.length = 0
    await fault.make()
    const told = await receiver.untilTold('firing', alert, TOLD_MS)
    t.match(told.labels, fault.labels)
    t.equal(told.annotations.runbook_url, `${RUNBOOKS}/${alert}.md`)
    t.notMatch(told.labels, { runbooks: /./ }, 'where the pages are is no label')
    const after = Math.round((performance.now() - sinceMs) / 1000)
    await fault.mend()
    await receiver.untilTold('resolved', alert, TOLD_MS)
    t.same(await beside(sinceMs, [alert, ...fault.implies]), [], 'nothing else rang')
    t.comment(
      `${alert}: told after ${after} s, over after ${Math.round((performance.now() - sinceMs) / 1000)} s`,
    )
    const receivers = new Set(
      receiver.told.filter((each) => each.labels.alertname === alert).map((each) => each.receiver),
    )
    t.ok(receivers.has('webhook') && receivers.has('slack'))
    t.equal(
      receivers.has('pagerduty'),
      told.labels.severity === 'critical',
      'only what is critical wakes somebody',
    )
  }

  await t.test('a system that is well: only the watchdog', async (t) => {
    await prometheus.untilScraped()
    const sinceMs = performance.now()
    await prometheus.untilSome('slo:events:rate5m{slo="task-availability"} > 1')
    await prometheus.untilSome('slo:events:rate5m{slo="api-latency"} > 1')
    await receiver.untilTold('firing', 'Watchdog')
    await until('rules were evaluated for 20 s', async () => performance.now() - sinceMs > 20_000, 30_000)
    t.same(await beside(sinceMs, []), [])
    t.same(
      [...new Set(receiver.told.map((each) => `${each.receiver} ${each.labels.alertname}`))],
      ['watchdog Watchdog'],
    )
  })

  await t.test('the only instance of an agent ends while steps wait', async (t) => {
    await drill(t, 'StepsWithoutInstance', {
      make: () => kill(agent),
      mend: async () => {
        agent = await start('loadtest/bench/noop-agents.ts', agentPort)
      },
      labels: { agent: 'noop-a', severity: 'critical' },
      // Its process is a target; its steps wait the longer, and may miss what is promised once they are done.
      implies: ['TargetDown', 'StepsWaitLong'],
    })
  })

  await t.test('one of two orchestrators ends: its work goes on elsewhere', async (t) => {
    await drill(t, 'TargetDown', {
      make: () => kill(orchestrators[1]!),
      mend: async () => {
        orchestrators[1] = await start('services/orchestrator/main.ts', second)
      },
      labels: { job: 'orchestrator', instance: local(second), severity: 'warning' },
      implies: [],
    })
  })

  await t.test('the endpoint of a sink fails', async (t) => {
    sink.status = 500
    await drill(t, 'SinkBreakerOpen', {
      make: async () => {
        const events = Array.from({ length: 8 }, (_, i) => cameraEvent(`track-${i}`))
        await Promise.all(
          events.map((event) =>
            bus.publisher.publish(SUBJECTS.cameraEvents(event.tenant, event.camera), JSON.stringify(event), {
              msgId: event.id,
            }),
          ),
        )
      },
      mend: async () => {
        sink.status = 200
      },
      labels: { sink: 'webhook', severity: 'critical' },
      implies: ['SinkFails'],
    })
    t.ok(sink.refused >= 5, `${sink.refused} were refused`)
    await until('every alert arrives', () => sink.delivered.size === 8, 60_000)
  })

  const away = [
    { alert: 'NatsDown', make: () => servers.killNats('SIGKILL'), mend: () => servers.restartNats() },
    { alert: 'RedisDown', make: () => servers.killRedis('SIGKILL'), mend: () => servers.restartRedis() },
  ]
  for (const { alert, make, mend } of away)
    await t.test(`a server is away: ${alert}`, async (t) => {
      load.paused = true
      await drill(t, alert, {
        make,
        mend: async () => {
          await mend()
          load.paused = false
        },
        labels: { severity: 'critical' },
        // Inhibited: seen in Prometheus, told to nobody.
        implies: [
          'NotReady',
          'ScrapeErrors',
          'PartitionStuck',
          'PartitionsUnowned',
          'StepsWithoutInstance',
          'TelemetryMissing',
        ],
      })
      const others = receiver.told.filter(
        ({ status, labels }) =>
          status === 'firing' && ![alert, ...OF_THE_MACHINE, 'Watchdog'].includes(labels.alertname!),
      )
      t.same([...new Set(others.map(({ labels }) => labels.alertname))], [])
    })

  await t.test('tasks fail by our fault', async (t) => {
    await drill(t, 'ErrorBudgetBurnsFast', {
      make: async () => {
        load.failing = true
      },
      mend: async () => {
        load.failing = false
      },
      labels: { slo: 'task-availability', severity: 'critical' },
      // The slower rates see the same, and longer; so do the figures of the agent.
      implies: ['ErrorBudgetBurns', 'ErrorBudgetLeaks', 'ErrorBudgetSpent', 'AgentFails', 'AgentBreakerOpen'],
    })
  })
})

function cameraEvent(subject: string): CameraEvent {
  const now = Date.now()
  return {
    ...cameraEventExample,
    id: `${subject}:${now}`,
    subject,
    atMs: now,
    frame: { epoch: now, seq: 1, capturedAtMs: now },
  }
}

/** Clients that submit a small task ten times a second; `failing`: two of three can't be done. */
function startLoad(t: Pick<Test, 'teardown'>, url: string): { failing: boolean; paused: boolean } {
  const load = { failing: false, paused: false }
  const good: Plan = { steps: [{ id: 'a', agent: 'noop-a', input: { payload: 'x' } }] }
  const bad: Plan = { steps: [{ id: 'a', agent: 'double', input: { n: -1 }, retry: { maxAttempts: 1 } }] }
  let count = 0
  const timer = setInterval(() => {
    if (load.paused) return
    count++
    const plan = load.failing && count % 3 !== 0 ? bad : good
    void fetch(`${url}/v1/tasks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'plan', plan, input: {} }),
    }).then(
      (answer) => answer.arrayBuffer(),
      () => undefined,
    )
  }, 100)
  t.teardown(() => clearInterval(timer))
  return load
}

/** An endpoint of alerts that answers what it is told to. */
async function startSink(t: Pick<Test, 'teardown'>) {
  const sink = { url: '', status: 200, refused: 0, delivered: new Set<string>() }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { type, data } = JSON.parse(body) as { type: string; data: { id: string } }
    if (sink.status !== 200) sink.refused++
    else if (type === 'murmuration.alert.raised') sink.delivered.add(data.id)
    response.writeHead(sink.status).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  sink.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  return sink
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
  await stopChild(child)
}
