import { Queue, Worker } from 'bullmq'
import { type StepData, serveTasks } from '../line-protocol.ts'
import { DONE, queueOf, redisConnection, STEPS } from './queues.ts'

const connection = redisConnection(process.env.PEER_REDIS_URL!)
const first = new Queue(queueOf(STEPS[0]), { connection })
const waiting = new Map<string, (result: StepData) => void>()
const results = new Worker(
  DONE,
  async (job) => {
    waiting.get(job.id!)?.(job.data)
    waiting.delete(job.id!)
  },
  { connection, concurrency: 100, removeOnComplete: { count: 0 } },
)
await results.waitUntilReady()

serveTasks(async (number, data) => {
  // BullMQ takes no ids that are whole numbers.
  const id = `task-${number}`
  const result = new Promise<StepData>((resolve) => waiting.set(id, resolve))
  await first.add('task', data, { jobId: id, removeOnComplete: true })
  return result
})
