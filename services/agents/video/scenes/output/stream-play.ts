import { once } from 'node:events'
import type { SceneFrame, SceneTruth } from '#schemas/scene-truth.ts'
import type { Play, PlayOptions } from '../scenarios/play.ts'
import { y4mFrame, y4mHeader } from './y4m.ts'

/**
 * Writes all frames to a stream as fast as it takes them, from the start again for ever when told to loop.
 * @returns the truth, once the first round is through; `onTruth` hears it then too
 */
export async function streamPlay(
  play: Play,
  out: NodeJS.WritableStream,
  {
    size,
    loop = false,
    onTruth,
  }: { size: PlayOptions; loop?: boolean; onTruth?: (truth: SceneTruth) => Promise<void> },
): Promise<SceneTruth> {
  const write = async (part: string | Buffer) => {
    if (!out.write(part)) await once(out, 'drain')
  }
  await write(y4mHeader(size))
  const frames: SceneFrame[] = []
  let truth: SceneTruth | undefined
  do {
    for (let index = 0; index < play.frameCount; index++) {
      const { pixels, frame } = play.draw(index)
      if (!truth) frames.push(frame)
      await write(y4mFrame(pixels, size.width, size.height))
    }
    truth ??= play.truth(frames)
    await onTruth?.(truth)
    onTruth = undefined
  } while (loop)
  return truth
}
