import type { WatchedChunks } from '#schemas/step-chunks.ts'
import type { TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import type { CliContext } from '../cli-context.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { formatDuration } from '../output/quantities.ts'
import { printable } from '../output/terminal-text.ts'
import { ChunkPrinter } from './chunk-printer.ts'
import { errorText, renderHead, renderTask, stepMark } from './render-task.ts'
import type { TaskView } from './task-view.ts'
import { type OnChange, watchToEnd } from './watch-task.ts'

const REDRAW_MS = 100
/** Without a terminal, a step's progress is told so often at most. */
const PLAIN_PROGRESS_MS = 2_000
/** Lines of steps that are not whole yet, at the same time. */
const MAX_OPEN_LINES = 4
/** Without a terminal, silence lasts so long at most. */
const PLAIN_HEARTBEAT_MS = 15_000

/** Watches a task to its end and shows it: drawn live on a terminal, line by line elsewhere. */
export async function followTask(
  context: CliContext,
  client: MurmurClient,
  taskId: string,
): Promise<TaskState> {
  const { clock, signal, terminal } = context
  const printer = new ChunkPrinter(terminal)
  if (!terminal.isLive) {
    const onChunks = (chunks: WatchedChunks) => printer.add(chunks)
    const task = await watchToEnd(taskId, plainLines(context, printer), { client, signal, onChunks })
    printer.end()
    return task
  }
  let latest: TaskView | undefined
  const draw = () => {
    if (!latest) return
    const { liveColumns: width, liveRows, paint } = terminal
    const open = printer.openLines.slice(-MAX_OPEN_LINES).map((line) => tail(line, width))
    const maxLines = liveRows - 2 - open.length
    terminal.drawLive([...open, ...renderTask(latest, { paint, nowMs: clock.nowMs(), width, maxLines })])
  }
  const timer = setInterval(draw, REDRAW_MS)
  try {
    const onChange: OnChange = (view, event) => {
      if (event?.stepId !== undefined && event.kind !== 'progress') printer.endOf(event.stepId)
      if (latest === undefined) queueMicrotask(draw)
      latest = view
    }
    const onChunks = (chunks: WatchedChunks) => {
      printer.add(chunks)
      draw()
    }
    return await watchToEnd(taskId, onChange, { client, signal, onChunks })
  } finally {
    clearInterval(timer)
    printer.end()
    terminal.clearLive()
  }
}

/** The end of a line that is too wide: what was written last. */
function tail(line: string, width: number): string {
  const characters = [...line]
  return characters.length < width ? line : `…${characters.slice(2 - width).join('')}`
}

/** Where it stands at first, then a line for each thing that happens, with the time since the task was accepted. */
function plainLines({ terminal, clock }: CliContext, printer: ChunkPrinter): OnChange {
  const reportedAtMs = new Map<string, number>()
  let loggedAtMs = Number.NEGATIVE_INFINITY
  const log = (line: string) => {
    loggedAtMs = clock.monotonicMs()
    printer.interrupted()
    terminal.log(line)
  }
  return (view, event) => {
    if (!event) {
      const isQuiet = clock.monotonicMs() - loggedAtMs > PLAIN_HEARTBEAT_MS
      if (isQuiet) log(renderHead(view, { paint: terminal.paint, nowMs: clock.nowMs() }))
      return
    }
    const { kind, stepId = '', atMs } = event
    if (kind !== 'progress') printer.endOf(stepId)
    if (kind === 'progress') {
      const sinceMs = reportedAtMs.get(stepId) ?? view.task.steps[stepId]?.dispatchedAtMs ?? atMs
      if (atMs - sinceMs < PLAIN_PROGRESS_MS) return
      reportedAtMs.set(stepId, atMs)
    }
    const line = describeEvent(view, event)
    if (line) log(`${formatDuration(atMs - view.task.createdAtMs).padStart(9)}  ${line}`)
  }
}

/** Of a step with several runs the note says which one it is, or that its fallback takes over. */
function retryingLine({ stepId, attempt, note }: TaskEvent, reason: string): string {
  if (attempt === undefined && note !== undefined)
    return `${stepMark('backoff').mark} ${stepId} failed, ${printable(note)}:${reason}`
  const about = note === undefined ? '' : ` (${printable(note)})`
  return `${stepMark('backoff').mark} ${stepId}${about} attempt ${attempt ?? 1} failed, it is tried again:${reason}`
}

/** What an event means to people; undefined for what the end says anyway. */
export function describeEvent({ task }: TaskView, event: TaskEvent): string | undefined {
  const step = event.stepId ?? ''
  const reason = event.error ? ` ${printable(errorText(event.error))}` : ''
  switch (event.kind) {
    case 'step-completed':
      return `${stepMark('completed').mark} ${step}`
    case 'step-failed':
      return `${stepMark('failed').mark} ${step}${reason}`
    case 'step-retrying':
      return retryingLine(event, reason)
    case 'step-waiting':
      return `${stepMark(task.steps[step]?.status ?? 'sleeping').mark} ${step} ${printable(event.note ?? 'waits')}`
    case 'step-skipped':
      return `${stepMark('skipped').mark} ${step} skipped`
    case 'paused':
      return `${task.type} paused${event.note === undefined ? '' : `: ${printable(event.note)}`}`
    case 'resumed':
      return `${task.type} goes on`
    case 'compensating':
      return `${task.type} undoes what it has done:${reason}`
    case 'progress': {
      const percent = event.fraction === undefined ? '' : ` ${Math.round(event.fraction * 100)} %`
      const what = `${step}${percent}${event.note ? ` ${printable(event.note)}` : ''}`
      return `${stepMark('dispatched').mark} ${what.trimStart()}`
    }
    case 'accepted':
      return undefined
    default: {
      const { mark } = stepMark(event.kind === 'completed' ? 'completed' : 'failed')
      return `${step === '' ? '' : `${mark} ${step} · `}${task.type} ${event.kind}${reason}`
    }
  }
}
