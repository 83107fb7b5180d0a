import type { Bus, Calling } from '#platform/nats/bus.ts'
import { DETECTOR_HANGS_AFTER_MS, type DetectorInfo } from '#schemas/detection.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

export interface BlindnessDeps {
  bus: Calling & Pick<Bus, 'request'>
  monitor: string
  /** Whether frames can be sent just now. */
  isOutletOpen: () => boolean
}

const ANSWER_TIMEOUT_MS = 1000

/** Why nothing comes back from a camera whose pictures come, for people: who does not answer is asked. Takes a second at most. */
export async function findBlindness({ bus, monitor, isOutletOpen }: BlindnessDeps): Promise<string> {
  if (!isOutletOpen()) return "frames can't be sent: the connection to NATS for frames is down or far behind"
  const [detector, isTracked] = await Promise.all([askDetectors(bus), answersTracker(bus, monitor)])
  if (!detector) return 'no detector answers: none runs, or it hangs'
  const busyMs = detector.busyMs ?? 0
  if (busyMs > DETECTOR_HANGS_AFTER_MS)
    return `the network of detector ${detector.instance ?? detector.model} has worked on one picture for ${Math.round(busyMs / 1000)} s: it hangs`
  if (!isTracked) return 'the tracking of this monitor does not answer: it has ended, or hangs'
  return `detectors (${detector.model}) and tracking answer, but nothing that they saw has come`
}

function askDetectors(bus: Calling): Promise<DetectorInfo | undefined> {
  return bus.call('detectionInfo', {}, { timeoutMs: ANSWER_TIMEOUT_MS }).catch(() => undefined)
}

function answersTracker(bus: Pick<Bus, 'request'>, monitor: string): Promise<boolean> {
  return bus.request(SUBJECTS.monitorReady(monitor), {}, { timeoutMs: ANSWER_TIMEOUT_MS }).then(
    () => true,
    () => false,
  )
}
