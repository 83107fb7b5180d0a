import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type ConnectionOptions, Queue, Worker } from 'bullmq'

/** The peer on Redis: three BullMQ queues in a row, each worker adds to the next; a fourth queue counts. */
const STEPS = [1, 2, 3] as const
const CONCURRENCY = 100
const BULK = 200
const isAgent = process.argv[2] === 'agent'
if (isAgent) await runAgent(process.env.MURMUR_REDIS_URL!)

/** @returns tasks a second */
export async function runBullmqChain(redisUrl: string, tasks: number): Promise<number> {
  const connection = connectionTo(redisUrl)
  let done = 0
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const counter = new Worker(
    'bench-done',
    async () => {
      if (++done === tasks) finish()
    },
    { connection, concurrency: CONCURRENCY, removeOnComplete: { count: 0 } },
  )
  const agent = fork(fileURLToPath(import.meta.url), ['agent'], {
    env: { ...process.env, MURMUR_REDIS_URL: redisUrl },
  })
  await new Promise((resolve) => agent.once('message', resolve))
  const first = new Queue('bench-1', { connection })

  const startedMs = performance.now()
  const data = { payload: 'x'.repeat(280) }
  for (let i = 0; i < tasks; i += BULK) {
    const jobs = Array.from({ length: Math.min(BULK, tasks - i) }, () => ({
      name: 'task',
      data,
      opts: { removeOnComplete: true },
    }))
    await first.addBulk(jobs)
  }
  await finished
  const seconds = (performance.now() - startedMs) / 1000
  await Promise.all([counter.close(), first.close()])
  await new Promise((resolve) => {
    agent.once('exit', resolve)
    agent.kill()
  })
  return Math.round(tasks / seconds)
}

async function runAgent(redisUrl: string): Promise<void> {
  const connection = connectionTo(redisUrl)
  for (const step of STEPS) {
    const next = new Queue(step < STEPS.length ? `bench-${step + 1}` : 'bench-done', { connection })
    const worker = new Worker(
      `bench-${step}`,
      async (job) => {
        await next.add('task', job.data, { removeOnComplete: true })
      },
      { connection, concurrency: CONCURRENCY, removeOnComplete: { count: 0 } },
    )
    await worker.waitUntilReady()
  }
  process.send?.('ready')
}

function connectionTo(redisUrl: string): ConnectionOptions {
  const { hostname, port } = new URL(redisUrl)
  return { host: hostname, port: Number(port), maxRetriesPerRequest: null }
}
