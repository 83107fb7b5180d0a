import { jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream'
import { endWithParent, say } from '../line-protocol.ts'
import { consume, openJetStream } from './streams.ts'

// What stands in the place of an orchestrator: each result is published as the next step, and the last is told whoever listens. It keeps nothing.
const LAST_STEP = 3
const { nc, js } = await openJetStream(process.env.PEER_NATS_URL!)
const jsm = await jetstreamManager(nc)
for (const name of ['TASKS', 'STEPS', 'RESULTS']) {
  const subjects = [`naive.${name.toLowerCase()}.>`]
  await jsm.streams.add({
    name: `NAIVE_${name}`,
    subjects,
    storage: StorageType.File,
    retention: RetentionPolicy.Workqueue,
  })
}
await consume(js, { stream: 'NAIVE_TASKS', durable: 'tasks', filter: 'naive.tasks.>' }, ({ id, data }) =>
  js.publish(`naive.steps.1.${id}`, data),
)
await consume(
  js,
  { stream: 'NAIVE_RESULTS', durable: 'results', filter: 'naive.results.>' },
  async ({ id, step, data }) => {
    if (Number(step) < LAST_STEP) await js.publish(`naive.steps.${Number(step) + 1}.${id}`, data)
    else nc.publish(`naive.done.${id}`, data)
  },
)
endWithParent()
say('ready')
