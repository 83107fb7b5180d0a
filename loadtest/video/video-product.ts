import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LocalServers } from '../../deploy/local/servers/start-servers.ts'
import { serviceNodeOptions } from '../../deploy/local/stack/service-spec.ts'
import type { BlobRef } from '../../schemas/blob.ts'
import type { DetectorInfo } from '../../schemas/detection.ts'
import type { MonitorRequestInput } from '../../schemas/monitor-request.ts'
import { type MonitorSummary, monitorSummarySchema } from '../../schemas/monitor-steps.ts'
import type { SubmissionReceipt } from '../../schemas/submission.ts'
import type { TaskState } from '../../schemas/task.ts'
import type { BlobStore } from '../../services/platform/nats/blob-store.ts'
import { Bus } from '../../services/platform/nats/bus.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { SUBJECTS } from '../../subjects/subjects.ts'
import { ended, ready } from '../bench/service-process.ts'

const VIDEO_AGENTS = '../../services/agents/video-agents.ts'
export const PROCESSES = {
  orchestrator: '../../services/orchestrator/main.ts',
  video: VIDEO_AGENTS,
  // Each by itself, as a cluster runs them.
  capture: VIDEO_AGENTS,
  tracking: VIDEO_AGENTS,
  alerting: VIDEO_AGENTS,
  detection: '../../services/agents/video/detection/main.ts',
  noop: '../bench/noop-agents.ts',
} as const
export type ProcessName = keyof typeof PROCESSES
const ALONE: readonly ProcessName[] = ['capture', 'tracking', 'alerting']

/** Live video as it is run: its processes, and a client beside them. */
export interface VideoProduct {
  bus: Bus
  blobs: BlobStore
  detector: DetectorInfo
  pid(name: ProcessName): number
  /** Ends a process without a warning and starts another in its place; resolves when that is ready. */
  replace(name: ProcessName): Promise<void>
  /** @throws MurmurError what the orchestrator refuses */
  monitor(request: MonitorRequestInput): Promise<string>
  /** @throws Error when the monitor failed, or is not over after `timeoutMs` */
  summaryOf(taskId: string, timeoutMs: number): Promise<MonitorSummary>
  upload(bytes: Uint8Array, name: string): Promise<BlobRef>
  stop(): Promise<void>
}

/** @param env added to that of all processes: a model, a level of logs */
export async function startVideoProduct(
  servers: LocalServers,
  options: { processes?: readonly ProcessName[]; env?: Record<string, string> } = {},
): Promise<VideoProduct> {
  const env = {
    ...process.env,
    MURMUR_NATS_URL: servers.natsUrl,
    MURMUR_REDIS_URL: servers.redisUrl,
    MURMUR_LOG_LEVEL: 'warn',
    // Scenes are drawn; whoever plays real clips names another one.
    MURMUR_MODEL: process.env.MURMUR_MODEL ?? 'starter',
    MURMUR_STORAGE_GIB: '8',
    MURMUR_VIDEO_NETWORKS: '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7,127.0.0.0/8,::1/128',
    ...options.env,
  }
  const running = new Map<ProcessName, ChildProcess>()
  const start = (name: ProcessName) => {
    const child = fork(fileURLToPath(new URL(PROCESSES[name], import.meta.url)), {
      env: ALONE.includes(name) ? { ...env, MURMUR_AGENTS: name } : env,
      execArgv: serviceNodeOptions(PROCESSES[name]),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    running.set(name, child)
    return ready(child, name)
  }
  await Promise.all((options.processes ?? ['orchestrator', 'video', 'detection']).map(start))
  const bus = await Bus.connect({ url: servers.natsUrl, name: 'video bench' })
  const blobs = await bus.objects.open({ waitMs: 10_000 })
  const detector = (await bus.request(SERVICES.detectionInfo, {}, { timeoutMs: 10_000 })) as DetectorInfo
  return {
    bus,
    blobs,
    detector,
    pid: (name) => running.get(name)!.pid!,
    async replace(name) {
      const child = running.get(name)!
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await gone
      await start(name)
    },
    async monitor(request) {
      const receipt = await bus.request(
        SERVICES.submitTask,
        { type: 'monitor', input: request },
        { timeoutMs: 20_000 },
      )
      return (receipt as SubmissionReceipt).taskId
    },
    summaryOf: (taskId, timeoutMs) => summaryOf(bus, blobs, taskId, timeoutMs),
    upload: (bytes, name) => blobs.put('uploads', bytes, { contentType: 'video/mp4', name }),
    async stop() {
      await bus.close()
      await Promise.all([...running.values()].toReversed().map(ended))
    },
  }
}

/** Asks the capture of a monitor to end in order. */
export async function stopMonitor(bus: Bus, taskId: string): Promise<void> {
  await bus.request(SUBJECTS.monitorStop(taskId), {}, { timeoutMs: 5000 })
}

async function summaryOf(
  bus: Bus,
  blobs: BlobStore,
  taskId: string,
  timeoutMs: number,
): Promise<MonitorSummary> {
  const untilMs = performance.now() + timeoutMs
  for (;;) {
    const { task } = (await bus.request(SERVICES.getTask, { taskId }, { timeoutMs: 5000 })) as {
      task: TaskState
    }
    if (task.status === 'completed') return monitorSummarySchema.parse(await inline(task.output, blobs))
    if (task.finishedAtMs !== undefined)
      throw new Error(`monitor ${taskId} ${task.status}: ${JSON.stringify(task.error)}`)
    if (performance.now() > untilMs) throw new Error(`monitor ${taskId} is still ${task.status}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** A large output lies in the object store. */
async function inline(output: unknown, blobs: BlobStore): Promise<unknown> {
  if (typeof output !== 'object' || output === null || !('$json' in output)) return output
  return JSON.parse(Buffer.from(await blobs.get(output.$json as BlobRef)).toString())
}
