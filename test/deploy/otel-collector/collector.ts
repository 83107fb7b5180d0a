import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { freePorts } from '../../support/free-ports.ts'
import { ROOT } from '../../support/source-files.ts'
import { until } from '../../support/until.ts'
import { findOtelProgram } from './programs.ts'

/** Why there is no collector here, for `skip`; false where there is one. */
export const NO_COLLECTOR: string | false =
  findOtelProgram('otelcol') === undefined &&
  'the OpenTelemetry Collector is not there: npm run test:otel builds it with Go'

const execFileAsync = promisify(execFile)
const FOLDER = join(ROOT, 'deploy/otel-collector')

/** A running collector with the configuration of production; only where it listens and what it writes to are the test's. */
export interface Collector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly otlpUrl: string
  /** What Prometheus scrapes: span metrics and the service graph. */
  readonly metricsUrl: string
  /** Of the collector itself: what it took, let go and could not send. */
  readonly ownMetricsUrl: string
  /** What it said itself, for a test that fails. */
  log(): string
  /** JSON lines of a file exporter: `all` spans as they came, those that were `kept`, `logs`. Each line is one batch in OTLP's JSON. */
  read(what: 'all' | 'kept' | 'logs'): string
  /** Ends it in order, with what it still has written out. */
  stop(): Promise<void>
}

export interface CollectorOptions {
  /** Of deploy/otel-collector: `config.yaml` (traces, the default) or `logs.yaml`. */
  config?: 'config.yaml' | 'logs.yaml'
  /** How long the tail sampler waits for a trace to be whole; as long as in production unless told. */
  decisionWait?: string
  /** How often metrics are made of spans; 1 s unless told. */
  flushInterval?: string
  /** The files that logs.yaml reads. */
  logFiles?: string
  /** Where records of the log go besides: as Loki is asked, over OTLP/HTTP. */
  logStore?: string
  /** More of what the configuration reads from its environment. */
  env?: Record<string, string>
  /** Where spans that are kept go besides, as `host:port` of OTLP over gRPC. */
  traceStore?: string
}

/**
 * Starts the collector on free ports of loopback, and resolves when it is healthy.
 * @throws Error with what it said when it does not come up
 */
export async function startCollector(
  t: { teardown(end: () => unknown): unknown },
  options: CollectorOptions = {},
): Promise<Collector> {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-otel-'))
  const ports = await portsFor(['grpc', 'http', 'health', 'metrics', 'own'])
  const config = options.config ?? 'config.yaml'
  writeFileSync(join(folder, 'test.yaml'), stringify(overridesOf(config, folder, ports, options)))
  const child = spawn(findOtelProgram('otelcol')!, configArguments(config, folder), {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, COLLECTOR_HOST: '127.0.0.1', ...logEnv(folder, options) },
  })
  const logFile = join(folder, 'collector.log')
  const log = createWriteStream(logFile)
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  const exited = once(child, 'exit')
  const said = () => readFileSync(logFile, 'utf8')
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await exited
  }
  t.teardown(async () => {
    await stop()
    log.end()
    await once(log, 'close')
    rmSync(folder, { recursive: true, force: true })
  })
  await healthy(`http://127.0.0.1:${ports.health}/`, child).catch((error: unknown) => {
    throw new Error(`the collector does not come up: ${said()}`, { cause: error })
  })
  return {
    otlpUrl: `http://127.0.0.1:${ports.http}`,
    metricsUrl: `http://127.0.0.1:${ports.metrics}/metrics`,
    ownMetricsUrl: `http://127.0.0.1:${ports.own}/metrics`,
    log: said,
    read: (what) => readIfThere(join(folder, `${what}.jsonl`)),
    stop,
  }
}

/** Whether a collector takes a configuration of deploy/otel-collector as it stands. @throws with what it says where not */
export async function validateConfig(file: string): Promise<void> {
  await execFileAsync(findOtelProgram('otelcol')!, ['validate', '--config', join(FOLDER, file)])
}

type Ports = Record<'grpc' | 'http' | 'health' | 'metrics' | 'own', number>

function configArguments(config: string, folder: string): string[] {
  return ['--config', join(FOLDER, config), '--config', join(folder, 'test.yaml')]
}

/** What a test has differently: ports, files to look into, and times. */
function overridesOf(config: string, folder: string, ports: Ports, options: CollectorOptions): object {
  const at = (port: number) => `127.0.0.1:${port}`
  const file = (name: string) => ({ path: join(folder, `${name}.jsonl`), flush_interval: '100ms' })
  const common = {
    extensions: { health_check: { endpoint: at(ports.health) } },
    service: {
      telemetry: {
        metrics: {
          readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port: ports.own } } } }],
        },
      },
    },
  }
  const batch = { timeout: '100ms' }
  const { logStore } = options
  if (config === 'logs.yaml')
    return {
      ...common,
      processors: { batch },
      exporters: { 'file/logs': file('logs') },
      service: {
        ...common.service,
        pipelines: {
          logs: { exporters: ['file/logs', ...(logStore === undefined ? [] : ['otlp_http/loki'])] },
        },
      },
    }
  const { decisionWait, flushInterval = '1s', traceStore } = options
  const kept = ['file/kept', ...(traceStore === undefined ? [] : ['otlp_grpc/traces'])]
  return {
    ...common,
    receivers: {
      otlp: { protocols: { grpc: { endpoint: at(ports.grpc) }, http: { endpoint: at(ports.http) } } },
    },
    processors: {
      batch,
      ...(decisionWait !== undefined && { tail_sampling: { decision_wait: decisionWait } }),
    },
    connectors: {
      span_metrics: { metrics_flush_interval: flushInterval },
      service_graph: { metrics_flush_interval: flushInterval },
    },
    exporters: {
      prometheus: { endpoint: at(ports.metrics) },
      'file/all': file('all'),
      'file/kept': file('kept'),
      ...(traceStore !== undefined && { 'otlp_grpc/traces': { endpoint: traceStore } }),
    },
    service: {
      ...common.service,
      pipelines: {
        'traces/all': { exporters: ['span_metrics', 'service_graph', 'forward', 'file/all'] },
        'traces/kept': { exporters: kept },
      },
    },
  }
}

function logEnv(folder: string, { logFiles, logStore, env }: CollectorOptions): Record<string, string> {
  return {
    LOG_OFFSETS: join(folder, 'offsets'),
    ...(logFiles !== undefined && { LOG_FILES: logFiles }),
    ...(logStore !== undefined && { LOG_STORE: logStore }),
    ...env,
  }
}

async function healthy(url: string, child: ChildProcess): Promise<void> {
  await until(
    'the collector is healthy',
    async () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
      return (await fetch(url).catch(() => undefined))?.ok === true
    },
    30_000,
  )
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Free ports of loopback, by name. */
export async function portsFor<Name extends string>(names: readonly Name[]): Promise<Record<Name, number>> {
  const ports = await freePorts(names.length)
  return Object.fromEntries(names.map((name, i) => [name, ports[i]])) as Record<Name, number>
}
