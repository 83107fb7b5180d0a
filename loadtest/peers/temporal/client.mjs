import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { serveTasks } from './line-protocol.ts'

const NAMESPACE_POLL_INTERVAL_MS = 500
const NAMESPACE_TIMEOUT_MS = 60_000
const connection = await Connection.connect({ address: process.env.PEER_ADDRESS, connectTimeout: '30s' })
await connection.workflowService.registerNamespace({
  namespace: 'default',
  workflowExecutionRetentionPeriod: { seconds: 24 * 3600 },
})
const client = new Client({ connection })
await namespaceIsKnown()

const isTuned = Boolean(process.env.PEER_IS_TUNED)
serveTasks((id, data) =>
  client.workflow.execute('chain', { taskQueue: 'chain', workflowId: `task-${id}`, args: [data, isTuned] }),
)

/** All parts of the server hear of a new one within some seconds. */
async function namespaceIsKnown() {
  const endMs = Date.now() + NAMESPACE_TIMEOUT_MS
  for (;;) {
    try {
      await client.workflow.count()
      await client.workflow.start('chain', {
        taskQueue: 'nobody',
        workflowId: 'first',
        workflowRunTimeout: '1s',
      })
      return
    } catch (error) {
      if (Date.now() > endMs) throw error
      await sleep(NAMESPACE_POLL_INTERVAL_MS)
    }
  }
}
