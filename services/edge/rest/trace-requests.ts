import type { FastifyInstance, FastifyRequest } from 'fastify'
import { withTrace } from '#platform/telemetry/active-trace.ts'
import { TRACEPARENT_HEADER } from '#platform/telemetry/traceparent.ts'
import { REST_ROUTES } from '#subjects/operations.ts'
import { type EdgeTelemetry, type RequestTrace, startRequest } from '../access/request-trace.ts'

const STREAMS = new Set(
  REST_ROUTES.filter(({ answers }) => answers.some(({ type }) => type === 'text/event-stream')).map(
    ({ operation }) => operation,
  ),
)

/** Each request has a span and is counted; everything that is done for it belongs to its trace. To be called before all other hooks. */
export function traceRequests(app: FastifyInstance, telemetry: EdgeTelemetry): void {
  const traces = new WeakMap<FastifyRequest, RequestTrace>()
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, routeOptions, headers } = request
    const operation = routeOptions.config?.operation ?? 'other'
    const given = headers[TRACEPARENT_HEADER]
    const trace = startRequest(telemetry, {
      transport: 'rest',
      operation,
      traceparent: typeof given === 'string' ? given : undefined,
      isStream: STREAMS.has(operation),
      attributes: { 'http.request.method': method, 'http.route': routeOptions.url },
    })
    traces.set(request, trace)
    withTrace(trace.traceparent, done)
  })
  app.addHook('onResponse', async (request, reply) => {
    const trace = traces.get(request)
    if (request.hasWaited) trace?.waits()
    trace?.end(reply.problemCode ?? 'OK')
  })
  // Who left before the answer was there is no fault of ours.
  app.addHook('onRequestAbort', async (request) => traces.get(request)?.end('ABORTED'))
}
