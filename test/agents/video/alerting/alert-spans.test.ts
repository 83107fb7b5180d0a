import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { createHttpClient } from '#platform/http/http-client.ts'
import { createLogger } from '#platform/telemetry/logger.ts'
import { parseTraceparent } from '#platform/telemetry/traceparent.ts'
import { createTracing } from '#platform/telemetry/tracing.ts'
import { MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'
import { alertIdOf } from '../../../../services/agents/video/alerting/alert-from-event.ts'
import type { Sink } from '../../../../services/agents/video/alerting/sinks/sink.ts'
import { startOtlpReceiver } from '../../../support/otlp-receiver.ts'
import { until } from '../../../support/until.ts'
import { createAlertingWorld, eventOf, startAlerting } from './alerting-fixture.ts'

const { servers, bus } = await createAlertingWorld(t)
const MONITOR = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`

t.test('an alert is a span linked to its monitor, with each attempt to hand it over below it', async (t) => {
  const receiver = await startOtlpReceiver()
  t.teardown(() => receiver.close())
  let calls = 0
  const endpoint = createServer((_request, response) => {
    calls++
    response.writeHead(calls === 1 ? 503 : 202).end('{}')
  })
  endpoint.listen(0, '127.0.0.1')
  await once(endpoint, 'listening')
  const { port } = endpoint.address() as AddressInfo
  const http = createHttpClient({ allow: ['127.0.0.1'], ports: 'any' })
  t.teardown(async () => {
    await http.close()
    endpoint.closeAllConnections()
    await once(endpoint.close(), 'close')
  })
  const sink: Sink = {
    ...{ name: 'webhook', minSeverity: 'low' },
    build: () => ({ url: `http://127.0.0.1:${port}/`, headers: {}, body: '{}' }),
  }
  const tracing = await createTracing({
    ...{ service: 'alerting', instance: 'alerting-1', traceRatio: 1 },
    otlpEndpoint: receiver.url,
  })
  const lines: string[] = []
  const write = (line: string) => void lines.push(line)
  const log = createLogger('alerting', { logLevel: 'info', instance: 'alerting-1' }, { write })
  const { service } = await startAlerting(t, servers, {
    ...{ tracing, log },
    sinks: { all: [sink], http, options: { firstWaitMs: 10, longestWaitMs: 50 } },
  })
  const event = eventOf({ camera: 'traced' })
  const publish = (seen: typeof event) =>
    bus.publisher.publish(SUBJECTS.cameraEvents(seen.tenant, seen.camera), JSON.stringify(seen), {
      msgId: MESSAGE_IDS.cameraEvent(seen.id),
      headers: { traceparent: MONITOR },
    })
  await publish(event)
  await publish({ ...event, id: `${event.id}-again` })
  await until('it was handed over at the second attempt', () => calls === 2)
  await service.stop()
  await tracing.shutdown()

  const raised = receiver.spans.filter(({ name }) => name === 'process cameras.events.{tenant}.{camera}')
  t.equal(raised.length, 1, 'what is only counted has no span')
  const [alert] = raised
  const monitor = parseTraceparent(MONITOR)!
  t.match(alert, {
    links: [{ traceId: monitor.traceId, spanId: monitor.spanId }],
    attributes: {
      'murmur.task.id': event.monitor,
      'murmur.alert.id': alertIdOf(event.id),
      'murmur.camera': 'traced',
    },
  })
  t.not(alert!.traceId, monitor.traceId, 'a monitor runs for days: its alerts have traces of their own')
  const delivered = receiver.spans.filter(({ name }) => name === 'deliver alert webhook')
  t.match(
    delivered.map(({ parentSpanId, kind, attributes, status }) => ({
      parentSpanId,
      kind,
      attributes,
      status,
    })),
    [
      {
        ...{ parentSpanId: alert!.spanId, kind: 3, status: { code: 2 } },
        attributes: { 'murmur.attempt': 1, 'murmur.outcome': 'retry', 'error.type': 'UPSTREAM_ERROR' },
      },
      { parentSpanId: alert!.spanId, attributes: { 'murmur.attempt': 2, 'murmur.outcome': 'done' } },
    ],
  )
  const line = lines.map((text) => JSON.parse(text)).find(({ message }) => message === 'alert raised')
  t.match(line, { trace_id: alert!.traceId, span_id: alert!.spanId, task: event.monitor })
})
