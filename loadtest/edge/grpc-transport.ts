import { ChannelCredentials } from '@grpc/grpc-js'
import { TaskServiceClient } from '../../services/edge/grpc/generated/v1/task_service.ts'
import type { Transport } from './measure-transport.ts'
import type { OnEvent, Watcher } from './watch-load.ts'

/** Watchers share connections as those behind a proxy do. */
const CONNECTIONS = 10
/** Without it, clients to the same address share one connection. */
const OWN_CONNECTION = { 'grpc.use_local_subchannel_pool': 1 }

/** The generated client, over one connection. */
export function grpcTransport(port: number): Transport {
  const client = new TaskServiceClient(`127.0.0.1:${port}`, ChannelCredentials.createInsecure())
  return {
    name: 'grpc',
    submit(submission) {
      return new Promise((resolve, reject) => {
        client.submitTask({ submission }, (error, response) =>
          error ? reject(error) : resolve(response.taskId!),
        )
      })
    },
    async close() {
      client.close()
    },
  }
}

/** Watching over a few connections. */
export function grpcWatching(port: number): {
  watch(taskId: string, onEvent: OnEvent): Watcher
  close(): void
} {
  const clients = Array.from(
    { length: CONNECTIONS },
    () => new TaskServiceClient(`127.0.0.1:${port}`, ChannelCredentials.createInsecure(), OWN_CONNECTION),
  )
  let next = 0
  return {
    watch(taskId, onEvent) {
      const stream = clients[next++ % CONNECTIONS]!.watchTask({ taskId })
      const ready = new Promise<void>((resolve, reject) => {
        stream.on('error', reject)
        stream.on('data', ({ item }) => {
          if (item?.$case === 'snapshot') resolve()
          else if (item?.$case === 'event') onEvent(Date.now() - item.value.atMs!)
        })
      })
      return { ready, close: () => stream.cancel() }
    },
    close() {
      for (const client of clients) client.close()
    },
  }
}
