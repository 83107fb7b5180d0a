import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { AckPolicy, jetstreamManager } from '@nats-io/jetstream'
import { type ConnectionOptions, connect } from '@nats-io/transport-node'
import { STREAMS } from '../../../subjects/streams.ts'
import { BENCH_CONSUMER, BENCH_STEPS, type BenchRow, benchPlan } from './bench-plan.ts'
import { type BenchFigures, readBench } from './read-bench.ts'

const execute = promisify(execFile)
/** A row that takes longer has got stuck. */
const ROW_TIMEOUT_MS = 60_000
const SERVING_TIMEOUT_MS = 5000

export interface BenchOutcome extends BenchRow {
  /** Absent when it could not be measured; then `why` says so. */
  readonly figures?: BenchFigures
  readonly why?: string
}

/**
 * Runs `nats bench` on the subjects and streams of the product, one row after the other. What it stores is taken away again.
 * @param url with who asks
 * @param isOwn the servers are there for this: also what others would notice
 */
export async function runNatsBench(
  { program, url, messages, isOwn }: { program: string; url: string; messages: number; isOwn: boolean },
  report: (line: string) => void,
): Promise<BenchOutcome[]> {
  const outcomes: BenchOutcome[] = []
  const nc = await connect(connectionOf(url))
  try {
    const jsm = await jetstreamManager(nc)
    const stream = STREAMS.steps.name
    const { config } = await jsm.streams.info(stream)
    const room = config.max_msgs_per_subject > 0 ? config.max_msgs_per_subject : undefined
    await jsm.consumers.add(stream, {
      durable_name: BENCH_CONSUMER,
      ack_policy: AckPolicy.Explicit,
      filter_subject: BENCH_STEPS,
    })
    try {
      for (const row of benchPlan(messages, room)) {
        if (row.isOwnOnly && !isOwn) continue
        const outcome = await measured(row, program, url)
        report(`${row.name}: ${outcome.figures ? `${outcome.figures.messagesPerSecond}/s` : outcome.why}`)
        outcomes.push(outcome)
      }
    } finally {
      await jsm.consumers.delete(stream, BENCH_CONSUMER)
      await jsm.streams.purge(stream, { filter: BENCH_STEPS })
    }
  } finally {
    await nc.close()
  }
  return outcomes
}

async function measured(row: BenchRow, program: string, url: string): Promise<BenchOutcome> {
  const args = (own: readonly string[]) => ['bench', ...own, '--no-progress', '--no-context']
  // In the environment: what stands in arguments everybody on the machine can read.
  const env = { ...process.env, NATS_URL: url }
  const beside = row.beside && spawn(program, args(row.beside), { env, stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    if (beside) await isServing(beside)
    const { stdout, stderr } = await execute(program, args(row.args), { env, timeout: ROW_TIMEOUT_MS })
    return { ...row, figures: readBench(`${stdout}\n${stderr}`) }
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string }
    const why = (stderr || message).trim().split('\n').at(-1)!
    return { ...row, why }
  } finally {
    await ended(beside)
  }
}

/** It says so on one of its outputs. */
async function isServing(server: ChildProcess): Promise<void> {
  const said = Promise.race([once(server.stdout!, 'data'), once(server.stderr!, 'data')])
  await Promise.race([said, sleep(SERVING_TIMEOUT_MS, undefined, { ref: false })])
  // It says so before the server of NATS has heard of it.
  await sleep(200)
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGINT')
  await exit
}

function connectionOf(url: string): ConnectionOptions {
  const { host, username, password } = new URL(url)
  return {
    servers: host,
    ...(username !== '' && { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
  }
}
