import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { parse, stringify } from 'yaml'
import { until } from './until.ts'

const DEPLOY = join(import.meta.dirname, '../../deploy')
const RULES = join(DEPLOY, 'prometheus/rules')
const START_MS = 20_000

/** Debian's names beside those of the projects. */
const PROGRAMS = {
  prometheus: ['prometheus'],
  promtool: ['promtool'],
  alertmanager: ['alertmanager', 'prometheus-alertmanager'],
  amtool: ['amtool'],
} as const
export type Program = keyof typeof PROGRAMS

/** Where a program of Prometheus is on this machine's PATH. */
export function findProgram(program: Program): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return PROGRAMS[program]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path))
}

/** For `skip` of a test: why it can't run here, or false. */
export function missing(...programs: Program[]): string | false {
  const absent = programs.filter((program) => findProgram(program) === undefined)
  return absent.length > 0 && `needs ${absent.join(', ')} (Debian: prometheus, prometheus-alertmanager)`
}

/** Runs one of them to its end. @returns what it wrote and its exit code; never rejects for that */
export async function runProgram(
  program: Program,
  args: readonly string[],
  options: { cwd?: string } = {},
): Promise<{ code: number; output: string }> {
  const run = promisify(execFile)(findProgram(program)!, [...args], { ...options, maxBuffer: 16 * 1024 ** 2 })
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    (error: { code?: unknown; stdout?: string; stderr?: string }) => ({
      code: typeof error.code === 'number' ? error.code : 1,
      output: `${error.stdout ?? ''}${error.stderr ?? ''}` || String(error),
    }),
  )
}

/** A group of rules, as it stands in a file. */
export interface RuleGroup {
  name: string
  interval?: string
  rules: Rule[]
}
export interface Rule {
  record?: string
  alert?: string
  expr: string
  for?: string
  keep_firing_for?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
}

/** The rules of deploy/prometheus/rules, by file. */
export function committedRules(): Map<string, { groups: RuleGroup[] }> {
  const files = readdirSync(RULES).filter((name) => name.endsWith('.yaml'))
  return new Map(files.map((name) => [name, parse(readFileSync(join(RULES, name), 'utf8'))]))
}

const UNITS_S: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }
/** Less than this is less than three scrapes a second apart. */
const LEAST_WINDOW_S = 3

/**
 * The same rules in less time: windows, `for` and intervals divided, expressions, thresholds, labels and annotations as they are. For
 * tests that can't wait. Sums over samples (`* 15`: seconds that a sample stands for) follow the interval, which becomes 1 s.
 */
export function shortenedRules(file: { groups: RuleGroup[] }, factor: number): { groups: RuleGroup[] } {
  const seconds = (text: string) =>
    [...text.matchAll(/(\d+)([smhd])/g)].reduce((sum, [, n, unit]) => sum + Number(n) * UNITS_S[unit!]!, 0)
  const shorter = (text: string, least = 0) => `${Math.max(least, Math.round(seconds(text) / factor))}s`
  return {
    groups: file.groups.map((group) => ({
      ...group,
      interval: '1s',
      rules: group.rules.map((rule) => ({
        ...rule,
        expr: rule.expr
          .replace(/\[(\d+[smhd])\]/g, (_, window: string) => `[${shorter(window, LEAST_WINDOW_S)}]`)
          .replace(/offset (\d+[smhd])/g, (_, window: string) => `offset ${shorter(window, LEAST_WINDOW_S)}`)
          .replace(/\* 15$/, '* 1'),
        ...(rule.for && { for: shorter(rule.for) }),
        ...(rule.keep_firing_for && { keep_firing_for: shorter(rule.keep_firing_for) }),
      })),
    })),
  }
}

export interface Sample {
  metric: Record<string, string>
  value: number
}
export interface FiringAlert {
  name: string
  labels: Record<string, string>
  annotations: Record<string, string>
  state: 'pending' | 'firing'
}

export interface Prometheus {
  readonly url: string
  /** An instant query. @throws Error with what Prometheus says of an expression that is wrong */
  query(expression: string): Promise<Sample[]>
  /** @param range `start`, `end`: Unix seconds; `step`: seconds. @returns the series, each with its values */
  queryRange(
    expression: string,
    range: { start: number; end: number; step: number },
  ): Promise<{ metric: Record<string, string>; values: number[] }[]>
  /** Alerts that are pending or firing. */
  alerts(): Promise<FiringAlert[]>
  /** Resolves when the query has a result that is not empty. @throws Error after `timeoutMs` */
  untilSome(expression: string, timeoutMs?: number): Promise<Sample[]>
  /** Resolves when each job has been scraped once. */
  untilScraped(timeoutMs?: number): Promise<void>
  stop(): Promise<void>
}

export interface PrometheusOptions {
  /** `host:port` by job, each with /metrics. */
  targets: Readonly<Record<string, readonly string[]>>
  /** By file name; those of the deployment unless given. */
  rules?: ReadonlyMap<string, { groups: RuleGroup[] }>
  /** 1 s unless given, for both. */
  interval?: string
  /** `host:port` */
  alertmanager?: string
}

