import { randomBytes } from 'node:crypto'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { FrameMarks } from '#schemas/camera.ts'
import { TOKEN_PATTERN } from '#schemas/identifiers.ts'
import { isTerminal } from '#schemas/task.ts'
import type { CliContext } from '../cli-context.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { throwIfInterrupted } from '../interruption.ts'
import { assertCompleted } from '../task-view/watch-task.ts'
import { parseSource } from './parse-source.ts'
import { submitMonitor } from './run-monitor.ts'

/** A camera says within this that it has a picture; one that is not watched is opened first. */
const WATCHED_TIMEOUT_MS = 5000
const OPENED_TIMEOUT_MS = 45_000
/** The monitor of a source that nobody watches ends by itself when this command can't end it. Milliseconds. */
const BRIEF_MONITOR_MS = 60_000
const POLL_INTERVAL_MS = 250
const PAGE = 100
/** Cameras that are looked through for a name, the newest first. */
const MAX_MONITORS = 1000

/**
 * What a camera sees now, as JPEG. Of a source that no monitor watches, a monitor without rules is started for as long as it takes.
 * @param name a camera, the id of its monitor, or a source: an address, a device, a scene, a file
 * @throws CliError USAGE, FILE_UNREADABLE, TASK_FAILED; MurmurError TASK_NOT_FOUND, UNAVAILABLE
 */
export async function currentFrame(
  context: CliContext,
  client: MurmurClient,
  name: string,
  marks: FrameMarks,
): Promise<Uint8Array> {
  if (TOKEN_PATTERN.test(name)) {
    const taskId = await monitorOf(client, name)
    return frameOf(context, client, taskId, { marks, timeoutMs: WATCHED_TIMEOUT_MS })
  }
  const source = parseSource(name, context.folder)
  context.terminal.log('No monitor is named: the source is opened for one picture.')
  const taskId = await submitMonitor(context, client, {
    ...{ source, rules: { zones: [], lines: [], rules: [] } },
    options: {
      camera: `look-${randomBytes(4).toString('hex')}`,
      for: BRIEF_MONITOR_MS,
      loop: true,
      pace: 'live',
    },
  })
  try {
    return await frameOf(context, client, taskId, { marks, timeoutMs: OPENED_TIMEOUT_MS })
  } finally {
    await client.cancel(taskId, 'its picture was taken').catch(() => undefined)
  }
}

/** Asked again while there is none yet: it may be opened, or handed from one instance to another. */
async function frameOf(
  { clock, signal }: CliContext,
  client: MurmurClient,
  taskId: string,
  { marks, timeoutMs }: { marks: FrameMarks; timeoutMs: number },
): Promise<Uint8Array> {
  const untilMs = clock.monotonicMs() + timeoutMs
  for (;;) {
    try {
      return await client.video.frame(taskId, marks)
    } catch (error) {
      const isNotYet =
        error instanceof MurmurError &&
        ['UNAVAILABLE', 'TASK_STATE_CONFLICT', 'OVERLOADED'].includes(error.code)
      if (error instanceof MurmurError && error.code === 'TASK_ALREADY_FINISHED')
        assertCompleted(await client.get(taskId))
      if (!isNotYet || clock.monotonicMs() > untilMs) throw error
      const task = await client.get(taskId)
      if (isTerminal(task.status)) assertCompleted(task)
    }
    throwIfInterrupted(signal)
    await clock.sleep(POLL_INTERVAL_MS, signal)
    throwIfInterrupted(signal)
  }
}

/** The monitor with this id, or the newest that watches a camera of this name. @throws MurmurError TASK_NOT_FOUND */
async function monitorOf(client: MurmurClient, name: string): Promise<string> {
  try {
    if ((await client.get(name)).type === 'monitor') return name
  } catch (error) {
    if (!(error instanceof MurmurError && error.code === 'TASK_NOT_FOUND')) throw error
  }
  const cameras = new Set<string>()
  let cursor: string | undefined
  for (let seen = 0; seen < MAX_MONITORS; ) {
    const page = await client.list({ type: 'monitor', limit: PAGE, ...(cursor !== undefined && { cursor }) })
    const open = page.tasks.filter(({ status }) => !isTerminal(status))
    const tasks = await Promise.all(open.map(({ id }) => client.get(id)))
    for (const { id, input } of tasks) {
      const camera = (input as { camera?: unknown } | null)?.camera
      if (camera === name) return id
      if (typeof camera === 'string') cameras.add(camera)
    }
    seen += PAGE
    cursor = page.nextCursor
    if (cursor === undefined) break
  }
  const others =
    cameras.size === 0 ? 'none is watched' : `watched are ${[...cameras].slice(0, 20).join(', ')}`
  throw new MurmurError('TASK_NOT_FOUND', `no monitor watches a camera "${name}" now: ${others}`)
}
