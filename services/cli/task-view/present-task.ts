import { MurmurError } from '#platform/errors/murmur-error.ts'
import { parseTraceparent } from '#platform/telemetry/traceparent.ts'
import type { JsonValue } from '#schemas/json.ts'
import type { TaskState } from '#schemas/task.ts'
import type { CliContext } from '../cli-context.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { loadOutput } from '../client/murmur-client.ts'
import { printable, truncate } from '../output/terminal-text.ts'
import { renderTask } from './render-task.ts'
import { taskViewOf } from './task-view.ts'

const OUTPUT_LINES = 40
const OUTPUT_COLUMNS = 200
/** Parts of an output that are larger stay references. */
const LOADED_BYTES = 4 * 1024 * 1024

/** A task's output as people want it: whole, unless it is huge or was kept long enough to be gone. */
export async function outputOf(client: MurmurClient, task: TaskState): Promise<JsonValue | undefined> {
  if (task.output === undefined) return undefined
  try {
    return await loadOutput(task.output, client, LOADED_BYTES)
  } catch (error) {
    if (error instanceof MurmurError && error.code === 'BLOB_NOT_FOUND') return task.output
    throw error
  }
}

/** A task as it stands: its steps, and what it ended with. */
export async function presentTask(
  { terminal, clock }: CliContext,
  client: MurmurClient,
  task: TaskState,
): Promise<void> {
  const { outPaint: paint, columns: width } = terminal
  const options = { paint, nowMs: clock.nowMs(), ...(width !== undefined && { width }) }
  const loaded = await outputOf(client, task)
  const output = loaded === undefined ? [] : outputLines(loaded)
  terminal.print(
    ...renderTask(taskViewOf(task), options),
    ...traceLines(task).map((line) => paint.dim(line)),
    ...(output.length > 0 ? ['', paint.dim('Output'), ...output.map((line) => `  ${line}`)] : []),
  )
}

/** The trace of a task that has one: what to look for in the store of traces and in the log. */
export function traceLines({ traceparent }: Pick<TaskState, 'traceparent'>): string[] {
  const trace = parseTraceparent(traceparent)
  if (!trace) return []
  return [`trace ${trace.traceId}${trace.sampled ? '' : ' (not sampled: no spans, only lines of the log)'}`]
}

/** JSON for people, its end left out when it is long. */
export function outputLines(output: JsonValue): string[] {
  const lines = JSON.stringify(output, null, 2)
    .split('\n')
    .map((line) => truncate(printable(line), OUTPUT_COLUMNS))
  if (lines.length <= OUTPUT_LINES) return lines
  return [
    ...lines.slice(0, OUTPUT_LINES),
    `… ${lines.length - OUTPUT_LINES} more lines, all of them with --json`,
  ]
}
