import { ChannelCredentials } from '@grpc/grpc-js'
import type { Test } from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { silentLog } from '#platform/telemetry/logger.ts'
import type { TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { OpenAccess } from '../../services/edge/access/access.ts'
import { ChunkHub } from '../../services/edge/gateway/chunk-hub.ts'
import type { EventHub, OnTaskEvent } from '../../services/edge/gateway/event-hub.ts'
import { Gateway } from '../../services/edge/gateway/gateway.ts'
import { AlertServiceClient } from '../../services/edge/grpc/generated/v1/alert_service.ts'
import { TaskServiceClient } from '../../services/edge/grpc/generated/v1/task_service.ts'
import { GrpcServer } from '../../services/edge/grpc/grpc-server.ts'

export interface OpenedGrpc {
  tasks: TaskServiceClient
  alerts: AlertServiceClient
  server: GrpcServer
  /** Tells everybody who watches the one task that there is. */
  tell(event: TaskEvent): void
  /** What watchers hold now: places among those who are told, and readers of the stream of alerts. */
  held(): { tasks: number; alerts: number }
}

/** The edge's gRPC on a free port, in this process, with one task whose events a test makes up. */
export async function openGrpc(
  t: Pick<Test, 'teardown'>,
  bus: Bus,
  { task, slowestMs }: { task: TaskState; slowestMs?: number },
): Promise<OpenedGrpc> {
  const watchers = new Set<OnTaskEvent>()
  let alertReaders = 0
  const hub = {
    watch(_taskId: string, onEvent: OnTaskEvent) {
      watchers.add(onEvent)
      return () => void watchers.delete(onEvent)
    },
    since: () => undefined,
    chunks: new ChunkHub(bus),
  } satisfies Pick<EventHub, 'watch' | 'since' | 'chunks'>
  const readers = {
    connected: true,
    streams: { lastSeq: (stream: string, subject: string) => bus.streams.lastSeq(stream, subject) },
    consumers: {
      readLog(options: Parameters<Bus['consumers']['readLog']>[0]) {
        const reader = bus.consumers.readLog(options)
        alertReaders++
        return {
          async stop() {
            alertReaders--
            await reader.stop()
          },
        }
      },
    },
  }
  class OneTask extends Gateway {
    override async get(): Promise<TaskState> {
      return task
    }
  }
  const server = new GrpcServer({
    host: '127.0.0.1',
    port: 0,
    bus: readers,
    gateway: new OneTask(bus),
    hub,
    clock: systemClock,
    log: silentLog,
    access: new OpenAccess(),
    tls: undefined,
    slowestMs,
  })
  await server.start()
  const address = `127.0.0.1:${server.port}`
  const tasks = new TaskServiceClient(address, ChannelCredentials.createInsecure())
  const alerts = new AlertServiceClient(address, ChannelCredentials.createInsecure())
  t.teardown(async () => {
    for (const client of [tasks, alerts]) client.close()
    server.quiesce()
    await server.stop()
  })
  return {
    tasks,
    alerts,
    server,
    tell(event) {
      for (const onEvent of watchers) onEvent(event)
    },
    held: () => ({ tasks: watchers.size, alerts: alertReaders }),
  }
}
