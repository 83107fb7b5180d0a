import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { defineAgent, done, runAgent } from '../../services/sdk/index.ts'

/** One instance with as many slots, as slow and of the version that its arguments say; it tells its parent of every step that it begins. */
const [slots = '4', workMs = '20', version = '1.0.0'] = process.argv.slice(2)
const varied = defineAgent({
  name: 'varied',
  version,
  input: z.object({}),
  output: z.object({}),
  limits: { concurrency: Number(slots) },
  async handle() {
    process.send?.({ kind: 'began' })
    await sleep(Number(workMs))
    return done({})
  },
})
await runAgent(varied)