/** A real Prometheus on a free port of loopback, with data of its own; gone when the test ends. */
export async function startPrometheus(
  t: Pick<Test, 'teardown'>,
  options: PrometheusOptions,
): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-prometheus-'))
  mkdirSync(join(folder, 'rules'))
  const rules = options.rules ?? committedRules()
  for (const [name, content] of rules) writeFileSync(join(folder, 'rules', name), stringify(content))
  const interval = options.interval ?? '1s'
  const deployed = parse(readFileSync(join(DEPLOY, 'prometheus/prometheus.yaml'), 'utf8'))
  const config = {
    global: { ...deployed.global, scrape_interval: interval, evaluation_interval: interval },
    rule_files: ['rules/*.yaml'],
    ...(options.alertmanager && {
      alerting: {
        ...deployed.alerting,
        alertmanagers: [{ static_configs: [{ targets: [options.alertmanager] }] }],
      },
    }),
    scrape_configs: Object.entries(options.targets).map(([job, targets]) => ({
      job_name: job,
      scrape_timeout: interval,
      static_configs: [{ targets }],
    })),
  }
  const file = join(folder, 'prometheus.yaml')
  writeFileSync(file, stringify(config))
  const args = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    '--web.listen-address=127.0.0.1:0',
    '--enable-feature=exemplar-storage',
    // What fires is told at once, and told again while it does.
    '--rules.alert.resend-delay=1s',
  ]
  const running = await listening(t, { program: 'prometheus', args, folder })
  const url = `http://${running.address}`
  await until('Prometheus is ready', async () => (await fetch(`${url}/-/ready`)).ok, START_MS)
  const ask = async <Data>(path: string): Promise<Data> => {
    const answer: { status: string; error?: string; data: Data } = JSON.parse(
      await (await fetch(url + path)).text(),
    )
    if (answer.status !== 'success') throw new Error(`Prometheus: ${answer.error} (${path})`)
    return answer.data
  }
  const query = async (expression: string): Promise<Sample[]> => {
    const data = await ask<QueryData>(`/api/v1/query?query=${encodeURIComponent(expression)}`)
    // A scalar is a pair of time and value.
    if (data.resultType === 'scalar') return [{ metric: {}, value: Number(data.result[1]) }]
    return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }))
  }
  const untilSome = async (expression: string, timeoutMs = 30_000) => {
    let found: Sample[] = []
    await until(
      `a result of ${expression}`,
      async () => {
        found = await query(expression)
        return found.length > 0
      },
      timeoutMs,
    )
    return found
  }
  return {
    url,
    query,
    async queryRange(expression, { start, end, step }) {
      const about = new URLSearchParams({
        query: expression,
        start: String(start),
        end: String(end),
        step: String(step),
      })
      const data = await ask<RangeData>(`/api/v1/query_range?${about}`)
      return data.result.map(({ metric, values }) => ({
        metric,
        values: values.map(([, value]) => Number(value)),
      }))
    },
    async alerts() {
      const data = await ask<{ alerts: Omit<FiringAlert, 'name'>[] }>('/api/v1/alerts')
      return data.alerts.map((alert) => ({ ...alert, name: alert.labels.alertname! }))
    },
    untilSome,
    async untilScraped(timeoutMs) {
      const jobs = Object.keys(options.targets).length
      await untilSome(`count(count by (job) (up)) == ${jobs}`, timeoutMs)
    },
    stop: running.stop,
  }
}

type QueryData =
  | { resultType: 'scalar'; result: [number, string] }
  | { resultType: 'vector'; result: { metric: Record<string, string>; value: [number, string] }[] }
interface RangeData {
  result: { metric: Record<string, string>; values: [number, string][] }[]
}

interface Route {
  receiver: string
  routes?: Route[]
}

/**
 * The committed configuration of Alertmanager with the same tree of routes and the same inhibitions, but receivers that all post to
 * `url`, each below its own name, and waits of a second: for tests, which have no Slack and no time.
 */
export function routingTo(url: string): object {
  const config = parse(readFileSync(join(DEPLOY, 'alertmanager/alertmanager.yaml'), 'utf8'))
  const atOnce = (route: Route): object => ({
    ...route,
    group_wait: '1s',
    group_interval: '1s',
    repeat_interval: '1h',
    ...(route.routes && { routes: route.routes.map(atOnce) }),
  })
  return {
    route: atOnce(config.route),
    inhibit_rules: config.inhibit_rules,
    receivers: config.receivers.map(({ name, ...kinds }: { name: string }) =>
      Object.keys(kinds).length === 0
        ? { name }
        : { name, webhook_configs: [{ url: `${url}/${name}`, send_resolved: true }] },
    ),
  }
}

/** A real Alertmanager on a free port of loopback; gone when the test ends. @param config its configuration */
export async function startAlertmanager(
  t: Pick<Test, 'teardown'>,
  config: object,
): Promise<{ address: string; url: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-alertmanager-'))
  const file = join(folder, 'alertmanager.yaml')
  writeFileSync(file, stringify(config))
  const args = [
    `--config.file=${file}`,
    `--storage.path=${join(folder, 'data')}`,
    '--web.listen-address=127.0.0.1:0',
    // One alone: no gossip.
    '--cluster.listen-address=',
  ]
  const { address, stop } = await listening(t, { program: 'alertmanager', args, folder })
  await until('Alertmanager is ready', async () => (await fetch(`http://${address}/-/ready`)).ok, START_MS)
  return { address, url: `http://${address}`, stop }
}

/** Starts a program that says where it listens, and resolves when it does. */
async function listening(
  t: Pick<Test, 'teardown'>,
  { program, args, folder }: { program: Program; args: string[]; folder: string },
): Promise<{ address: string; stop(): Promise<void> }> {
  const child = spawn(findProgram(program)!, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder })
  const stop = () => ended(child).then(() => rmSync(folder, { recursive: true, force: true }))
  t.teardown(stop)
  const address = await addressOf(child, program)
  return { address, stop }
}

function addressOf(child: ChildProcess, program: Program): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = ''
    const timer = setTimeout(() => reject(new Error(`${program} does not listen: ${log}`)), START_MS)
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-20_000)
      const [, address] = /msg="Listening on"[^\n]* address=(\S+)/.exec(log) ?? []
      if (!address) return
      clearTimeout(timer)
      resolve(address)
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`${program} ended with ${code}: ${log}`))
    })
  })
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await gone
}
