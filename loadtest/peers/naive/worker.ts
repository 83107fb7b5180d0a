import { endWithParent, passOn, type StepData, say } from '../line-protocol.ts'
import { consume, openJetStream } from './streams.ts'

const { js } = await openJetStream(process.env.PEER_NATS_URL!)
const ackWaitMs = process.env.PEER_ACK_WAIT_MS
for (const [index, name] of ['a', 'b', 'c'].entries()) {
  const step = index + 1
  await consume(
    js,
    {
      stream: 'NAIVE_STEPS',
      durable: `step-${step}`,
      filter: `naive.steps.${step}.>`,
      ackWaitMs: ackWaitMs === undefined ? undefined : Number(ackWaitMs),
    },
    async ({ id, data, working }) => {
      const result = await passOn(name, JSON.parse(new TextDecoder().decode(data)) as StepData, working)
      await js.publish(`naive.results.${step}.${id}`, JSON.stringify(result))
    },
  )
}
endWithParent()
say('ready')
