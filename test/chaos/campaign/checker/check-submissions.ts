import type { PlannedTask } from '../planned-task.ts'
import type { ClientNote, Violation } from './history.ts'
import type { IndexedHistory } from './indexed-history.ts'

/** So long after a restore the archive may tell what was. */
const STALE_MS = 5000

/** 2 and 5: what was accepted is there, what was refused is not, and a key names one task for ever. */
export function checkSubmissions(indexed: IndexedHistory): Violation[] {
  const notesOf = Map.groupBy(indexed.history.clients, ({ op }) => op)
  return [
    ...[...notesOf].flatMap(([op, notes]) => checkAnswers(op, notes, indexed)),
    ...indexed.history.tasks.flatMap((task) => checkTask(task, notesOf.get(task.op) ?? [], indexed)),
    ...checkUnasked(indexed),
  ]
}

/** What a client was told, one answer at a time. */
function checkAnswers(op: string, notes: ClientNote[], indexed: IndexedHistory): Violation[] {
  const found: Violation[] = []
  const isInvalid = indexed.plannedOf.get(op)?.kind === 'invalid'
  for (const { act, phase, code, status, message, taskId, atMs } of notes) {
    if (code === 'INTERNAL') found.push({ rule: 'A5', what: `${op}: ${act} was answered with INTERNAL` })
    if (phase === 'fail' && act === 'submit' && !isInvalid && status !== 429)
      found.push({ rule: '2', what: `${op} is valid, and was refused: ${code} ${message}` })
    if (phase === 'fail' && act === 'repeat' && status !== 429)
      found.push({ rule: '5', what: `${op} was sent again, and refused: ${code} ${message}` })
    if (phase !== 'ok') continue
    if (act === 'conflict' && !wasLost(notes, indexed))
      found.push({ rule: '5', what: `${op}: another body under its key was accepted as ${taskId}` })
    const isKnown =
      taskId === undefined ||
      indexed.accepted.has(taskId) ||
      indexed.mayBeLost(atMs) ||
      wasArchived(taskId, atMs, indexed)
    if ((act === 'submit' || act === 'repeat') && !isKnown)
      found.push({
        rule: '1',
        taskId,
        what: `${op} was told of this task, and the log has never heard of it`,
      })
    if (act === 'cancel' && taskId !== undefined && !wasCancelled(taskId, atMs, indexed))
      found.push({ rule: '1', taskId, what: `${op}: its cancel was accepted, and is not in the log` })
  }
  return found
}

/** Nobody can know the key any more: the log went back behind every answer to it. */
function wasLost(notes: ClientNote[], indexed: IndexedHistory): boolean {
  const told = notes.filter(({ act, phase }) => (act === 'submit' || act === 'repeat') && phase === 'ok')
  return told.length > 0 && told.every(({ atMs }) => indexed.mayBeLost(atMs))
}

/** It ended before the log lost it, and the archive still had it: for a moment after the restore that is what is told. */
function wasArchived(taskId: string, atMs: number, { history, mayBeLost }: IndexedHistory): boolean {
  const wasTold = history.clients.some(
    (note) => note.taskId === taskId && note.phase === 'ok' && mayBeLost(note.atMs),
  )
  const isSoon = history.faults.some(
    ({ fault, endedAtMs }) =>
      fault.kind === 'nats-stale' && atMs >= endedAtMs && atMs <= endedAtMs + STALE_MS,
  )
  return wasTold && isSoon
}

function wasCancelled(taskId: string, atMs: number, indexed: IndexedHistory): boolean {
  if (indexed.mayBeLost(atMs)) return true
  const task = indexed.accepted.get(taskId)
  return !task || task.events.some(({ kind }) => kind === 'control')
}

/** What became of an operation as a whole. */
function checkTask(task: PlannedTask, notes: ClientNote[], indexed: IndexedHistory): Violation[] {
  const { op, kind, via } = task
  const ids = indexed.idsOf.get(op) ?? new Set()
  const found: Violation[] = []
  if (kind === 'invalid') {
    for (const id of ids) found.push({ rule: '2', taskId: id, what: `${op} is invalid, and was accepted` })
    if (via === 'request' && notes.some(({ act, phase }) => act === 'submit' && phase === 'ok'))
      found.push({ rule: '2', what: `${op} is invalid, and its client was told that it is accepted` })
    return found
  }
  if (ids.size > 1) found.push({ rule: '5', what: `${op} became ${ids.size} tasks: ${[...ids].join(', ')}` })
  const told = new Set(
    notes.flatMap(({ act, phase, taskId, atMs }) =>
      (act === 'submit' || act === 'repeat') && phase === 'ok' && taskId && !indexed.mayBeLost(atMs)
        ? [taskId]
        : [],
    ),
  )
  if (told.size > 1) found.push({ rule: '5', what: `${op} was told of two tasks: ${[...told].join(', ')}` })
  const stored = notes.find(({ act, phase }) => act === 'submit' && phase === 'ok')
  // What fills the queues goes through the log as well, and nothing leaves that.
  const isFull = indexed.history.faults.some(({ fault }) => fault.kind.startsWith('full-'))
  if (via === 'queue' && stored && ids.size === 0 && !indexed.mayBeLost(stored.atMs) && !isFull)
    found.push({ rule: '1', what: `${op} is in the durable queue, and was never taken in` })
  return found
}

/** States of tasks that nobody accepted. */
function checkUnasked({ history, accepted, hasGoneBack }: IndexedHistory): Violation[] {
  if (hasGoneBack) return []
  const answered = Object.entries(history.answers).flatMap(([id, answer]) =>
    typeof answer === 'object' && answer !== null ? [id] : [],
  )
  return [...new Set([...answered, ...Object.keys(history.stored)])]
    .filter((id) => !accepted.has(id))
    .map((id) => ({ rule: '2', taskId: id, what: 'is there, and was never accepted' }))
}
