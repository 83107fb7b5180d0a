import { Queue, Worker } from 'bullmq'
import { endWithParent, passOn, say } from '../line-protocol.ts'
import { DONE, queueOf, redisConnection, STEPS } from './queues.ts'

const connection = redisConnection(process.env.PEER_REDIS_URL!)
const lock = process.env.PEER_LOCK_MS
for (const [index, step] of STEPS.entries()) {
  const next = STEPS[index + 1]
  const queue = new Queue(next === undefined ? DONE : queueOf(next), { connection })
  const worker = new Worker(
    queueOf(step),
    async (job) => {
      const data = await passOn(step, job.data)
      // Added once, though the step may run twice: the id is that of the task.
      await queue.add('task', data, { jobId: job.id!, removeOnComplete: true })
    },
    {
      connection,
      concurrency: 100,
      removeOnComplete: { count: 0 },
      ...(lock !== undefined && { lockDuration: Number(lock), stalledInterval: 1000 }),
    },
  )
  await worker.waitUntilReady()
}
endWithParent()
say('ready')
