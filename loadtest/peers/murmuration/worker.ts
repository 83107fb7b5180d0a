import { z } from 'zod'
import { defineAgent, done, runAgent } from '../../../services/sdk/index.ts'
import { passOn, say } from '../line-protocol.ts'

const step = z.object({ payload: z.string(), holdMs: z.number() })
const agent = (name: string) =>
  defineAgent({
    name: `noop-${name}`,
    input: step,
    output: step,
    limits: { concurrency: 256 },
    handle: async (data) => done(await passOn(name, data)),
  })

await runAgent(agent('a'), agent('b'), agent('c'))
say('ready')
