import * as restate from '@restatedev/restate-sdk'
import { endWithParent, passOn, say } from './line-protocol.ts'

const chain = restate.service({
  name: 'chain',
  handlers: {
    run: async (ctx, input) => {
      let data = input
      for (const step of ['a', 'b', 'c']) {
        const before = data
        data = await ctx.run(step, () => passOn(step, before))
      }
      return data
    },
  },
})

await restate.serve({ services: [chain], port: Number(process.env.PEER_PORT) })
// The server asks a worker once what it has; after that it knows where it is.
const registered = await fetch(`${process.env.PEER_ADMIN_URL}/deployments`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ uri: `http://127.0.0.1:${process.env.PEER_PORT}`, force: true }),
})
if (!registered.ok) throw new Error(`registration: ${registered.status} ${await registered.text()}`)
endWithParent()
say('ready')
