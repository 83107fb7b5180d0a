import { BUCKET } from './jetstream-api.ts'
import { STREAMS } from './streams.ts'

/**
 * What is said of what has happened, and what it points at. A copy of these is taken after the log, and of all others before it: each
 * stream is copied at a moment of its own, and what is written twice after a restore (a submission that waits and was accepted, a run
 * of a schedule that was started) is known by its id, while what is in neither copy would be lost. Which partitions the log has is copied
 * after it as well: of a partition that the copy of the log has the record has to know.
 */
const AFTER_LOG: readonly string[] = [
  STREAMS.policies.name,
  STREAMS.dead.name,
  STREAMS.alerts.name,
  BUCKET.stream,
]

/** Made again from the log: the steps that are out go out once more, under the same fence. */
const MADE_AGAIN: readonly string[] = [STREAMS.steps.name]

/** The streams of a backup, in the order in which they are copied. Pure. */
export function backupStreams(): string[] {
  const names = Object.values(STREAMS).map(({ name }) => name)
  const isBefore = (name: string) =>
    name !== STREAMS.log.name && !AFTER_LOG.includes(name) && !MADE_AGAIN.includes(name)
  return [...names.filter(isBefore), STREAMS.log.name, ...AFTER_LOG]
}

/** What has to be gone before a backup is restored: what it holds, and what would not fit to it. Pure. */
export function replacedStreams(): string[] {
  return [...backupStreams(), ...MADE_AGAIN]
}

/**
 * The streams that a second site follows. Not CHECKPOINTS: what is taken away from it before its time would stay in a mirror, and bring
 * tasks back that have ended; a copy of it, of any moment, is what the log of the mirror fits to. Not the queues: what is taken out of
 * one is gone, and a mirror can't follow that. Pure.
 */
export function mirroredStreams(): string[] {
  const isQueue = (name: string) =>
    Object.values(STREAMS).some((spec) => spec.name === name && spec.retention === 'workqueue')
  return backupStreams().filter((name) => name !== STREAMS.checkpoints.name && !isQueue(name))
}
