import type { SourceFacts } from '../source/source-facts.ts'

/** Frames of a camera that are analysed, unless the request says otherwise. */
const CAMERA_FPS = 10
/** For recordings that don't say how fast they are. */
const UNKNOWN_FPS = 10

/** How frames are chosen after decoding, and how many a second come out. */
export interface RatePlan {
  filter?: string
  fps: number
}

/**
 * Cameras: frames are only left out, never shown twice. Recordings: frames at even distances, so that their time follows from
 * their number; one with a constant rate that is not above the limit is left as it is. Pure.
 */
export function planRate(facts: SourceFacts, wanted: { isCamera: boolean; fps?: number }): RatePlan {
  if (wanted.isCamera) {
    const fps = wanted.fps ?? CAMERA_FPS
    return { filter: thinOut(fps), fps: Math.min(fps, facts.fps ?? fps) }
  }
  const own = facts.fps ?? UNKNOWN_FPS
  const fps = Math.min(own, wanted.fps ?? own)
  if (fps === own && facts.constantRate) return { fps }
  return { filter: `fps=${decimal(fps)}`, fps }
}

/**
 * At most so many frames a second, spread evenly: register 0 is when the next one is due. A frame that comes up to a third of
 * a period early is taken, since cameras jitter; after a gap, and when times jump back, counting begins anew.
 */
function thinOut(fps: number): string {
  const part = (share: number) => decimal(share / fps)
  const isDue = `gte(t+${part(0.3)},ld(0))+lt(t,ld(0)-2)`
  const from = `if(lt(t,ld(0)-2),t,max(ld(0),t-${part(0.5)}))`
  return `select='if(isnan(t),1,if(${isDue},1+0*st(0,${from}+${part(1)})))'`
}

/** Never in the form 1e-7. */
function decimal(value: number): string {
  return value.toFixed(6)
}
