import { type StepData, serveTasks } from '../line-protocol.ts'
import { openJetStream } from './streams.ts'

const { nc, js } = await openJetStream(process.env.PEER_NATS_URL!)
const waiting = new Map<string, (result: StepData) => void>()
nc.subscribe('naive.done.*', {
  callback: (_, message) => {
    const id = message.subject.split('.').at(-1)!
    waiting.get(id)?.(message.json<StepData>())
    waiting.delete(id)
  },
})

serveTasks(async (id, data) => {
  const result = new Promise<StepData>((resolve) => waiting.set(id, resolve))
  await js.publish(`naive.tasks.0.${id}`, JSON.stringify(data))
  return result
})
