import { setTimeout as sleep } from 'node:timers/promises'
import { HttpExchanger } from '../client/http-exchange.ts'
import { CallError } from '../client/load-client.ts'
import { problemError } from '../client/rest-client.ts'
import { levelAt } from '../scenarios.ts'
import { Crowd } from './crowd.ts'
import { ClosedLoop, runOpenLoop, runProbes } from './loops.ts'
import type { FromGenerator, GeneratorConfig, GeneratorResult, Probe, ToGenerator } from './messages.ts'
import { settleTasks } from './settle.ts'

// The process that puts load on a deployment: it does nothing else, and its parent reads what it has seen. It speaks to its parent over IPC
// and ends with it.

const MAX_STOP_TRIES = 20
const STOP_AGAIN_MS = 500

const tell = (message: FromGenerator) => process.send!(message)
const stopping = new AbortController()

process.on('disconnect', () => process.exit(1))
process.on('message', (message: ToGenerator) => {
  if (message.kind === 'stop') stopping.abort()
  else
    generate(message.config).then(
      (result) => {
        process.send!({ kind: 'done', result } satisfies FromGenerator, () => process.exit(0))
      },
      (error: Error) => {
        const failed: FromGenerator = {
          kind: 'failed',
          message: error instanceof CallError ? error.message : (error.stack ?? error.message),
        }
        process.send!(failed, () => process.exit(1))
      },
    )
})
// An interrupt of the terminal goes to all of its processes: what it means is the parent's to say.
process.on('SIGINT', () => undefined)
tell({ kind: 'ready' })

async function generate(config: GeneratorConfig): Promise<GeneratorResult> {
  const { scenario, address, probes: span } = config
  const crowd = new Crowd(config, await agentTypes(config))
  const { signal } = stopping
  const startedAtMs = Date.now()
  crowd.begin()
  tell({ kind: 'begun', atMs: startedAtMs })
  const closed = scenario.ratePerSecond === undefined ? new ClosedLoop(crowd, scenario) : undefined
  const usersNow = () =>
    closed?.users ?? Math.round(levelAt(scenario, crowd.elapsedMs) * scenario.ratePerSecond!)
  const ticker = setInterval(() => tick(crowd, usersNow()), crowd.recorder.bucketMs)
  const probing: Promise<Probe[]> = span ? runProbes(crowd, span, signal) : Promise.resolve([])
  let notSent = 0
  if (closed) await closed.run(signal)
  else notSent = await runOpenLoop(crowd, scenario, signal)
  const ranMs = Math.min(crowd.elapsedMs, scenario.durationMs)
  const probes = await probing
  clearInterval(ticker)
  crowd.recorder.turn(crowd.elapsedMs, 0)
  const own = crowd.own.figures
  tell({ kind: 'settling', open: crowd.ledger.openIds.length })
  const settleFromMs = performance.now()
  await stopMonitors(crowd, config)
  await settleTasks(crowd.ledger, address, {
    settleMs: config.settleMs,
    signal: new AbortController().signal,
  })
  const { recorder, ledger } = crowd
  const result: GeneratorResult = {
    startedAtMs,
    ranMs,
    settledMs: performance.now() - settleFromMs,
    isBrokenOff: signal.aborted,
    bucketMs: recorder.bucketMs,
    timeline: recorder.timeline,
    series: recorder.series,
    activities: crowd.activities,
    tasks: ledger.outcomes,
    lostIds: ledger.lostIds,
    notRemembered: ledger.notRemembered,
    reportEndsAtMs: ledger.reportEndsAtMs.map((atMs) => atMs - startedAtMs).toSorted((a, b) => a - b),
    hints: crowd.hints,
    own,
    probes,
    notSent,
  }
  crowd.close()
  return result
}

function tick(crowd: Crowd, users: number): void {
  const bucket = crowd.recorder.turn(crowd.elapsedMs, users)
  const { p50Ms, p95Ms, count, refused, errors } = crowd.recorder.soFar
  const { underWay, ledger, own } = crowd
  const progress = {
    atMs: bucket.atMs,
    users,
    underWay,
    bucket,
    p50Ms,
    p95Ms,
    answered: count,
    refused,
    errors,
    accepted: ledger.accepted,
    own: own.figures,
  }
  tell({ kind: 'progress', progress })
}

/** Those whose users went in the middle of it would otherwise run on into what is asked for at the end. */
async function stopMonitors(crowd: Crowd, { address }: GeneratorConfig): Promise<void> {
  const http = new HttpExchanger(address.restUrl, address.key)
  const stop = async (taskId: string) => {
    const path = `/v1/monitors/${taskId}/stop`
    for (let tries = 0; tries < MAX_STOP_TRIES; tries++) {
      const { status, body } = await http.exchange({ method: 'POST', path, json: {}, timeoutMs: 10_000 })
      const { retryAfterMs, isRefusal } = problemError(status, body.toString())
      if (!isRefusal) return
      await sleep(retryAfterMs ?? STOP_AGAIN_MS)
    }
  }
  // One that is over already can't be stopped; one that does not hear of it ends by itself.
  await Promise.allSettled(crowd.monitors.running.map(stop))
  http.close()
}

/** @throws Error when the deployment does not answer: there is nothing to put load on */
async function agentTypes({ address }: GeneratorConfig): Promise<string[]> {
  const http = new HttpExchanger(address.restUrl, address.key)
  const { status, body } = await http.exchange({ method: 'GET', path: '/v1/agents', timeoutMs: 10_000 })
  http.close()
  if (status !== 200) throw new Error(`${address.restUrl}/v1/agents answers ${status}: ${body}`)
  return (JSON.parse(body.toString()) as { agents: { type: string }[] }).agents.map(({ type }) => type)
}
