import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type DetectorInfo, type ModelAnswer, modelAnswerSchema } from '#schemas/detection.ts'
import type { CaptureInput } from '#schemas/monitor-steps.ts'
import type { ErrorCode } from '#schemas/problem.ts'
import { MODEL_FOR } from '#subjects/model-token.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { modelWarning } from '../models/missing-model.ts'
import type { ReadinessDeps } from './await-readiness.ts'

/** The model that a monitor needs: one by its name, or what is there for its kind of source. */
export type ModelNeed = Pick<CaptureInput, 'source'> & { model?: string | undefined }

/** A model that looks at frames, and how they get there. */
export interface ModelAtHand {
  info: DetectorInfo
  /** Frames name it; detectors of a release before know no names. */
  isNamed: boolean
  /** What speaks against relying on it for this source. */
  warning?: string | undefined
}

const REQUEST_TIMEOUT_MS = 1000
const RETRY_INTERVAL_MS = 250
/** A detector that has the model may be starting again just now. */
const NOBODY_TIMEOUT_MS = 10_000

/** `waiting`: nobody has it ready yet. `nobody`: there are detectors, and none of them knows it. */
type Looked = ModelAtHand | { waiting: string } | { nobody: string }

/**
 * Waits for the model of a monitor, however long it is being fetched and opened, or until there is a detector at all.
 * @param onWaiting told what is waited for, for people
 * @throws MurmurError MODEL_MISSING when it can't be had, MODEL_UNUSABLE when it is none; the signal's reason
 */
export async function awaitModel(
  need: ModelNeed,
  deps: ReadinessDeps,
  onWaiting: (why: string) => void,
): Promise<ModelAtHand> {
  let nobodySinceMs: number | undefined
  for (;;) {
    const looked = await lookForModel(need, deps)
    if ('info' in looked) return looked
    if ('waiting' in looked) nobodySinceMs = undefined
    else {
      nobodySinceMs ??= deps.clock.monotonicMs()
      if (deps.clock.monotonicMs() - nobodySinceMs >= NOBODY_TIMEOUT_MS)
        throw new MurmurError('MODEL_MISSING', looked.nobody)
    }
    onWaiting('waiting' in looked ? looked.waiting : looked.nobody)
    await deps.clock.sleep(RETRY_INTERVAL_MS, deps.signal)
    deps.signal.throwIfAborted()
  }
}

/**
 * Asks for the model once, which makes a detector prepare it.
 * @throws MurmurError MODEL_MISSING, MODEL_UNUSABLE
 */
export async function lookForModel(need: ModelNeed, deps: Pick<ReadinessDeps, 'bus'>): Promise<Looked> {
  const answer = await askForModel(need, deps)
  if (answer?.info) {
    const { model: name, domain } = answer
    const warning = modelWarning({ name, domain }, need.source.kind === 'scene' ? 'scene' : 'real')
    return { info: answer.info, isNamed: true, warning }
  }
  if (answer?.state === 'missing')
    throw new MurmurError((answer.code ?? 'MODEL_MISSING') as ErrorCode, answer.note ?? answer.model)
  if (answer) return { waiting: `waiting for the model: ${answer.note ?? answer.model}` }
  const { model } = need
  const offered = await offeredModels(deps)
  if (model !== undefined && offered)
    return { nobody: `no detector here knows the model ${model}; there are ${offered.join(', ')}` }
  return (await askReleaseBefore(need, deps)) ?? { waiting: 'waiting for a detector' }
}

/** What names the need in a subject. Pure. */
export function modelNeeded({ model, source }: ModelNeed): string {
  return model ?? (source.kind === 'scene' ? MODEL_FOR.scene : MODEL_FOR.real)
}

/** What detectors say of the model that is needed; undefined when nobody answers. */
export async function askForModel(
  need: ModelNeed,
  { bus }: Pick<ReadinessDeps, 'bus'>,
): Promise<ModelAnswer | undefined> {
  const subject = SUBJECTS.detectionModel(modelNeeded(need))
  const answer = await bus.request(subject, {}, { timeoutMs: REQUEST_TIMEOUT_MS }).catch(() => undefined)
  const parsed = modelAnswerSchema.safeParse(answer)
  return parsed.success ? parsed.data : undefined
}

async function offeredModels({ bus }: Pick<ReadinessDeps, 'bus'>): Promise<string[] | undefined> {
  try {
    const { models } = await bus.call('detectionModels', {}, { timeoutMs: REQUEST_TIMEOUT_MS })
    return models.map(({ name }) => name)
  } catch {
    // None is there yet, or those of a release before, which don't say.
    return undefined
  }
}

/** Detectors of a release before run one model, and fall back to the one that was trained on rendered scenes. */
async function askReleaseBefore(
  { model, source }: ModelNeed,
  { bus }: Pick<ReadinessDeps, 'bus'>,
): Promise<Looked | undefined> {
  const answer = bus.call('detectionInfo', {}, { timeoutMs: REQUEST_TIMEOUT_MS })
  const info = await answer.catch(() => undefined)
  if (!info) return undefined
  if (model !== undefined && info.model !== model)
    return { nobody: `no detector here runs the model ${model}: they run ${info.model}` }
  if (model === undefined && source.kind !== 'scene' && info.model === STARTER)
    return { nobody: `the detectors here run ${STARTER} alone, which was trained on drawn pictures` }
  return { info, isNamed: false }
}

const STARTER = 'starter'
