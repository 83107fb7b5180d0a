import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream'
import { consume, openJetStream } from './naive/streams.ts'

/**
 * The peer that keeps no state: three work queues in a row, each handler publishes into the next and acknowledges. What
 * JetStream itself costs for the same three steps, with awaited publishes, as one would write it on a first day.
 */
const STEPS = [1, 2, 3] as const
const UNDER_WAY = 256
const body = new TextEncoder().encode('x'.repeat(300))
const isAgent = process.argv[2] === 'agent'
if (isAgent) await runAgent(process.env.MURMUR_NATS_URL!)

/** @returns tasks a second */
export async function runNaiveChain(natsUrl: string, tasks: number): Promise<number> {
  const { nc, js } = await openJetStream(natsUrl)
  const jsm = await jetstreamManager(nc)
  for (const name of ['NAIVE_TASKS', 'NAIVE_STEPS', 'NAIVE_RESULTS']) {
    const subjects = [`naive.${name.split('_')[1]!.toLowerCase()}.>`]
    await jsm.streams.add({ name, subjects, storage: StorageType.File, retention: RetentionPolicy.Workqueue })
  }
  let done = 0
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  await consume(js, { stream: 'NAIVE_TASKS', durable: 'tasks', filter: 'naive.tasks.>' }, ({ id }) =>
    js.publish(`naive.steps.1.${id}`, body),
  )
  await consume(
    js,
    { stream: 'NAIVE_RESULTS', durable: 'results', filter: 'naive.results.>' },
    async ({ id, step }) => {
      if (Number(step) < STEPS.length) await js.publish(`naive.steps.${Number(step) + 1}.${id}`, body)
      else if (++done === tasks) finish()
    },
  )
  const agent = fork(fileURLToPath(import.meta.url), ['agent'], {
    env: { ...process.env, MURMUR_NATS_URL: natsUrl },
  })
  await new Promise((resolve) => agent.once('message', resolve))

  const startedMs = performance.now()
  const open_ = new Set<Promise<unknown>>()
  for (let i = 0; i < tasks; i++) {
    const sent: Promise<unknown> = js.publish(`naive.tasks.0.${i}`, body).finally(() => open_.delete(sent))
    open_.add(sent)
    if (open_.size >= UNDER_WAY) await Promise.race(open_)
  }
  await finished
  const seconds = (performance.now() - startedMs) / 1000
  await new Promise((resolve) => {
    agent.once('exit', resolve)
    agent.kill()
  })
  for (const name of ['NAIVE_TASKS', 'NAIVE_STEPS', 'NAIVE_RESULTS']) await jsm.streams.delete(name)
  await nc.close()
  return Math.round(tasks / seconds)
}

async function runAgent(natsUrl: string): Promise<void> {
  const { js } = await openJetStream(natsUrl)
  for (const step of STEPS) {
    await consume(
      js,
      { stream: 'NAIVE_STEPS', durable: `step-${step}`, filter: `naive.steps.${step}.>` },
      ({ id }) => js.publish(`naive.results.${step}.${id}`, body),
    )
  }
  process.send?.('ready')
}
