import type { Clock } from '#platform/clock/clock.ts'
import type { MediaFacts } from '#platform/media/media-facts.ts'
import { toNumber } from '#platform/media/rational.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { CaptureInput } from '#schemas/monitor-steps.ts'
import type { AgentLog } from '#sdk/define-agent.ts'
import { awaitModel, type ModelAtHand } from './await-model.ts'
import { borderShare, chooseSizes, type FrameSizes, modelBytes } from './decode/decode-plan.ts'
import { assertFits } from './decode/tile-plan.ts'
import type { PlayPlan } from './play-once.ts'
import type { CameraReporter } from './publish/camera-state.ts'

export interface PlanFramesDeps {
  bus: Pick<Bus, 'request' | 'call'>
  clock: Clock
  reporter: CameraReporter
  input: Pick<CaptureInput, 'source' | 'camera' | 'model' | 'tiles' | 'scores'>
  log?: Pick<AgentLog, 'info'>
  /** The largest frame that can be sent. Bytes. */
  maxFrameBytes: () => number
}

/** Says what the network is given, and where much of it is border, what would be less; a model with open sides is given what fits. */
function reportInput(
  { reporter, input: { camera }, log }: PlanFramesDeps,
  { model, inputs }: ModelAtHand['info'],
  sizes: FrameSizes,
): void {
  const border = Math.round(borderShare(sizes) * 100) / 100
  const { width, height } = sizes.part ?? sizes.input
  const wasted = `${Math.round(border * 100)} % of the ${width} × ${height} pixels that ${model} looks at are border`
  const note =
    border > WORTH_SAYING
      ? `${wasted}: it takes ${takenSizes(inputs)}; one with open height and width is given what fits`
      : undefined
  if (note !== undefined && note !== reporter.input?.note)
    log?.info({ camera, note }, 'a part of its work is wasted')
  reporter.input = { width, height, border, ...(note !== undefined && { note }) }
}

/** A border of more than this share of the input is told. */
const WORTH_SAYING = 0.15

function takenSizes(inputs: readonly { width: number; height: number }[]): string {
  return inputs.map(({ width, height }) => `${width} × ${height}`).join(', ')
}

/**
 * What frames of a source are to be like for what the model takes at this moment: another detector may have been started meanwhile.
 * @throws MurmurError MODEL_MISSING, MODEL_UNUSABLE; LIMIT_EXCEEDED where a frame for its tiles is too large; the signal's reason
 */
export async function planFrames(
  deps: PlanFramesDeps,
  { width, height, frameRate }: MediaFacts,
  signal: AbortSignal,
): Promise<Pick<PlayPlan, 'sizes' | 'about' | 'minScore'>> {
  const { reporter, input, maxFrameBytes } = deps
  const fps = frameRate && Math.round(toNumber(frameRate) * 100) / 100
  reporter.source = { width, height, ...(fps !== undefined && { fps }) }
  const model = await reportedModel(deps, signal)
  // Detectors of a release before look at whole pictures only.
  const tiles = model.isNamed ? input.tiles : undefined
  const sizes = chooseSizes({ width, height }, model.info.inputs, tiles)
  reportInput(deps, model.info, sizes)
  if (tiles) assertFits(modelBytes(sizes), tiles, maxFrameBytes())
  return {
    sizes,
    minScore: model.info.minScore,
    about: {
      ...(model.isNamed && { model: model.info.model }),
      origin: input.source.kind === 'scene' ? 'scene' : 'real',
      ...(input.scores && { scores: input.scores }),
      ...(tiles && sizes.part && { tiles: { ...tiles, ...sizes.part } }),
    },
  }
}

/**
 * Waits for the model of a monitor; the state of its camera says which it is, and until then what is waited for.
 * @throws MurmurError MODEL_MISSING, MODEL_UNUSABLE; the signal's reason
 */
async function reportedModel(
  { bus, clock, reporter, input }: Omit<PlanFramesDeps, 'maxFrameBytes'>,
  signal: AbortSignal,
): Promise<ModelAtHand> {
  const model = await awaitModel(input, { bus, clock, signal }, (why) => reporter.set('connecting', why))
  reporter.model = model.info.model
  reporter.modelWarning = model.warning
  return model
}
