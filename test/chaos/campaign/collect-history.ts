import type { JsonValue } from '#schemas/json.ts'
import { MurmurError, messageOf } from '../../../services/platform/errors/murmur-error.ts'
import { SERVICES } from '../../../subjects/operations.ts'
import { parseLogSubject } from '../../../subjects/subjects.ts'
import type { AnsweredTask, DeadNote, HandlerNote, History, LogNote } from './checker/history.ts'
import { readJournal } from './journal.ts'
import { readStream, type StoredMessage } from './read-stream.ts'
import type { World } from './world.ts'

const REQUEST_TIMEOUT_MS = 5000
const AT_A_TIME = 16

/** What the world says when a run is over: the log, what the service answers, what stands in Redis, and what handlers wrote. */
export async function collectHistory(
  world: World,
): Promise<Pick<History, 'log' | 'purged' | 'answers' | 'stored' | 'dead' | 'handlers' | 'processes'>> {
  const { messages, purged } = await world.tap.all()
  const log = messages.flatMap(logNotesOf)
  const dead = (await readStream(world.nc, 'DEAD')).map(deadNoteOf)
  const ids = new Set(log.flatMap(({ body }) => taskIdIn(body) ?? []))
  const answers: History['answers'] = {}
  const queue = [...ids]
  const ask = async () => {
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) answers[id] = await answerOf(world, id)
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, ask))
  return {
    log,
    purged,
    dead,
    answers,
    stored: await storedStates(world),
    handlers: readJournal<HandlerNote>(world.handlersFile),
    processes: world.journal.notes,
  }
}

/** The task; null when there is none; a text when there is no answer. */
export async function answerOf(world: World, taskId: string): Promise<AnsweredTask | string | null> {
  try {
    const answer = await world.bus.request(SERVICES.getTask, { taskId }, { timeoutMs: REQUEST_TIMEOUT_MS })
    return (answer as { task: AnsweredTask }).task
  } catch (error) {
    if (error instanceof MurmurError && error.code === 'TASK_NOT_FOUND') return null
    return messageOf(error)
  }
}

/** One of a message, or one for each result of a batch: all of these have its place in the log. */
function logNotesOf({ seq, atMs, subject, data }: StoredMessage): LogNote[] {
  const address = parseLogSubject(subject)
  const about = {
    seq,
    atMs,
    partition: address?.partition ?? -1,
    kind: address?.kind ?? 'none',
    ...(address?.agent !== undefined && { agent: address.agent }),
  }
  return bodiesOf(Buffer.from(data).toString()).map((body) => ({ ...about, body }))
}

/** How a message of several results begins. */
export const BATCH = '{"v":2,"results":[\n'

/** What stands on the lines of a batch, each by itself: one may be torn. */
export function bodiesOf(text: string): (JsonValue | undefined)[] {
  if (!text.startsWith(BATCH)) return [jsonOf(text)]
  return text
    .slice(BATCH.length, text.lastIndexOf('\n'))
    .split('\n')
    .map((line) => jsonOf(line.replace(/,$/, '')))
}

function deadNoteOf({ seq, subject, data }: StoredMessage): DeadNote {
  const body = jsonOf(Buffer.from(data).toString()) as Partial<DeadNote> | undefined
  const { taskId, stepId, attempt } = typeof body === 'object' && body !== null ? body : {}
  return { seq, agent: subject.split('.')[1] ?? '', taskId, stepId, attempt }
}

function jsonOf(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}

function taskIdIn(body: JsonValue | undefined): string | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  return typeof body.taskId === 'string' ? body.taskId : undefined
}

/** A state and its definition are two keys that end in the task's id. */
async function storedStates({ redis }: World): Promise<History['stored']> {
  const keys = (await redis.keys('murmur:{p*}:*')).filter((key) => /:(state|definition):/.test(key))
  const values = keys.length === 0 ? [] : await redis.mget(keys)
  const states: Record<string, object> = {}
  for (const [i, key] of keys.entries()) {
    const id = key.slice(key.lastIndexOf(':') + 1)
    states[id] = { ...states[id], ...(JSON.parse(values[i] ?? '{}') as object) }
  }
  return states as unknown as History['stored']
}
