import { join } from 'node:path'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import * as activities from './activities.mjs'
import { say } from './line-protocol.ts'

Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: [] })
const connection = await NativeConnection.connect({ address: process.env.PEER_ADDRESS })
const worker = await Worker.create({
  connection,
  taskQueue: 'chain',
  workflowBundle: { codePath: join(import.meta.dirname, 'workflow-bundle.js') },
  activities,
  ...(process.env.PEER_IS_TUNED && { stickyQueueScheduleToStartTimeout: '1s' }),
})
const stop = () => {
  if (worker.getState() === 'RUNNING') worker.shutdown()
}
process.once('SIGTERM', stop)
process.stdin.once('end', stop).resume()
const running = worker.run()
say('ready')
await running
await connection.close()
process.exit(0)
