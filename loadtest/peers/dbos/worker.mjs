import { createServer } from 'node:http'
import { DBOS } from '@dbos-inc/dbos-sdk'
import { endWithParent, passOn, say } from './line-protocol.ts'

const chain = DBOS.registerWorkflow(
  async (input) => {
    let data = input
    for (const step of ['a', 'b', 'c']) {
      const before = data
      data = await DBOS.runStep(() => passOn(step, before), { name: step })
    }
    return data
  },
  { name: 'chain' },
)

DBOS.setConfig({
  name: 'bench-peers',
  systemDatabaseUrl: process.env.PEER_DATABASE_URL,
  applicationVersion: '1',
  executorID: 'worker',
  logLevel: 'warn',
})
await DBOS.launch()

// An application as its documentation has it: a request starts a workflow by its id, or finds it.
const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8').on('data', (chunk) => {
    body += chunk
  })
  request.once('end', async () => {
    try {
      const handle = await DBOS.startWorkflow(chain, { workflowID: request.url.slice(1) })(JSON.parse(body))
      response.end(JSON.stringify(await handle.getResult()))
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
})
server.keepAliveTimeout = 60_000
server.listen(Number(process.env.PEER_PORT), '127.0.0.1', () => {
  endWithParent()
  say('ready')
})
