import type { Bus } from '#platform/nats/bus.ts'
import { DETECTOR_HANGS_AFTER_MS, type ModelAnswer, modelAnswerSchema } from '#schemas/detection.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

export interface BlindnessDeps {
  bus: Pick<Bus, 'request'>
  monitor: string
  /** The model that is to look at the frames. */
  model: string
  /** Whether frames can be sent just now. */
  isOutletOpen: () => boolean
}

const ANSWER_TIMEOUT_MS = 1000

/** Why nothing comes back from a camera whose pictures come, for people: who does not answer is asked. Takes a second at most. */
export async function findBlindness({ bus, monitor, model, isOutletOpen }: BlindnessDeps): Promise<string> {
  if (!isOutletOpen()) return "frames can't be sent: the connection to NATS for frames is down or far behind"
  const [detector, isTracked] = await Promise.all([askDetectors(bus, model), answersTracker(bus, monitor)])
  if (!detector) return `no detector of ${model} answers: none runs, or it hangs`
  if (detector.state !== 'ready')
    return `the model ${model} is ${detector.state}${detector.note === undefined ? '' : `: ${detector.note}`}`
  const { instance = model, busyMs = 0 } = detector.info ?? {}
  if (busyMs > DETECTOR_HANGS_AFTER_MS)
    return `the network of detector ${instance} has worked on one picture for ${Math.round(busyMs / 1000)} s: it hangs`
  if (!isTracked) return 'the tracking of this monitor does not answer: it has ended, or hangs'
  return `detector (${instance}, ${model}) and tracking answer, but nothing that they saw has come`
}

async function askDetectors(bus: Pick<Bus, 'request'>, model: string): Promise<ModelAnswer | undefined> {
  try {
    const answer = await bus.request(SUBJECTS.detectionModel(model), {}, { timeoutMs: ANSWER_TIMEOUT_MS })
    return modelAnswerSchema.parse(answer)
  } catch {
    return undefined
  }
}

function answersTracker(bus: Pick<Bus, 'request'>, monitor: string): Promise<boolean> {
  return bus.request(SUBJECTS.monitorReady(monitor), {}, { timeoutMs: ANSWER_TIMEOUT_MS }).then(
    () => true,
    () => false,
  )
}
