import { type Clock, systemClock } from '#platform/clock/clock.ts'
import { type HttpConfig, loadHttpConfig } from '#platform/config/http.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { HostBreakers, type HostBreakersOptions } from '#platform/http/circuit-breaker.ts'
import { createHttpClient, type HttpClientOptions } from '#platform/http/http-client.ts'
import { classifyError } from '#platform/http/http-outcome.ts'
import { activeTraceparent } from '#platform/telemetry/active-trace.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { redactText } from '#platform/telemetry/redact.ts'
import { TRACEPARENT_HEADER } from '#platform/telemetry/traceparent.ts'
import {
  type ApiCallRequest,
  type ApiCallResponse,
  apiCallRequestSchema,
  apiCallResponseSchema,
  type HttpMethod,
} from '#schemas/api-call.ts'
import {
  type AgentContext,
  type AgentDefinition,
  defineAgent,
  done,
  fail,
  minutes,
  type Outcome,
  retry,
} from '#sdk/index.ts'
import { type AttemptOutcome, classifyAttempt } from './attempt-outcome.ts'
import { BreakerMetrics, breakerKey } from './breaker-metrics.ts'
import {
  type BuiltRequest,
  buildRequest,
  buildUrl,
  methodOf,
  secretNames,
  secretOf,
} from './build-request.ts'
import { createRedactor, type Redactor } from './redactor.ts'
import { type CallEnd, retryLoop } from './retry-loop.ts'
import { createSecretSource } from './secret-source.ts'
import { shapeResponse } from './shape-response.ts'

export interface ApiCallerConfig {
  /** By default that of the environment. */
  http?: HttpConfig
  /** Bounds and resolver of the HTTP client. */
  client?: Omit<HttpClientOptions, 'allow' | 'ports'>
  breaker?: HostBreakersOptions
  clock?: Clock
  /** Where circuit breakers are counted; nowhere by default. */
  metrics?: Metrics
  /** 0 ≤ x < 1, for the jitter. */
  random?: () => number
}

const BREAKER_DEFAULTS: HostBreakersOptions = { failures: 5, openMs: 10_000, maxHosts: 1000 }

/** What lives as long as the agent. */
interface Caller {
  http: ReturnType<typeof createHttpClient>
  secrets: ReturnType<typeof createSecretSource>
  breakers: HostBreakers
  clock: Clock
  random: () => number
}

/** The agent that calls REST and GraphQL services. Connections are made with the first step, and closed by `stop`. */
export function createApiCallerAgent(
  config: ApiCallerConfig = {},
): AgentDefinition<ApiCallRequest, ApiCallResponse> {
  let opened: Caller | undefined
  const breakers = config.metrics && new BreakerMetrics(config.metrics)
  const open = () => {
    opened ??= openCaller(config, breakers)
    return opened
  }
  return defineAgent({
    name: 'api-caller',
    version: '1',
    description: 'Calls a REST or GraphQL service, and again where that is safe.',
    input: apiCallRequestSchema,
    output: apiCallResponseSchema,
    limits: { concurrency: 32, timeoutMs: minutes(2) },
    async start() {
      open()
    },
    async stop() {
      await opened?.http.close()
      opened = undefined
    },
    handle: (call, ctx) => handleCall(call, ctx, open()),
  })
}

function openCaller(config: ApiCallerConfig, counted: BreakerMetrics | undefined): Caller {
  const http = config.http ?? loadHttpConfig()
  const clock = config.clock ?? systemClock
  const breakers = new HostBreakers(clock, config.breaker ?? BREAKER_DEFAULTS, (key, state) =>
    counted?.count(key, state),
  )
  counted?.watch(breakers)
  return {
    http: createHttpClient({ ...config.client, allow: http.allow, ports: http.ports }),
    secrets: createSecretSource(http.secrets),
    breakers,
    clock,
    random: config.random ?? Math.random,
  }
}

