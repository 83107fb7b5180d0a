import { basename } from 'node:path'
import type { Alert } from '#schemas/alert.ts'
import type { JsonObject } from '#schemas/json.ts'
import type { MonitorRequestInput, VideoSource, WatchRulesFile } from '#schemas/monitor-request.ts'
import type { TaskState } from '#schemas/task.ts'
import { alertTime } from '../alerts/render-alert.ts'
import type { CliContext } from '../cli-context.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { throwIfInterrupted } from '../interruption.ts'
import { formatBytes, formatDuration } from '../output/quantities.ts'
import { uploadFile } from '../transfer/upload-file.ts'
import { buildMonitorRequest, checkMonitor, type MonitorOptions } from './build-request.ts'
import { followMonitor } from './follow-monitor.ts'
import { cameraNameOf, type SourceSpec } from './parse-source.ts'
import { type SavedMonitor, saveMonitor } from './save-monitor.ts'
import { watchCamera } from './watch-camera.ts'

export interface MonitorSpec {
  source: SourceSpec
  rules: WatchRulesFile
  options: MonitorOptions
  /** Where the results go; a folder named after the task unless told. */
  outDir?: string | undefined
}

export interface FinishedMonitor extends SavedMonitor {
  task: TaskState
  /** When an alert was, for people. */
  timeOf(alert: Alert): string
}

/** Uploads what has to be, and submits. @throws CliError USAGE; MurmurError what is refused */
export async function submitMonitor(
  context: CliContext,
  client: MurmurClient,
  spec: MonitorSpec,
): Promise<string> {
  return submit(client, await prepare(context, client, spec))
}

/**
 * From a source to a summary in a folder: upload, submit, show what happens, save. The first Ctrl-C ends the monitor in order.
 * @throws CliError USAGE, TASK_FAILED, TASK_CANCELLED, INTERRUPTED, NO_SUMMARY; MurmurError what is refused
 */
export async function runMonitor(
  context: CliContext,
  client: MurmurClient,
  spec: MonitorSpec,
): Promise<FinishedMonitor> {
  const request = await prepare(context, client, spec)
  const { clock, json, terminal } = context
  const timeOf = (alert: Alert) => alertTime(alert, isRecorded(request.source))
  const watch = await watchCamera(request.camera, { clock, json, terminal, video: client.video, timeOf })
  try {
    const taskId = await submit(client, request)
    if (json) terminal.printJson({ taskId, camera: request.camera })
    else {
      const { paint } = terminal
      terminal.log(`Monitor ${paint.bold(taskId)} watches ${paint.bold(request.camera)}. Ctrl-C ends it.`)
    }
    watch.begin(taskId)
    const task = await followMonitor(context, client, taskId, watch.onTask)
    watch.end()
    return { task, timeOf, ...(await saveMonitor(context, client, task, spec.outDir)) }
  } finally {
    watch.end()
  }
}

async function prepare(
  context: CliContext,
  client: MurmurClient,
  spec: MonitorSpec,
): Promise<MonitorRequestInput> {
  // What is wrong with it is told before it is uploaded.
  checkMonitor(spec)
  const source = await uploaded(context, client, spec.source)
  return buildMonitorRequest(source, cameraNameOf(spec.source), spec.rules, spec.options)
}

async function submit(client: MurmurClient, request: MonitorRequestInput): Promise<string> {
  const { taskId } = await client.submit({ type: 'monitor', input: request as unknown as JsonObject })
  return taskId
}

async function uploaded(context: CliContext, client: MurmurClient, spec: SourceSpec): Promise<VideoSource> {
  if (spec.kind === 'remote') return spec.source
  const { clock, signal, terminal } = context
  const { path, bytes, mediaType } = spec
  const name = basename(path)
  const fromMs = clock.monotonicMs()
  const { object: blob } = await uploadFile(context, client, { path, bytes, mediaType, name })
  throwIfInterrupted(signal)
  terminal.log(`Uploaded ${name} (${formatBytes(bytes)}) in ${formatDuration(clock.monotonicMs() - fromMs)}.`)
  return { kind: 'file', blob }
}

/** Whether positions in it mean something to people. */
function isRecorded({ kind }: Pick<VideoSource, 'kind'>): boolean {
  return kind === 'file' || kind === 'scene'
}
