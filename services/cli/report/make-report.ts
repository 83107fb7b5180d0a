import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { blobRefSchema } from '#schemas/blob.ts'
import type { JsonObject } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import { type Report, type ReportSource, reportSchema } from '#schemas/report.ts'
import type { TaskState } from '#schemas/task.ts'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { loadOutput, type MurmurClient } from '../client/murmur-client.ts'
import { throwIfInterrupted } from '../interruption.ts'
import { count, formatBytes, formatDuration } from '../output/quantities.ts'
import { followTask } from '../task-view/follow-task.ts'
import { assertCompleted } from '../task-view/watch-task.ts'
import { uploadFile } from '../transfer/upload-file.ts'
import type { LocalFile } from './local-files.ts'

/** What a task of type `report` ends with. */
const reportOutputSchema = z.object({ report: reportSchema, html: blobRefSchema, json: blobRefSchema })

export interface ReportSpec {
  files: readonly LocalFile[]
  title?: string | undefined
  /** Where the report goes; a folder named after the task unless told. */
  outDir?: string | undefined
}

export interface FinishedReport {
  task: TaskState
  report: Report
  htmlFile: string
  jsonFile: string
}

/** From files to a report in a folder: upload, submit, watch, download. @throws CliError TASK_FAILED, NO_REPORT */
export async function makeReport(
  context: CliContext,
  client: MurmurClient,
  spec: ReportSpec,
): Promise<FinishedReport> {
  const sources = await uploadAll(context, client, spec.files)
  const input = { ...(spec.title !== undefined && { title: spec.title }), sources }
  const { taskId } = await client.submit({ type: 'report', input: input as unknown as JsonObject })
  context.terminal.log(`Task ${context.terminal.paint.bold(taskId)} accepted.`)
  const task = await followTask(context, client, taskId)
  assertCompleted(task)
  return save(context, client, task, spec.outDir)
}

async function uploadAll(
  context: CliContext,
  client: MurmurClient,
  files: readonly LocalFile[],
): Promise<ReportSource[]> {
  const { clock, terminal } = context
  const fromMs = clock.monotonicMs()
  const sources: ReportSource[] = []
  for (const [i, file] of files.entries()) {
    throwIfInterrupted(context.signal)
    const position = `${i + 1} of ${files.length}`
    const { object: blob } = await uploadFile(context, client, file, position)
    sources.push({ name: file.name, blob })
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const took = formatDuration(clock.monotonicMs() - fromMs)
  terminal.log(`Uploaded ${count(files.length, 'file')} (${formatBytes(bytes)}) in ${took}.`)
  return sources
}

async function save(
  context: CliContext,
  client: MurmurClient,
  task: TaskState,
  outDir: string | undefined,
): Promise<FinishedReport> {
  const output = reportOutputSchema.safeParse(
    await loadOutput(task.output ?? null, client, LIMITS.bufferedBlobBytes),
  )
  if (!output.success) {
    throw new CliError('NO_REPORT', `task ${task.id} ended without a report`, { cause: output.error })
  }
  const folder = resolve(context.folder, outDir ?? join('reports', task.id))
  const htmlFile = join(folder, 'report.html')
  const jsonFile = join(folder, 'report.json')
  const { report, html, json } = output.data
  await mkdir(folder, { recursive: true })
  await Promise.all([
    client.download(html).then((bytes) => writeFile(htmlFile, bytes)),
    client.download(json).then((bytes) => writeFile(jsonFile, bytes)),
  ])
  return { task, report, htmlFile, jsonFile }
}