async function handleCall(
  call: ApiCallRequest,
  ctx: AgentContext,
  caller: Caller,
): Promise<Outcome<ApiCallResponse>> {
  const startedMs = caller.clock.monotonicMs()
  try {
    const secrets = await readSecrets(call, ctx.tenant, caller)
    const redactor = createRedactor([...secrets.values()])
    const built = buildRequest(call, secrets, ctx.idempotencyKey)
    const end = await makeCall(call, built, { ctx, caller, redactor })
    if (end.kind !== 'done') return toOutcome(end, redactor)
    const response = await keepAnswer(call, built, () => shapeResponse(call, end.outcome, ctx.blobs))
    const durationMs = Math.round(caller.clock.monotonicMs() - startedMs)
    return done({ ...response, attempts: end.attempts, durationMs })
  } catch (error) {
    if (!(error instanceof MurmurError)) throw error
    // A secret that is not there yet, or an object store that is away: both may pass.
    if (error.code === 'UNAVAILABLE') return retry(error.message, { code: error.code })
    return fail(error.code, error.message)
  }
}

/** What can't be repeated must not be: even when its answer is lost here, the step is over. */
async function keepAnswer<T>(call: ApiCallRequest, built: BuiltRequest, shape: () => Promise<T>): Promise<T> {
  try {
    return await shape()
  } catch (cause) {
    if (built.repeatable || (cause instanceof MurmurError && cause.code === 'UPSTREAM_ERROR')) throw cause
    const what = `${call.method ?? 'POST'} ${built.origin} was answered as wanted`
    throw new MurmurError('INTERNAL', `${what}, but its answer could not be kept`, { cause })
  }
}

async function readSecrets(
  call: ApiCallRequest,
  tenant: string,
  caller: Caller,
): Promise<Map<string, string>> {
  const url = buildUrl(call)
  const method = methodOf(call)
  const secrets = new Map<string, string>()
  for (const name of secretNames(call))
    secrets.set(name, await caller.secrets.read({ name, tenant, url, method }))
  return secrets
}

/** The trace goes on with whoever is called, unless the call says otherwise. */
function withTraceparent(headers: Record<string, string> | undefined): Record<string, string> {
  const traceparent = activeTraceparent()
  return { ...(traceparent !== undefined && { [TRACEPARENT_HEADER]: traceparent }), ...headers }
}

/** All attempts of one call, each behind the breaker of its endpoint. */
function makeCall(
  call: ApiCallRequest,
  { request, origin, repeatable }: BuiltRequest,
  deps: { ctx: AgentContext; caller: Caller; redactor: Redactor },
): Promise<CallEnd> {
  const { ctx, caller, redactor } = deps

  /** Where a redirect leads to within the same origin, a secret goes along only when it is granted there. */
  function keepsHeader(header: string, url: URL, method: HttpMethod): boolean {
    const name = secretOf(call, header)
    return name === undefined || caller.secrets.allows({ name, tenant: ctx.tenant, url, method })
  }

  async function send(timeoutMs: number): Promise<AttemptOutcome> {
    try {
      const answer = redactor.answer(
        await caller.http.call({
          ...request,
          headers: withTraceparent(request.headers),
          timeoutMs,
          signal: ctx.signal,
          keepsHeader,
        }),
      )
      return classifyAttempt(call, answer, caller.clock.nowMs())
    } catch (error) {
      return classifyError(error)
    }
  }

  async function attempt(timeoutMs: number): Promise<AttemptOutcome> {
    const outcome = await caller.breakers.of(breakerKey(ctx.tenant, origin)).run(() => send(timeoutMs))
    if (outcome.kind !== 'done') {
      ctx.log.info(
        { origin, outcome: outcome.kind, code: outcome.code },
        'a call did not bring what was wanted',
      )
    }
    return outcome
  }

  return retryLoop(attempt, { ...call, repeatable }, { ...caller, signal: ctx.signal })
}

function toOutcome(end: Exclude<CallEnd, { kind: 'done' }>, redactor: Redactor): Outcome<never> {
  const why = redactText(redactor.text(end.why))
  if (end.kind === 'fail') return fail(end.code, why)
  return retry(why, { code: end.code, ...(end.afterMs !== undefined && { afterMs: end.afterMs }) })
}
