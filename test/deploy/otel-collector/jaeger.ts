import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { ROOT } from '../../support/source-files.ts'
import { until } from '../../support/until.ts'
import { portsFor } from './collector.ts'
import { findOtelProgram } from './programs.ts'

/** Why there is no Jaeger here, for `skip`; false where there is one. */
export const NO_JAEGER: string | false =
  findOtelProgram('jaeger') === undefined && 'Jaeger is not there: npm run test:otel -- --jaeger builds it'

/** A span as Jaeger gives it. */
export interface JaegerSpan {
  spanID: string
  operationName: string
  references: { refType: 'CHILD_OF' | 'FOLLOWS_FROM'; spanID: string }[]
}

/** Jaeger with the configuration of production; only where it listens and keeps things is the test's. */
export interface Jaeger {
  /** For the collector: `host:port` of OTLP over gRPC. */
  readonly address: string
  /** Of its API. */
  readonly url: string
  /** The spans of a trace; none where it has no such trace. */
  trace(traceId: string): Promise<JaegerSpan[]>
  /** Ends it in order and starts it anew, on what it has kept. */
  restart(): Promise<void>
}

export async function startJaeger(t: { teardown(end: () => unknown): unknown }): Promise<Jaeger> {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-jaeger-'))
  const ports = await portsFor(['otlp', 'query', 'queryGrpc', 'health', 'own'])
  const at = (port: number) => `127.0.0.1:${port}`
  const overrides = {
    extensions: {
      healthcheckv2: { http: { endpoint: at(ports.health) } },
      jaeger_query: { http: { endpoint: at(ports.query) }, grpc: { endpoint: at(ports.queryGrpc) } },
    },
    receivers: { otlp: { protocols: { grpc: { endpoint: at(ports.otlp) } } } },
    service: {
      telemetry: {
        metrics: {
          readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port: ports.own } } } }],
        },
      },
    },
  }
  writeFileSync(join(folder, 'test.yaml'), stringify(overrides))
  const start = async () => {
    const configs = [join(ROOT, 'deploy/jaeger/jaeger.yaml'), join(folder, 'test.yaml')]
    const child = spawn(
      findOtelProgram('jaeger')!,
      configs.flatMap((file) => ['--config', file]),
      {
        stdio: 'ignore',
        env: { ...process.env, JAEGER_HOST: '127.0.0.1', JAEGER_DATA: join(folder, 'data') },
      },
    )
    const exited = once(child, 'exit')
    await until(
      'Jaeger is healthy',
      async () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
        return (await fetch(`http://${at(ports.health)}/status`).catch(() => undefined))?.ok === true
      },
      30_000,
    )
    return async () => {
      child.kill('SIGTERM')
      await exited
    }
  }
  let stop = await start()
  t.teardown(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    address: at(ports.otlp),
    url: `http://${at(ports.query)}`,
    async trace(traceId) {
      const answer = await fetch(`http://${at(ports.query)}/api/traces/${traceId}`)
      if (answer.status === 404) return []
      const { data } = (await answer.json()) as { data: { spans: JaegerSpan[] }[] | null }
      return data?.[0]?.spans ?? []
    },
    async restart() {
      await stop()
      stop = await start()
    },
  }
}
